"""The words every part of the bot shares: what an intent is, how a message was understood, what to answer. Frozen, plain, no input or output."""

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime, time
from types import MappingProxyType
from zoneinfo import ZoneInfo

from intents.messages import Message
from storage.conversations import Conversation
from storage.database import Transaction
from storage.members import Member
from storage.records import immutable

EMPTY: Mapping[str, str] = MappingProxyType({})


@immutable(frozen=True, slots=True)
class Keyword:
    """A word or phrase that points at an intent wherever it stands in a message; of two, the higher ``priority`` wins, then the longer."""

    text: str
    priority: int = 0


@immutable(frozen=True, slots=True)
class Step:
    """One line of a card: which rule looked, what it found, what it made of it."""

    rule: str  # "menu", "pending", "exact", "case", "keyword", "learned", "fuzzy", "guard", "clause", "context", "also", "decide"
    found: str
    intent: str | None = None
    score: float = 0.0


@immutable(frozen=True, slots=True)
class Card:
    """Why a message was understood as it was: the steps in order, and the margin of the winner to the runner-up (0 to 1)."""

    steps: tuple[Step, ...] = ()
    margin: float = 0.0


@immutable(frozen=True, slots=True)
class Match:
    """How a message was understood.

    ``intent`` is the committed answer, None when refused or asked back. ``confidence`` (0 to 1) and ``guess`` belong to the best candidate, also when
    it was refused. ``options`` are up to three intents to offer, best first, when the answer is "did you mean". ``slots`` are what was found in the
    words: ``city``, ``cities`` (of several), ``district``, ``store`` (its code), ``phone``, ``coupon``, ``campaign`` (its name), ``case``, ``order``,
    ``date`` (ISO), ``time`` (HH:MM), ``number``. ``also`` are further intents, at most two, that other clauses of the message ask for just as surely;
    ``maybe`` is one that another clause may ask for.
    """

    intent: str | None
    confidence: float = 0.0
    guess: str | None = None
    options: tuple[str, ...] = ()
    slots: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    card: Card = field(default=Card())
    also: tuple[str, ...] = ()
    maybe: tuple[str, ...] = ()


@immutable(frozen=True, slots=True)
class Pending:
    """A question we asked and still want answered.

    ``intent`` gets the answer, as slot ``slot`` added to ``slots``. ``slot`` names what is wanted (``text`` takes the message as it is).
    ``options`` are the intents offered as choices, under the ``labels`` shown (then ``slot`` is ``choice``); labels without options are what a
    ``number`` picks from, to be picked by their words as well. It lapses at ``expires_at``.
    ``asked`` counts how often it was put; ``about`` is the key of the message that "did you mean" was asked about, empty for any other question.
    """

    intent: str
    slot: str
    expires_at: datetime
    slots: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    options: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    question: str = ""
    asked: int = 1
    about: str = ""


@immutable(frozen=True, slots=True)
class Ask:
    """A handler's wish to ask for ``slot`` next, keeping ``slots`` found so far; ``question`` is repeated after an interruption.

    ``labels`` are what a ``number`` picks from, where it may be picked by its words as well.
    """

    slot: str
    question: str
    slots: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    labels: tuple[str, ...] = ()


@immutable(frozen=True, slots=True)
class Choice:
    """Something to tap or type: ``label`` is shown and, when tapped, sent back as text; ``intent`` is what it leads to."""

    label: str
    intent: str


@immutable(frozen=True, slots=True)
class Reply:
    """What to answer: a template's name and plain values for it; plus what the turn should do beside.

    ``values`` hold text, numbers, truth, dates, lists and mappings of these, nothing else. ``ask`` keeps a question open. ``handoff`` puts the
    conversation in the queue for a person, for the reason given. ``choices`` are offered under the text, as links or numbered lines.
    ``listed`` are the codes of the stores shown, for the next message to point at.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    ask: Ask | None = None
    handoff: str | None = None
    choices: tuple[Choice, ...] = ()
    listed: tuple[str, ...] = ()


@immutable(frozen=True, slots=True)
class Brand:
    """What handlers may know of the account: its name, zone, when people are at the desk (equal times mean around the clock), and whether
    its orders can be asked for. ``reminder_link`` makes a link by which a member (id) allows one reminder, None where the account sends none."""

    name: str
    zone: ZoneInfo
    desk_opens: time
    desk_closes: time
    checkin_points: int = 5
    orders_known: bool = False
    reminder_link: Callable[[int, datetime], str] | None = None

    def desk_is_open(self, now: datetime) -> bool:
        """Return whether people are at the desk at this moment; closing at or before opening runs past midnight."""
        local = now.astimezone(self.zone).time()
        if self.desk_opens < self.desk_closes:
            return self.desk_opens <= local < self.desk_closes
        return self.desk_opens == self.desk_closes or local >= self.desk_opens or local < self.desk_closes

    @property
    def desk_hours_text(self) -> str:
        """The desk's hours as a consumer reads them."""
        return "全天" if self.desk_opens == self.desk_closes else f"{self.desk_opens:%H:%M}–{self.desk_closes:%H:%M}"


@immutable(frozen=True, slots=True)
class Turn:
    """One message being answered, and all a handler may use to answer it.

    ``cause`` is the key of this message: whatever of value is given out carries it, so that the same message can never give it twice. ``nth`` is 2 for
    the second wish of a message, which has a cause of its own.
    """

    message: Message
    match: Match
    member: Member
    conversation: Conversation
    brand: Brand
    now: datetime
    tx: Transaction
    intents: Mapping[str, "Intent"]
    nth: int = 1

    @property
    def cause(self) -> str:
        """The key under which this message's effects are recorded."""
        return self.message.key if self.nth == 1 else f"{self.message.key}#{self.nth}"

    @property
    def remind_link(self) -> str:
        """A link by which this member allows one reminder before their coupons expire; empty where the account sends none."""
        make = self.brand.reminder_link
        return make(self.member.id, self.now) if make else ""

    @property
    def slots(self) -> Mapping[str, str]:
        """What was found in the message, and before it in answer to our questions."""
        return self.match.slots


Found = Mapping[str, object]


@immutable(frozen=True, slots=True)
class Later:
    """A handler's wish for work that may take its time (a question to another system, say), done beside the transaction, never in it.

    ``work`` names it, ``asked`` is what it is asked with. It must only look things up: after a crash it may be done again, while its answer is given
    once. What it found becomes the reply by ``late`` of the intent, as the answer to this message when it is there in time, else through the outbox.
    """

    work: str
    asked: Mapping[str, str] = field(default_factory=lambda: EMPTY)


Handler = Callable[[Turn], Reply | Later | None]
Late = Callable[[Found | None], Reply]


@immutable(frozen=True, slots=True)
class Intent:
    """One thing the account can talk about.

    ``phrases`` are sample messages, ``keywords`` words that are enough by themselves. ``slots`` names what is worth finding in the words.
    ``menu_keys`` are menu buttons that lead here.
    ``late`` makes the reply from what a Later found, None when it found no answer; only template and values of such a reply count.
    ``interrupts`` says that its keywords count even while free text is awaited. ``offered`` says whether it may be shown in help and in "did you mean".
    """

    name: str
    title: str
    handler: Handler
    phrases: tuple[str, ...] = ()
    keywords: tuple[Keyword, ...] = ()
    slots: tuple[str, ...] = ()
    menu_keys: tuple[str, ...] = ()
    offered: bool = True
    interrupts: bool = False
    replies: tuple[str, ...] = ()
    late: Late | None = None
