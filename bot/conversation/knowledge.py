"""What the bot knows right now: the published intents, the matcher built from them, the replies. Read again when the revision changes."""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from intents.matching.matcher import Matcher
from intents.matching.places import Places
from intents.registry import all_intents
from intents.routing import Router
from intents.types import Intent
from storage import reply_versions, revisions, scripted_intents, stores
from storage.database import Queries
from templates.library import Library

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """One published state, whole: never a mix of two."""

    revision: int
    intents: Mapping[str, Intent]
    matcher: Matcher
    router: Router
    library: Library


def load_knowledge(queries: Queries) -> Knowledge:
    """Read everything that is published and make it ready to answer."""
    revision = revisions.current(queries)
    intents = all_intents(scripted_intents.all_scripted(queries))
    places = Places(stores.all_stores(queries))
    library = Library(reply_versions.published(queries))
    for fault in library.faults:
        log.error("a published reply cannot be used, the one before it answers: %s", fault)
    return Knowledge(
        revision, {intent.name: intent for intent in intents}, Matcher(intents, places), Router(intents), library
    )


class KnowledgeCache:
    """Keeps the newest state; one for each process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: Knowledge | None = None

    def at(self, revision: int, queries: Queries) -> Knowledge:
        """Return the state of this revision as ``queries`` sees it."""
        known = self._known
        if known is None or known.revision != revision:
            with self._lock:
                known = self._known
                if known is None or known.revision != revision:
                    known = self._known = load_knowledge(queries)
        return known

    def newest(self, queries: Queries) -> Knowledge:
        """Return the newest published state."""
        return self.at(revisions.current(queries), queries)

    def put(self, knowledge: Knowledge) -> None:
        """Use this state for as long as its revision is the newest; for trying out a draft."""
        self._known = knowledge
