"""What the bot knows right now: the published intents, the matcher built from them, the replies. Read again when the revision changes.

Intents and replies count at once. A matcher has to be learned first (a third of a second for thirty intents), and no message waits for that: a
thread learns, while the matcher from before finds what is still there. What cannot be learned leaves that one in place, and is told as a build that
failed; when nothing was learned before, the intents shipped answer.
"""

import logging
import threading
import time
import traceback
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Protocol

from bot.conversation.hearing import Hearing
from bot.delivery.window import read_quotas
from bot.wechat.quotas import Quotas
from intents.matching.decide import Thresholds, thresholds_for
from intents.matching.matcher import Matcher
from intents.matching.normalise import normalise
from intents.matching.places import Places
from intents.registry import all_intents
from intents.routing import Router
from intents.sentiment.judge import Sentiment
from intents.types import Intent, Match
from storage import examples, reply_versions, revisions, scripted_intents, sentiments, stores, strictness
from storage.coupons import campaign_names
from storage.database import Queries
from storage.examples import Published
from storage.stores import Store
from templates.library import Library

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 5.0  # a page that wants the newest state waits this long for the thread that learns it


class Understands(Protocol):
    """What tells how a message is understood."""

    def match(self, text: str, *, today: date) -> Match:
        """Return how a message is understood; dates in it are read relative to ``today``."""


class Hears(Protocol):
    """What tells how a message sounds."""

    def judge(self, text: str) -> Sentiment:
        """Return how a message sounds."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """One published state; ``matcher`` may for a moment be the one before, held to intents that are still there."""

    revision: int
    intents: Mapping[str, Intent]
    matcher: Understands
    router: Router
    library: Library
    places: Places
    hearing: Hears
    quotas: Quotas
    campaigns: tuple[str, ...]  # what each is called, normalised

    @property
    def is_learning(self) -> bool:
        """Whether the matcher is the one before, as the newest is still being learned."""
        return isinstance(self.matcher, Meanwhile)


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """A matcher of an older state that names no intent which the newer state has no more."""

    before: Understands
    intents: Container[str]

    def match(self, text: str, *, today: date) -> Match:
        """Return how the older matcher understands a message, without what is gone."""
        match = self.before.match(text, today=today)
        options = tuple(name for name in match.options if name in self.intents)
        also = tuple(name for name in match.also if name in self.intents)
        maybe = tuple(name for name in match.maybe if name in self.intents)
        intent = match.intent if match.intent in self.intents else None
        return replace(match, intent=intent, options=options, also=also, maybe=maybe)


@dataclass(frozen=True, slots=True)
class Build:
    """A matcher made of what was published at a revision, told apart by its ``fingerprint``; or why there is none."""

    revision: int
    seconds: float
    intents: int
    phrases: int
    fingerprint: str = ""
    failure: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Learnable:
    """What a matcher is made of."""

    intents: tuple[Intent, ...]
    stores: tuple[Store, ...]
    examples: Published  # what staff confirmed of what consumers said
    places: Places
    answer: float | None = None  # the confidence from which is answered, None for the usual one

    @property
    def taught(self) -> list[Intent]:
        """The intents with what staff confirmed beside their phrases."""
        said = self.examples.phrases
        return [
            replace(one, phrases=tuple(dict.fromkeys((*one.phrases, *said.get(one.name, ()))))) for one in self.intents
        ]

    def matcher(self) -> Matcher:
        """Return the matcher that learned it."""
        thresholds = Thresholds() if self.answer is None else thresholds_for(self.answer)
        return Matcher(self.taught, self.places, thresholds, foreign=self.examples.foreign)

    def same_as(self, other: "Learnable | None") -> bool:
        """Say whether a matcher made of the other would be the same."""
        return other is not None and self._told() == other._told()

    def _told(self) -> object:
        said = [(one.name, one.title, one.phrases, one.keywords, one.slots, one.offered) for one in self.intents]
        return (
            said,
            [(store.code, store.name, store.city, store.district) for store in self.stores],
            self.examples,
            self.answer,
        )


def load_knowledge(queries: Queries) -> Knowledge:
    """Read everything that is published and make it ready to answer."""
    learnable, hearing = what_to_learn(queries), Hearing()
    known = _knowledge(revisions.current(queries), learnable, learnable.matcher(), queries, hearing)
    hearing.settle(PATIENCE_SECONDS)
    return known


class PublishedReplies:
    """The published replies alone, for processes that understand nothing; read again when the revision changes."""

    def __init__(self) -> None:
        self._known: tuple[int, Library] | None = None

    def library(self, queries: Queries) -> Library:
        """Return the replies as ``queries`` sees them."""
        revision, known = revisions.current(queries), self._known
        if known is None or known[0] != revision:
            known = self._known = (revision, _library(queries))
        return known[1]


def trial(
    queries: Queries,
    *,
    phrases: Mapping[str, Sequence[str]] | None = None,
    foreign: Sequence[str] = (),
    new: Sequence[Intent] = (),
) -> Matcher:
    """Return a matcher of what is published and, beside it, phrases by intent, foreign messages, new intents: to see what they would change."""
    learnable = what_to_learn(queries)
    known, more = learnable.examples.phrases, phrases or {}
    said = {name: (*known.get(name, ()), *more.get(name, ())) for name in (*known, *more)}
    told = Published(said, (*learnable.examples.foreign, *foreign))
    return replace(learnable, intents=(*learnable.intents, *new), examples=told).matcher()


def what_to_learn(queries: Queries) -> Learnable:
    """Return all that a matcher is made of, as it is published."""
    intents = all_intents(scripted_intents.all_scripted(queries))
    known = tuple(stores.all_stores(queries))
    return Learnable(intents, known, examples.published(queries), Places(known), strictness.pinned_answer(queries))


def _knowledge(
    revision: int, learnable: Learnable, matcher: Understands, queries: Queries, hearing: Hearing
) -> Knowledge:
    intents = {intent.name: intent for intent in learnable.intents}
    router, library = Router(learnable.intents), _library(queries)
    hearing.teach(tuple((one.text, one.label) for one in sentiments.corrections(queries)))
    places, quotas = learnable.places, read_quotas(queries)
    campaigns = tuple(key for name in campaign_names(queries) if (key := normalise(name).key))
    return Knowledge(revision, intents, matcher, router, library, places, hearing, quotas, campaigns)


def _library(queries: Queries) -> Library:
    library = Library(reply_versions.published(queries))
    for fault in library.faults:
        log.error("a published reply cannot be used, the one before it answers: %s", fault)
    return library


class KnowledgeCache:
    """Keeps the newest state; one for each process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: Knowledge | None = None
        self._matcher: Matcher | None = None  # the newest that is learned, and what of
        self._learned: Learnable | None = None
        self._learning: threading.Thread | None = None
        self._hearing = Hearing()
        self._builds: list[Build] = []

    def at(self, revision: int, queries: Queries) -> Knowledge:
        """Return the state of this revision as ``queries`` sees it; only the very first time does it wait for what must be learned."""
        known = self._known
        if known is None or known.revision != revision:
            with self._lock:
                known = self._known
                if known is None or known.revision != revision:
                    known = self._known = self._load_whole(revision, queries)
        return known

    def library(self, queries: Queries) -> Library:
        """Return the published replies as ``queries`` sees them."""
        return self.at(revisions.current(queries), queries).library

    def newest(self, queries: Queries) -> Knowledge:
        """Return the newest published state, with its own matcher: for pages, which may wait a little for that."""
        known = self.at(revisions.current(queries), queries)
        self._hearing.settle(PATIENCE_SECONDS)
        learning = self._learning
        if learning is None:
            return known
        learning.join(PATIENCE_SECONDS)
        return self._known or known

    def take_builds(self) -> list[Build]:
        """Return what was learned, or could not be, since this was last asked."""
        with self._lock:
            builds, self._builds = self._builds, []
        return builds

    def put(self, knowledge: Knowledge) -> None:
        """Use this state for as long as its revision is the newest; for trying out a draft."""
        self._known = knowledge

    def _load_whole(self, revision: int, queries: Queries) -> Knowledge:
        """Read the state; again, when something was published meanwhile and may have been read in part."""
        known = self._load(revision, queries)
        while (newest := revisions.current(queries)) != known.revision:
            known = self._load(newest, queries)
        return known

    def _load(self, revision: int, queries: Queries) -> Knowledge:
        """Read the state; when it needs a new matcher, start the thread that learns it."""
        learnable = what_to_learn(queries)
        if self._matcher is None:
            self._matcher, self._learned = self._first(revision, learnable), learnable
        self._learning = None  # what an older thread still learns is out of date
        if learnable.same_as(self._learned):
            return _knowledge(revision, learnable, self._matcher, queries, self._hearing)
        meanwhile = Meanwhile(self._matcher, frozenset(intent.name for intent in learnable.intents))
        known = _knowledge(revision, learnable, meanwhile, queries, self._hearing)
        self._learning = threading.Thread(target=self._learn, args=(revision, learnable), name="learning", daemon=True)
        self._learning.start()
        return known

    def _first(self, revision: int, learnable: Learnable) -> Matcher:
        """Return the first matcher of the process: of what is published, or, when that cannot be learned, of what is shipped."""
        matcher, build = _built(revision, learnable)
        self._builds.append(build)
        return matcher or Matcher(all_intents(()), Places(()))

    def _learn(self, revision: int, learnable: Learnable) -> None:
        """Learn, then match by it, unless something newer is being learned; what fails leaves what was there before."""
        matcher, build = _built(revision, learnable)
        with self._lock:
            self._builds.append(build)
            if self._learning is threading.current_thread() and self._known is not None:
                self._learning = None
                if matcher is not None:
                    self._matcher, self._learned = matcher, learnable
                    self._known = replace(self._known, matcher=matcher)


def _built(revision: int, learnable: Learnable) -> tuple[Matcher | None, Build]:
    """Return the matcher, None when it cannot be learned, and what to tell of it."""
    started = time.perf_counter()
    phrases = sum(len(one.phrases) for one in learnable.intents)
    try:
        matcher = learnable.matcher()
    except Exception as error:  # whatever is wrong with what was published, the account goes on answering
        log.exception("what was published cannot be learned, messages are understood as before")
        seconds = time.perf_counter() - started
        return None, Build(revision, seconds, len(learnable.intents), phrases, failure=_told(error))
    seconds = time.perf_counter() - started
    return matcher, Build(
        revision, seconds, len(learnable.intents), phrases, matcher.fingerprint, figures=matcher.figures
    )


def _told(error: Exception) -> str:
    """Return an exception in one line for staff, whose own words it is about: what, and where."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"
