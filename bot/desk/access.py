"""Who may see which dialogue: the one accessor that every page, list and live stream of the desk goes through."""

from dataclasses import dataclass
from datetime import datetime

from bot.web.auth import can, signed_in_user
from bot.web.roles import Permission
from storage.conversations import Conversation, conversation_of
from storage.database import Queries
from storage.desk import Line, open_lines
from storage.members import Member, member_by_id
from storage.users import find_user


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever works at the desk. ``sees_team`` says whether the dialogues of all agents are theirs to look at."""

    id: int
    name: str
    shown_name: str
    sees_team: bool

    @property
    def author(self) -> str:
        """How their words are recorded."""
        return f"agent:{self.name}"


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A dialogue that the actor may see. ``owner`` is the name of the agent whose lease runs, empty while there is none; ``mine``: it is the actor."""

    member: Member
    conversation: Conversation
    owner_id: int | None
    owner: str
    mine: bool
    can_change: bool

    @property
    def state(self) -> str:
        """``bot``, ``waiting``, ``mine`` or ``other``: what the page looks like."""
        if self.mine:
            return "mine"
        if self.owner_id is not None:
            return "other"
        return "bot" if self.conversation.state == "bot" else "waiting"


def current_actor() -> Actor:
    """Return who is asking, for views that are marked for signed-in users."""
    user = signed_in_user()
    return Actor(user.id, user.name, user.shown_name, can(Permission.CONVERSATIONS_TEAM))


def conversation_for(queries: Queries, actor: Actor, member_id: int, now: datetime) -> Dialogue | None:
    """Return the member's dialogue if the actor may see it, else None; absent and foreign ones are the same to whoever asks.

    An agent sees what waits and what is theirs; whoever sees the team sees everything.
    """
    conversation = conversation_of(queries, member_id)
    member = member_by_id(queries, member_id) if conversation else None
    if conversation is None or member is None:
        return None
    owner_id = conversation.agent_id if conversation.owned_by_agent(now) else None
    mine = owner_id == actor.id
    waits = owner_id is None and conversation.state != "bot"
    if not (mine or waits or actor.sees_team):
        return None
    return Dialogue(member, conversation, owner_id, owner_name(queries, owner_id), mine, mine or actor.sees_team)


def lines_for(queries: Queries, actor: Actor, now: datetime) -> list[Line]:
    """Return the open dialogues that the actor may see, by the same rule."""
    return open_lines(queries, now, agent_id=None if actor.sees_team else actor.id)


def owner_name(queries: Queries, user_id: int | None) -> str:
    """Return what people call an agent, empty for nobody."""
    user = find_user(queries, user_id) if user_id is not None else None
    return user.shown_name if user else ""
