"""The missed-question gym: what nothing answered, by what it is about; one click teaches it, ignores it, or gives it to people, and shows what that changes."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.console import intents as intent_pages
from bot.console.form import fields, is_fragment, number
from bot.console.replies import knowledge, today
from bot.conversation import gym
from bot.conversation.gym import Board, Effect, Group
from bot.conversation.knowledge import Knowledge, Understands, trial
from bot.service import current
from bot.web.auth import signed_in_user
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from intents.matching.replay import Outcome
from intents.types import Intent, Reply, Turn
from storage import missed
from storage.examples import LONGEST_TEXT

pages = Blueprint("gym", __name__, url_prefix="/gym")
DAYS = (7, 14, 30)
MOST_GROUPS = 30  # on the page; the small ones come up as the large ones are done
MOST_PHRASES = 20
FRESH_FOR = timedelta(minutes=1)
_EXTENSION = "zhaohu_console_gym"


@dataclass
class Boards:
    """The newest board of each span of days, for one process; made anew when something was decided or published, and after a minute."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    kept: dict[int, tuple[object, datetime, Board]] = field(default_factory=dict)

    def of(self, days: int, known: Knowledge) -> Board:
        """Return the board; whoever comes while it is made waits for it."""
        service = current()
        now, decided = service.clock(), missed.newest_decisions(service.database, 1)
        state = (known.revision, [(one.id, one.undone_at) for one in decided])
        with self.lock:
            kept = self.kept.get(days)
            if kept is None or kept[0] != state or not now - FRESH_FOR <= kept[1] <= now:
                made = gym.board(service.database, known, now, service.settings.timezone, days)
                kept = self.kept[days] = (state, now, made)
            return kept[2]


@dataclass(frozen=True, slots=True)
class Given:
    """What a form sends: the group it is about, over so many days; the intent chosen, empty when none was; the phrases as they stand."""

    group: Group
    days: int
    intent: str
    phrases: tuple[str, ...]


@pages.get("/")
@requires(Permission.INTENTS_WRITE)
def index() -> str:
    """Show what nothing answered."""
    days = _days(request.args.get("days", ""))
    known = knowledge()
    found = _boards().of(days, known)
    return render_template(
        "console/gym.html",
        board=found,
        groups=found.groups[:MOST_GROUPS],
        days=days,
        spans=DAYS,
        choices=teachable(known),
        titles=titles(known.intents),
        decisions=missed.newest_decisions(current().database),
        decision_label=decision_label,
    )


@pages.post("/preview")
@requires(Permission.INTENTS_WRITE)
def preview() -> str:
    """Show what teaching the phrases would change, to the intent chosen or, with none, as a new one; nothing is kept."""
    known = knowledge()
    given = _given(known)
    if not given.phrases:
        abort(422, description=gettext("请至少留一句例句。"))
    database = current().database
    if given.intent:
        after = trial(database, phrases={given.intent: given.phrases})
    else:
        new = Intent(given.group.name, given.group.cluster.title, _unanswered, given.phrases)
        after = trial(database, new=[new])
    effect = _effect(given, known.matcher, after, given.intent or given.group.name)
    return _shown("console/_gym_effect.html", given, effect, known)


@pages.post("/teach")
@requires(Permission.INTENTS_WRITE)
def teach() -> Response | str:
    """Make the phrases examples of the intent chosen."""
    known = knowledge()
    given = _given(known)
    if not given.intent or not given.phrases:
        abort(422, description=gettext("请选一个意图，并至少留一句例句。"))
    now, user = current().clock(), signed_in_user()
    added = current().database.write(
        lambda tx: gym.teach(tx, given.group, given.intent, given.phrases, by=user.name, now=now)
    )
    title = known.intents[given.intent].title
    told = gettext("已教给“%(title)s” %(n)d 句。", title=title, n=added)
    return _done(given, known, told, wanted=given.intent)


@pages.post("/ignore")
@requires(Permission.INTENTS_WRITE)
def ignore() -> Response | str:
    """Learn that the group is none of ours."""
    known = knowledge()
    given = _given(known)
    now, user = current().clock(), signed_in_user()
    current().database.write(lambda tx: gym.ignore(tx, given.group, by=user.name, now=now))
    return _done(given, known, gettext("记住了：这些与我们无关，以后不再列出。"))


@pages.post("/ticket")
@requires(Permission.INTENTS_WRITE)
def ticket() -> Response | str:
    """Give the group to people, as a case."""
    known = knowledge()
    given = _given(known)
    now, user = current().clock(), signed_in_user()
    case = current().database.write(
        lambda tx: gym.ticket(tx, given.group, by=user.name, now=now.astimezone(current().settings.timezone))
    )
    return _done(given, known, gettext("已转成工单 %(number)s，在客服台处理。", number=case))


@pages.post("/start")
@requires(Permission.INTENTS_WRITE)
def start() -> str:
    """Show the form of a new scripted intent, filled in with the group's name and phrases; it is kept when that is sent."""
    given = _given(knowledge())
    title, name = given.group.cluster.title, given.group.name
    return intent_pages.new_form(name, title, given.phrases)


@pages.post("/undo")
@requires(Permission.INTENTS_WRITE)
def undo() -> Response:
    """Take back what was decided."""
    given = fields("decision", "days")
    decision_id = number(given["decision"])
    now, user = current().clock(), signed_in_user()
    undone = current().database.write(lambda tx: gym.undo(tx, decision_id or 0, by=user.name, now=now))
    if undone is None:
        flash(gettext("这件事已经撤销过了。"), "warning")
    else:
        knowledge()  # learned before the page says that it is done
        flash(gettext("已撤销：“%(title)s”。", title=undone.title), "success")
    return redirect(url_for(".index", days=_days(given["days"])))


def teachable(known: Knowledge) -> list[Intent]:
    """Return the intents that examples can be given to: those that are known by what people say."""
    return [intent for intent in known.intents.values() if intent.phrases or intent.keywords]


def titles(intents: Mapping[str, Intent]) -> dict[str, str]:
    """Return what intents are called, by name."""
    return {name: intent.title for name, intent in intents.items()}


def outcome_label(outcome: Outcome, names: Mapping[str, str]) -> str:
    """Return what a message leads to, in words."""
    told = "、".join(names.get(name, name) for name in outcome.intents)
    if outcome.act == "answer":
        return gettext("回答：%(intents)s", intents=told)
    return gettext("反问：%(intents)s", intents=told) if outcome.act == "ask" else gettext("没听懂")


def decision_label(kind: str) -> str:
    """Return what a decision is called."""
    return {"taught": gettext("教给了意图"), "ignored": gettext("与我们无关"), "ticketed": gettext("转了工单")}[kind]


def _boards() -> Boards:
    found = current_app.extensions.setdefault(_EXTENSION, Boards())
    assert isinstance(found, Boards)
    return found


def _days(text: str) -> int:
    days = number(text)
    return days if days in DAYS else DAYS[1]


def _given(known: Knowledge) -> Given:
    """Return what the form sends; 409 when its group is no more, 422 for phrases or an intent that cannot be."""
    sent = fields("cluster", "days", "intent", areas=("phrases",))
    days = _days(sent["days"])
    group = _boards().of(days, known).group(sent["cluster"])
    if group is None:
        abort(409, description=gettext("这一组刚刚变了，请刷新后再看。"))
    phrases = tuple(dict.fromkeys(line.strip() for line in sent["phrases"].split("\n") if line.strip()))
    if len(phrases) > MOST_PHRASES or any(len(phrase) > LONGEST_TEXT for phrase in phrases):
        reason = gettext("一次最多 %(most)d 句，每句最多 %(long)d 个字。", most=MOST_PHRASES, long=LONGEST_TEXT)
        abort(422, description=reason)
    if sent["intent"] and sent["intent"] not in {intent.name for intent in teachable(known)}:
        abort(422, description=gettext("没有这个意图。"))
    return Given(group, days, sent["intent"], phrases)


def _effect(given: Given, before: Understands, after: Understands, *wanted: str) -> Effect:
    service = current()
    since = service.clock() - timedelta(days=given.days)
    return gym.effect(service.database, given.group, before, after, wanted=wanted, since=since, today=today())


def _done(given: Given, before: Knowledge, told: str, wanted: str = "") -> Response | str:
    """Show what was done, what it changed, and how to undo it; without scripts, the page with a note."""
    after = knowledge()
    if not is_fragment():
        flash(told, "success")
        return redirect(url_for(".index", days=given.days))
    effect = None
    if after.matcher is not before.matcher and not after.is_learning:
        effect = _effect(given, before.matcher, after.matcher, *filter(None, [wanted]))
    decision = missed.newest_decisions(current().database, 1)[0]
    return _shown(
        "console/_gym_done.html", given, effect, after, told=told, decision=decision, learning=after.is_learning
    )


def _shown(template: str, given: Given, effect: Effect | None, known: Knowledge, **more: object) -> str:
    names = {given.group.name: given.group.cluster.title, **titles(known.intents)}
    return render_template(
        template,
        group=given.group,
        days=given.days,
        intent=given.intent,
        effect=effect,
        names=names,
        outcome_label=outcome_label,
        **more,
    )


def _unanswered(_turn: Turn) -> Reply | None:
    """Answer nothing: an intent that is only tried out."""
    return None
