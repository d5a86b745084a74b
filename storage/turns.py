"""The statements of one turn, few and lean: every message that comes in runs exactly these."""

from storage import conversations, members
from storage.conversations import Conversation, conversation_from_row
from storage.database import Queries, Transaction
from storage.members import WECHAT, Member, member_from_row
from storage.records import immutable

_WHO = "SELECT member_id FROM identities WHERE channel = :channel AND account_id = :account AND external_id = :openid"
_RECALL = (
    "SELECT "
    + ", ".join(f"m.{name}" for name in members.COLUMNS.split(", "))
    + ", "
    + ", ".join(f"c.{name}" for name in conversations.COLUMNS.split(", "))
    + ", r.revision, e.id AS seen_id FROM conversations c JOIN members m ON m.id = c.member_id JOIN revisions r ON r.id = 1 "
    "LEFT JOIN exchanges e ON e.member_id = c.member_id AND e.message_key = :key WHERE c.member_id = :member"
)
_STORED_REPLY = (
    "SELECT payload FROM exchanges WHERE member_id = :member AND id > :seen AND in_reply_to = :seen "
    "AND author = 'bot' AND status = 'replied' LIMIT 1"
)
_REMEMBER = (
    "UPDATE conversations SET pending = :pending, misses = :misses, last_template = :last_template, last_inbound_at = :last_inbound_at, "
    "unread = :unread, window_until = :window_until, window_left = :window_left, rate_started_at = :rate_started_at, rate_count = :rate_count "
    "WHERE member_id = :member AND (state <> 'agent' OR :silent = 1)"
)

_MOST_HEARD = 20_000
# Who wrote of late, by account and openid. Their id is looked up once: it never becomes another's, and one that is gone (or was never committed) recalls
# nobody, so that it is looked up anew.
_heard: dict[tuple[str, str], int] = {}


@immutable(frozen=True, slots=True)
class Recalled:
    """What a turn starts from; ``seen_id`` is the exchange that recorded this very message before, ``revision`` what is published."""

    member: Member
    conversation: Conversation
    revision: int
    seen_id: int | None


@immutable(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What a turn leaves behind in the conversation; times in milliseconds since 1970. ``silent`` means that the bot said nothing."""

    member_id: int
    silent: bool
    pending: str
    misses: int
    last_template: str
    last_inbound_at_ms: int
    unread: int
    window_until_ms: int
    window_left: int
    rate_started_at_ms: int
    rate_count: int


def recall(tx: Transaction, *, account_id: str, openid: str, key: str) -> Recalled | None:
    """Return all a turn needs to know before it starts, or None when nobody is known by this openid.

    The member's turns go one after the other from here on: the conversation stays locked until the transaction ends.
    """
    whose = account_id, openid
    heard = _heard.get(whose)
    if heard is not None and (recalled := _recall_member(tx, heard, key)) is not None:
        return recalled
    who = tx.one(_WHO, {"channel": WECHAT, "account": account_id, "openid": openid})
    if who is None:
        return None
    if len(_heard) >= _MOST_HEARD:
        _heard.clear()
    _heard[whose] = who["member_id"]
    return _recall_member(tx, who["member_id"], key)


def _recall_member(tx: Transaction, member_id: int, key: str) -> Recalled | None:
    # A statement of its own: the next one sees what was committed while this one waited. What it did not find, as its maker had not committed yet, the
    # next one may see, but not alone.
    if not conversations.hold(tx, member_id):
        return None
    row = tx.one(_RECALL, {"member": member_id, "key": key})
    if row is None:
        return None
    return Recalled(
        member_from_row(row), conversation_from_row(row, members.COLUMN_COUNT), row["revision"], row["seen_id"]
    )


def stored_reply(queries: Queries, member_id: int, seen_id: int) -> str | None:
    """Return the payload of the reply once given to an exchange, None when it was met with silence or answered through the outbox."""
    row = queries.one(_STORED_REPLY, {"member": member_id, "seen": seen_id})
    return str(row["payload"]) if row else None


def remember(tx: Transaction, after: Remembered) -> bool:
    """Write what the turn leaves behind; return False, with nothing written, when the bot spoke although an agent owns the conversation."""
    changed = tx.execute(
        _REMEMBER,
        {
            "member": after.member_id,
            "silent": int(after.silent),
            "pending": after.pending,
            "misses": after.misses,
            "last_template": after.last_template,
            "last_inbound_at": after.last_inbound_at_ms,
            "unread": after.unread,
            "window_until": after.window_until_ms,
            "window_left": after.window_left,
            "rate_started_at": after.rate_started_at_ms,
            "rate_count": after.rate_count,
        },
    )
    return changed == 1
