"""The typing sign: while an agent writes, the member's phone says so. A courtesy, so it is bounded on every side and fails in silence."""

import threading
import time
from collections.abc import Callable

from flask import Response, abort

from bot import service
from bot.delivery.window import budget
from bot.desk import asked
from bot.desk.access import conversation_for, current_actor
from bot.web.roles import Permission, requires
from bot.wechat.error_codes import Action
from bot.wechat.outcomes import Result, Sent, outcome_of
from storage.members import identities_of

EVERY_SECONDS = 8.0  # for one member; a phone shows the sign for some seconds
QUIET_SECONDS = 600.0  # after the platform said that this account may not
_AT_ONCE = 4
_MOST_MEMBERS = 4096
_NOT_ALLOWED = (Action.ALARM, Action.HALT, Action.QUOTA, Action.TOKEN)


@requires(Permission.CONVERSATIONS_OWN)
def typing(member_id: int) -> Response:
    """Show the member that the agent is typing, or (``on`` 0) no longer. The answer does not tell what came of it."""
    on = asked.form("on")["on"] != "0"
    running = service.current()
    now = running.clock()
    dialogue = conversation_for(running.database, current_actor(), member_id, now)
    if dialogue is None:
        abort(404)
    if dialogue.mine and budget(dialogue.conversation, now).open:
        identity = identities_of(running.database, [member_id]).get(member_id)
        if identity is not None:
            openid = identity.external_id
            signs.show(member_id, lambda: running.wechat.typing(openid, on=on), on=on)
    return Response(status=204)


class TypingSigns:
    """Lets through one call in a while for each member, few at once, and none for a time after the platform forbade them."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        """Begin with nobody typing; ``seconds`` is a clock that never goes back."""
        self._seconds = seconds
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(_AT_ONCE)
        self._shown_at: dict[int, float] = {}
        self._quiet_until = 0.0

    def show(self, member_id: int, call: Callable[[], Result], *, on: bool) -> bool:
        """Make the call if it is time for one, and return whether the platform took it."""
        if not self._is_time(member_id, on=on) or not self._places.acquire(blocking=False):
            return False
        try:
            result = call()
        finally:
            self._places.release()
        if isinstance(result, Sent):
            return True
        if outcome_of(result.outcome).action in _NOT_ALLOWED:
            self._quiet_until = self._seconds() + QUIET_SECONDS
        return False

    def _is_time(self, member_id: int, *, on: bool) -> bool:
        now = self._seconds()
        with self._lock:
            if now < self._quiet_until:
                return False
            shown_at = self._shown_at.get(member_id)
            if not on:  # taken back at once, and only what was shown
                return self._shown_at.pop(member_id, None) is not None
            if shown_at is not None and now < shown_at + EVERY_SECONDS:
                return False
            if len(self._shown_at) >= _MOST_MEMBERS:
                self._shown_at.clear()
            self._shown_at[member_id] = now
            return True


signs = TypingSigns()
