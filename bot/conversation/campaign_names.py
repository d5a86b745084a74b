"""A campaign asked for by nothing but its name: whoever read 冬日热饮季 on a poster types just that. Names are data of the brand, no sample phrases."""

import re
from dataclasses import replace
from datetime import datetime

from bot.conversation.knowledge import Knowledge
from intents.coupons import named_in_full
from intents.matching.context import LONGEST
from intents.matching.normalise import normalise
from intents.types import Card, Match, Step
from storage.coupons import campaigns
from storage.database import Queries

WANTED = "coupon_claim"  # the intent that answers
_CERTAIN = 1.0
_DECIDES = frozenset({"exact", "case", "keyword", "place", "context"})
_DECIDED = 0.9  # score from which such a rule did decide; a keyword may be no more than a vote
# What may stand around the name of what is wanted: 我想领…, …的券还有吗, 参加…活动. "…怎么用" is a question of another kind.
_AROUND = re.compile(
    r"我|还|想|要|领取?|拿|来|给|请|帮|参加|报名|一|这?[张个份]|的|优惠|券|活动|有|吗|呢|呀|啊|吧|了|没|[ \s]"
)


def wanted_by_name(queries: Queries, text: str, match: Match, known: Knowledge, now: datetime) -> Match:
    """Return the wish for the campaign that is named, where a message was not understood otherwise or only by likeness; else the match as it is."""
    if _is_settled(text, match) or WANTED not in known.intents or len(text) > LONGEST:
        return match
    said = normalise(text).key
    if not any(name in said for name in known.campaigns):  # what is open now is asked for only then
        return match
    claimable = [one for one in campaigns(queries) if one.kind == "claim" and one.state != "draft"]
    named = named_in_full(text, claimable, now)
    if named is None or _AROUND.sub("", said.replace(normalise(named.name).key, "", 1)):
        return match
    step = Step("campaign", named.name, WANTED, _CERTAIN)
    card = Card((*match.card.steps, step), _CERTAIN)
    return replace(match, intent=WANTED, guess=WANTED, confidence=_CERTAIN, options=(), card=card)


def _is_settled(text: str, match: Match) -> bool:
    """Say whether phrase or keyword decided, or coupons are asked after that one has already; likeness to phrases says less than a name."""
    decided = any(step.rule in _DECIDES and step.score >= _DECIDED for step in match.card.steps)
    return match.intent is not None and (decided or "我的" in text)
