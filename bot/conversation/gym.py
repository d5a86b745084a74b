"""The missed-question gym: what nothing answered, put together by what it is about; and what teaching, ignoring or a ticket would change.

Everything here but ``teach``, ``ignore``, ``ticket`` and ``undo`` only looks. These write in one transaction what they do, the decision that it can be
undone by, and the audit entry.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.conversation.knowledge import Knowledge, Understands
from intents.matching.clusters import Cluster, Unanswered, cluster, key_of
from intents.matching.decide import Thresholds
from intents.matching.naming import name_of
from intents.matching.replay import Change, changes, counted
from intents.types import Match
from storage import audit, cases, examples, missed
from storage.database import Queries, Transaction
from storage.exchanges import exchange_by_id
from storage.missed import Decision
from storage.records import immutable

MOST_MESSAGES = 20_000  # looked at, of the missed and of those asked back about
MOST_REPLAYED = 2_000  # of the newest messages
MOST_TAUGHT = 10  # wordings of a cluster that are put forward as examples
LONGEST_EXAMPLE = 60  # characters; what is longer tells a story
LONGEST_CASE = 500
NEAR = Thresholds().offer  # the confidence from which an intent is called near, as it is offered from

_NUMBER = re.compile(r"\d[\d -]{4,}\d")  # an order, a telephone: somebody's own


@immutable(frozen=True, slots=True)
class Group:
    """A cluster with the intent it comes nearest to (None: it seems to be something new), how near, and a name for a new one."""

    cluster: Cluster
    nearest: str | None
    confidence: float
    name: str

    @property
    def examples(self) -> list[str]:
        """The wordings put forward as examples: said most, short enough, without what looks like somebody's number."""
        fit = [one.text.strip() for one in self.cluster.wordings if _is_example(one.text)]
        return list(dict.fromkeys(fit))[:MOST_TAUGHT]

    @property
    def texts(self) -> dict[str, int]:
        """Every wording, and how often it was said."""
        return {one.text: one.times for one in self.cluster.wordings}


@immutable(frozen=True, slots=True)
class Board:
    """What is left to look at: the groups, largest first; ``messages`` are all of them, ``answered`` those that would be answered by now."""

    groups: tuple[Group, ...]
    messages: int
    answered: int

    def group(self, key: str) -> Group | None:
        """Return the group whose cluster has this key, None when there is none any more."""
        return next((group for group in self.groups if group.cluster.key == key), None)


@immutable(frozen=True, slots=True)
class Effect:
    """What a change brings: of ``size`` messages of the group so many are ``answered`` by the intent, or ``asked`` back with it; other messages' changes."""

    size: int
    answered: int
    asked: int
    others: list[Change]
    replayed: int


def board(queries: Queries, knowledge: Knowledge, now: datetime, zone: ZoneInfo, days: int) -> Board:
    """Return what nothing answered in the last days, and nothing would answer now."""
    found = missed.unanswered(queries, since=now - timedelta(days=days), limit=MOST_MESSAGES)
    settled = missed.settled_wordings(queries)
    keys = {text: key_of(text) for text in dict.fromkeys(one.text for one in found)}
    today = now.astimezone(zone).date()
    matches = {text: knowledge.matcher.match(text, today=today) for text, key in keys.items() if key not in settled}
    open_ones = [one for one in found if one.text in matches and matches[one.text].intent is None]
    clusters = cluster(Unanswered(one.id, one.text, one.said_at.astimezone(zone).date()) for one in open_ones)
    taken = set(knowledge.intents)
    groups = tuple(_group(one, matches, taken) for one in clusters)
    answered = sum(one.text in matches and matches[one.text].intent is not None for one in found)
    return Board(groups, sum(group.cluster.size for group in groups), answered)


def _group(found: Cluster, matches: Mapping[str, Match], taken: set[str]) -> Group:
    near: dict[str, float] = {}
    for wording in found.wordings:
        match = matches[wording.text]
        if match.guess is not None:
            near[match.guess] = near.get(match.guess, 0.0) + wording.times * match.confidence
    intent = min(near, key=lambda name: (-near[name], name), default="")
    confidence = near.get(intent, 0.0) / found.size
    return Group(found, intent if confidence >= NEAR else None, confidence, name_of(found.title, taken))


def _is_example(text: str) -> bool:
    return len(text) <= LONGEST_EXAMPLE and "\n" not in text.strip() and not _NUMBER.search(text)


def effect(
    queries: Queries,
    group: Group,
    before: Understands,
    after: Understands,
    *,
    wanted: Sequence[str],
    since: datetime,
    today: date,
) -> Effect:
    """Return what it brings that messages are understood by ``after`` instead of ``before``: to the group, and to the newest other messages."""
    answered, asked = counted(group.texts, after, today, wanted)
    own = {wording.key for wording in group.cluster.wordings}
    recent = missed.recent_texts(queries, since=since, limit=MOST_REPLAYED)
    others = Counter(text for text in recent if key_of(text) not in own)
    return Effect(group.cluster.size, answered, asked, changes(others, before, after, today), len(recent))


def teach(tx: Transaction, group: Group, intent: str, phrases: Sequence[str], *, by: str, now: datetime) -> int:
    """Make phrases examples of an intent, and publish them; return how many were new."""
    known = examples.published(tx).phrases.get(intent, ())
    added = [
        text
        for text in dict.fromkeys(phrases)
        if text not in known and examples.add(tx, text=text, intent=intent, source="missed", by=by, now=now)
    ]
    size = group.cluster.size
    missed.decide(
        tx,
        kind="taught",
        title=group.cluster.title,
        intent=intent,
        messages=size,
        made={"examples": added},
        wordings=(),
        by=by,
        now=now,
    )
    audit.record(tx, f"user:{by}", "missed.taught", intent, f"examples={len(added)} messages={size}", now)
    return len(added)


def ignore(tx: Transaction, group: Group, *, by: str, now: datetime) -> None:
    """Learn the group's first wordings as none of ours, and show it no more."""
    known = examples.published(tx).foreign
    added = [
        text
        for text in group.examples
        if text not in known and examples.add(tx, text=text, intent=None, source="missed", by=by, now=now)
    ]
    _settle(tx, group, "ignored", {"examples": added}, by, now)


def ticket(tx: Transaction, group: Group, *, by: str, now: datetime) -> str:
    """Open a case for people about the group, under the name of who said it last, and show it no more; return the case's number."""
    newest = exchange_by_id(tx, group.cluster.newest_id)
    assert newest is not None, "messages are never deleted while their clusters are looked at"
    said = " / ".join(wording.text for wording in group.cluster.wordings[:3])
    case = cases.open_case(
        tx,
        newest.member_id,
        kind="message",
        text=f"{group.cluster.title} × {group.cluster.size}: {said}"[:LONGEST_CASE],
        cause=f"missed:{newest.id}",
        now=now,
    )
    _settle(tx, group, "ticketed", {"case": case.id, "number": case.number}, by, now)
    return case.number


def _settle(
    tx: Transaction,
    group: Group,
    kind: Literal["ignored", "ticketed"],
    made: Mapping[str, object],
    by: str,
    now: datetime,
) -> None:
    title, size = group.cluster.title, group.cluster.size
    wordings = [wording.key for wording in group.cluster.wordings]
    missed.decide(tx, kind=kind, title=title, intent="", messages=size, made=made, wordings=wordings, by=by, now=now)
    audit.record(tx, f"user:{by}", f"missed.{kind}", group.cluster.key, f"messages={size}", now)


def undo(tx: Transaction, decision_id: int, *, by: str, now: datetime) -> Decision | None:
    """Take back what a decision put down; return it, None when there is nothing to take back any more."""
    decision = missed.undo(tx, decision_id, by=by, now=now)
    if decision is None:
        return None
    for text in decision.made.get("examples", ()):
        examples.decide(tx, text=text, intent=decision.intent or None, status="refused", by=by, now=now)
    if "case" in decision.made:
        cases.close_case(tx, decision.made["case"])
    audit.record(tx, f"user:{by}", "missed.undone", str(decision.id), decision.kind, now)
    return decision
