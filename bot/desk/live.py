"""The desk's live stream: the lists whenever they change, a word when the open dialogue did, and a sentence when one was lost to a colleague."""

import time
from collections.abc import Iterator, Sequence

from flask import Response, request

from bot import service
from bot.desk.access import Actor, conversation_for, current_actor, lines_for, owner_name
from bot.desk.asked import number
from bot.desk.views import queue_fragment
from bot.desk.words import member_words
from bot.web.live import event, stream
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from storage import sentiments
from storage.changes import Change
from storage.conversations import conversation_of
from storage.database import Queries
from storage.desk import Line
from storage.members import member_by_id

WAIT_SECONDS = 3.0
FEWEST_SECONDS_BETWEEN = 0.5  # a busy minute is told in steps, not message by message


@requires(Permission.CONVERSATIONS_OWN)
def live() -> Response:
    """Follow what changes for the person signed in; ``member`` names the dialogue that is open on the page."""
    return stream(_events(_Watch(current_actor(), number(request.args.get("member")))))


def _events(watch: "_Watch") -> Iterator[str]:
    feed = service.current().feed
    position = feed.position()
    yield watch.look(()) + event("dialogue")  # what happened while the page was not connected
    while True:
        found = feed.after(position, timeout_seconds=WAIT_SECONDS)
        position = found[-1].id if found else position
        told = watch.look(found)
        if told:
            time.sleep(FEWEST_SECONDS_BETWEEN)
        yield told


class _Watch:
    """What one page knows, compared with what is so now."""

    def __init__(self, actor: Actor, member_id: int | None) -> None:
        self._actor = actor
        self._member_id = member_id
        self._lines: list[Line] | None = None
        self._seen = False
        self._alerted: tuple[tuple[int, int], ...] = ()

    def look(self, changes: Sequence[Change]) -> str:
        """Return the events that bring the page up to date, empty when nothing changed for it."""
        running = service.current()
        told = []
        lines = lines_for(running.database, self._actor, running.clock())
        alerted = _alerted(running.database) if self._actor.sees_team else ()
        if lines != self._lines or alerted != self._alerted:
            told = [event("told", sentence) for sentence in self._lost(lines)]
            told.append(event("queue", queue_fragment(self._actor, lines)))
            self._lines, self._alerted = lines, alerted
        if self._member_id is not None:
            told.append(self._about_open(self._member_id, changes))
        return "".join(told)

    def _about_open(self, member_id: int, changes: Sequence[Change]) -> str:
        running = service.current()
        now = running.clock()
        visible = conversation_for(running.database, self._actor, member_id, now) is not None
        before, self._seen = self._seen, visible
        if before and not visible:
            return event("gone", self._where_it_went(member_id))
        if visible and any(change.member_id == member_id for change in changes):
            return event("dialogue")
        return ""

    def _lost(self, lines: Sequence[Line]) -> list[str]:
        """Return a sentence for each dialogue that was the actor's and is somebody else's now, or waits again."""
        mine = {line.member_id for line in lines if line.owner_id == self._actor.id}
        sentences = []
        for line in self._lines or ():
            if line.owner_id == self._actor.id and line.member_id not in mine:
                words = self._where_it_went(line.member_id)
                if words:
                    sentences.append(words)
        return sentences

    def _where_it_went(self, member_id: int) -> str:
        """Say who has the dialogue now; empty when the bot has it again, which its agent did on purpose."""
        running = service.current()
        conversation, member = conversation_of(running.database, member_id), member_by_id(running.database, member_id)
        if conversation is None or member is None or conversation.state == "bot":
            return ""
        name = member_words(member)
        if conversation.owned_by_agent(running.clock()):
            owner = owner_name(running.database, conversation.agent_id)
            return gettext("%(owner)s接手了与%(name)s的对话。", owner=owner, name=name)
        return gettext("与%(name)s的对话太久没有动静，已回到队列。", name=name)


def _alerted(queries: Queries) -> tuple[tuple[int, int], ...]:
    """Return which alerts there are, and how many messages each has."""
    return tuple((burst.id, len(burst.exchange_ids)) for burst in sentiments.unseen_bursts(queries))
