"""What an agent does to a dialogue, each a function of one transaction. They may run in another thread than the request's: no Flask in here."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.conversation import correcting
from bot.delivery import posting
from bot.delivery.posting import LONGEST_WAIT, Posted
from bot.delivery.window import budget
from bot.desk.access import Actor, Dialogue, conversation_for, owner_name
from bot.desk.errors import Absent, CannotSay, Done, NotTheirs, SaidOtherwise
from bot.wechat.service_messages import CannotSend
from storage import audit, cases, changes, conversations, outbox
from storage.conversations import conversation_of, handoffs_of
from storage.database import Transaction
from storage.desk import queued_messages
from storage.exchanges import Exchange, exchange_by_id
from storage.members import Member, identities_of, update_profile
from storage.sentiments import Label
from templates.content import Content

JUST_NOW = timedelta(minutes=5)  # everybody at the desk saw it in the queue: who took it is no secret yet


@dataclass(frozen=True, slots=True)
class Task:
    """Who acts on which member's dialogue, when, and for how long it then stays theirs."""

    actor: Actor
    member_id: int
    lease: timedelta
    now: datetime

    def note(self, tx: Transaction, *topics: str) -> None:
        """Tell open pages."""
        for topic in topics:
            changes.note(tx, topic, self.member_id, self.now)

    def log(self, tx: Transaction, action: str, detail: str = "") -> None:
        """Write down who did it."""
        audit.record(tx, f"user:{self.actor.name}", action, f"member:{self.member_id}", detail, self.now)


def take(tx: Transaction, task: Task) -> None:
    """Make the dialogue the actor's. Raises NotTheirs when another was faster, Absent."""
    dialogue = conversation_for(tx, task.actor, task.member_id, task.now)
    if dialogue is None:
        raise _lost(tx, task)
    if dialogue.mine:
        return
    if not conversations.take(tx, task.member_id, agent_id=task.actor.id, lease=task.lease, now=task.now):
        # Without an owner yet: somebody came between the two statements.
        raise NotTheirs(dialogue.owner) if dialogue.owner else _lost(tx, task)
    task.note(tx, "owner", "queue")
    task.log(tx, "conversation.taken")


def _lost(tx: Transaction, task: Task) -> Absent | NotTheirs:
    """Return what to tell someone who is too late: whose it is, as long as it left the queue only just now."""
    conversation = conversation_of(tx, task.member_id)
    if conversation is None or not conversation.owned_by_agent(task.now):
        return Absent()
    newest = handoffs_of(tx, task.member_id, limit=1)
    if newest and newest[0].taken_at and task.now - newest[0].taken_at < JUST_NOW:
        return NotTheirs(owner_name(tx, conversation.agent_id))
    return Absent()


def take_over(tx: Transaction, task: Task, from_agent_id: int) -> None:
    """Make a colleague's dialogue the actor's. Raises Absent, NotTheirs when it is no longer that colleague's."""
    dialogue = _seen(tx, task)
    if dialogue.owner_id != from_agent_id or not conversations.take_over(
        tx,
        task.member_id,
        from_agent_id=from_agent_id,
        agent_id=task.actor.id,
        lease=task.lease,
        now=task.now,
    ):
        raise NotTheirs(dialogue.owner)
    task.note(tx, "owner", "queue")
    task.log(tx, "conversation.taken_over", f"from {dialogue.owner}")


def keep(tx: Transaction, task: Task) -> None:
    """Extend the actor's lease and count all as read. Raises NotTheirs, Absent."""
    before = conversation_of(tx, task.member_id)
    if not conversations.keep(tx, task.member_id, agent_id=task.actor.id, lease=task.lease, now=task.now):
        raise NotTheirs(_seen(tx, task).owner)
    if before is not None and before.unread:
        task.note(tx, "queue")


def say(tx: Transaction, task: Task, text: str, client_id: str, *, waits: bool = False) -> Posted:
    """Post the actor's words, once for a client id; with ``waits`` they go out with the member's next contact when the reply window is closed.

    Raises NotTheirs, Absent, CannotSay, SaidOtherwise.
    """
    posted = say_content(tx, task, Content("text", text=text), client_id, waits=waits)
    if not posted.is_new:
        said = exchange_by_id(tx, posted.exchange_id)
        if said is None or said.text != text:
            raise SaidOtherwise
    return posted


def may_say(tx: Transaction, task: Task, client_id: str) -> bool:
    """Return whether something new can be said under this client id; False when it said something already.

    Raises NotTheirs, Absent, CannotSay.
    """
    keep(tx, task)
    if outbox.by_cause(tx, task.member_id, _cause(task, client_id)) is not None:
        return False
    _check_window(tx, task, waits=False)
    return True


def say_content(tx: Transaction, task: Task, content: Content, client_id: str, *, waits: bool = False) -> Posted:
    """Post what the actor has to say, of any kind; what was said under the same client id before stays. ``waits`` is as for ``say``.

    Raises NotTheirs, Absent, CannotSay.
    """
    keep(tx, task)
    cause = _cause(task, client_id)
    known = outbox.by_cause(tx, task.member_id, cause)
    if known is not None:
        return Posted(known.exchange_id, is_new=False)
    _check_window(tx, task, waits=waits)
    identity = identities_of(tx, [task.member_id]).get(task.member_id)
    if identity is None:
        raise CannotSay("46004")
    try:
        return posting.post(
            tx,
            identity=identity,
            content=content,
            author=task.actor.author,
            cause=cause,
            now=task.now,
            wait_until=task.now + LONGEST_WAIT if waits else None,
        )
    except CannotSend as error:
        raise CannotSay(error.outcome) from error


def _cause(task: Task, client_id: str) -> str:
    return f"{task.actor.author}:{client_id}"


def _check_window(tx: Transaction, task: Task, *, waits: bool) -> None:
    """Refuse what could not be delivered any more, counting what is still on its way."""
    dialogue = _seen(tx, task)
    if dialogue.member.unsubscribed_at is not None and not dialogue.member.subscribed:
        raise CannotSay("43004")
    if waits:
        return
    left = budget(dialogue.conversation, task.now)
    if not left.seconds_left:
        raise CannotSay(why_closed(dialogue, task.now))
    if left.messages_left <= queued_messages(tx, task.member_id, task.now):
        raise CannotSay("window_spent")


def why_closed(dialogue: Dialogue, now: datetime) -> str:
    """Return the code that says why nothing can be said now."""
    if dialogue.member.unsubscribed_at is not None and not dialogue.member.subscribed:
        return "43004"
    in_time = dialogue.conversation.window_until_ms > now.timestamp() * 1000
    return "window_spent" if in_time else "window_closed"


def say_again(tx: Transaction, task: Task, message_id: int) -> None:
    """Send a message again whose delivery failed or is unsure. Raises NotTheirs, Absent, Done."""
    keep(tx, task)
    message = outbox.by_id(tx, message_id)
    if message is None or message.member_id != task.member_id:
        raise Absent
    if not posting.send_again(tx, message_id, task.now):
        raise Done
    task.log(tx, "message.sent_again", f"message:{message_id}")


def hand_back(tx: Transaction, task: Task, note: str, farewell: str, client_id: str) -> None:
    """Say farewell, unless it is empty, and let the bot answer again. Raises NotTheirs, Absent, CannotSay, SaidOtherwise."""
    if farewell:
        say(tx, task, farewell, client_id)
    if not conversations.hand_back(tx, task.member_id, agent_id=task.actor.id, note=note, now=task.now):
        raise NotTheirs(_seen(tx, task).owner)
    task.note(tx, "owner", "queue")
    task.log(tx, "conversation.handed_back")


def close_case(tx: Transaction, task: Task, case_id: int) -> None:
    """Mark one of the member's cases as dealt with. Raises NotTheirs, Absent, Done."""
    _changeable(tx, task)
    case = next((case for case in cases.cases_of(tx, task.member_id) if case.id == case_id), None)
    if case is None:
        raise Absent
    if not cases.close_case(tx, case_id):
        raise Done
    task.note(tx, "owner")
    task.log(tx, "case.closed", case.number)


def correct_sentiment(tx: Transaction, task: Task, exchange_id: int, label: Label) -> Exchange:
    """Say that a message of the member sounds otherwise, and return it as it is now. Raises Absent."""
    _seen(tx, task)
    said = exchange_by_id(tx, exchange_id)
    if said is None or said.member_id != task.member_id or said.sentiment is None:
        raise Absent
    correcting.correct_sentiment(tx, said, label, by=task.actor.name, now=task.now)
    return replace(said, sentiment=label)


@dataclass(frozen=True, slots=True)
class Profile:
    """What an agent may note about a member; ``phone`` None leaves it as it is."""

    name: str
    phone: str | None
    city: str
    remark: str
    tags: tuple[str, ...]


def note_profile(tx: Transaction, task: Task, profile: Profile) -> None:
    """Replace what is noted about the member. Raises NotTheirs, Absent."""
    member = _changeable(tx, task).member
    phone = member.phone if profile.phone is None else profile.phone
    update_profile(
        tx, member.id, name=profile.name, phone=phone, city=profile.city, remark=profile.remark, tags=profile.tags
    )
    changed = changed_fields(member, profile, phone)
    if changed:
        task.note(tx, "owner")
        task.log(tx, "member.changed", ", ".join(changed))


def changed_fields(member: Member, profile: Profile, phone: str) -> list[str]:
    """Return the names of what is new; the values stay out of the log."""
    pairs = {
        "name": (member.name, profile.name),
        "phone": (member.phone, phone),
        "city": (member.city, profile.city),
        "remark": (member.remark, profile.remark),
        "tags": (member.tags, profile.tags),
    }
    return [name for name, (old, new) in pairs.items() if old != new]


def reveal_phone(tx: Transaction, task: Task, reason: str) -> str:
    """Return the member's phone number, and write down who looked and why. Raises NotTheirs, Absent."""
    member = _changeable(tx, task).member
    task.log(tx, "member.phone_revealed", reason)
    return member.phone


def _seen(tx: Transaction, task: Task) -> Dialogue:
    dialogue = conversation_for(tx, task.actor, task.member_id, task.now)
    if dialogue is None:
        raise Absent
    return dialogue


def _changeable(tx: Transaction, task: Task) -> Dialogue:
    dialogue = _seen(tx, task)
    if not dialogue.can_change:
        raise NotTheirs(dialogue.owner)
    if dialogue.mine:
        conversations.keep(tx, task.member_id, agent_id=task.actor.id, lease=task.lease, now=task.now)
    return dialogue
