"""A campaign asked for, or after, by nothing but its name: whoever read 冬日热饮季 on a poster types just that. Names are data of the brand, no phrases."""

import re
from dataclasses import replace
from datetime import datetime

from bot.conversation.knowledge import Knowledge
from intents.coupons import named_in_full
from intents.matching.abbreviated import AROUND, stands_for
from intents.matching.context import LONGEST
from intents.matching.normalise import normalise
from intents.types import Card, Match, Step
from storage.coupons import campaigns
from storage.database import Queries

WANTED, USAGE, LIST = "coupon_claim", "coupon_usage", "coupon_list"  # the intents that answer
_CERTAIN = 1.0
_DECIDES = frozenset({"exact", "case", "keyword", "place", "context"})
_DECIDED = 0.9  # score from which such a rule did decide; a keyword may be no more than a vote
# Asked of a campaign that is named: …怎么用; …还剩多少张, …什么时候结束, …是什么意思.
_USE = re.compile(r"(?:到底|该|具体|在)?(?:怎么|咋|如何|哪儿?|哪里|哪些|什么)?(?:店|时候)?(?:使用|用|核销)(?:不了)?")
_ABOUT = re.compile(r"(?:剩下?|多少|几|到|什么时候|时候|号|哪天|结束|截止|开始|是|什么|意思|规则|条件|怎么回事|内容)+")
_LONG_ENOUGH = 0.5  # of a name, for its characters alone to stand for it: 桂花季 for 桂花季尝鲜


def wanted_by_name(queries: Queries, text: str, match: Match, known: Knowledge, now: datetime) -> Match:
    """Return the wish for the campaign that is named, where a message was not understood otherwise or only by likeness; else the match as it is."""
    if _is_settled(text, match) or WANTED not in known.intents or len(text) > LONGEST:
        return match
    said = normalise(text).key
    in_full = any(name in said for name in known.campaigns)
    short = None if in_full or match.intent else stands_for(text, known.campaigns, share=_LONG_ENOUGH)
    if not in_full and short is None:  # what is open now is asked for only where a name stands
        return match
    claimable = [one for one in campaigns(queries) if one.kind == "claim" and one.state != "draft"]
    named = named_in_full(text if short is None else known.campaigns[short], claimable, now)
    if named is None:
        return match
    if short is not None:
        return _of(match, WANTED, named.name)
    rest = AROUND.sub("", said.replace(normalise(named.name).key, "", 1))
    intent = WANTED if not rest else USAGE if _USE.fullmatch(rest) else LIST if _ABOUT.fullmatch(rest) else None
    if intent == LIST and named.closed(now) is not None:
        intent = WANTED  # which says from when, or that it is over, and gives nothing
    return _of(match, intent, named.name) if intent in known.intents and intent is not None else match


def _of(match: Match, intent: str, name: str) -> Match:
    """Return the match with the intent that is asked of a campaign, by its name."""
    card = Card((*match.card.steps, Step("campaign", name, intent, _CERTAIN)), _CERTAIN)
    slots = {**match.slots, "campaign": name}
    return replace(match, intent=intent, guess=intent, confidence=_CERTAIN, options=(), slots=slots, card=card)


def _is_settled(text: str, match: Match) -> bool:
    """Say whether phrase or keyword decided, or coupons are asked after that one has already; likeness to phrases says less than a name."""
    decided = any(step.rule in _DECIDES and step.score >= _DECIDED for step in match.card.steps)
    return match.intent is not None and (decided or "我的" in text)
