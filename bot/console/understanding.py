"""Understanding: what a stricter or a looser setting would do, on held-out phrases and on real messages; pinning one; weak intents; builds of the matcher."""

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.console.form import fields
from bot.console.gym import outcome_label, titles
from bot.console.replies import knowledge, today
from bot.conversation.knowledge import what_to_learn
from bot.service import current
from bot.web.auth import signed_in_user
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from intents.matching import replay
from intents.matching.decide import thresholds_for
from intents.matching.matcher import Matcher
from intents.matching.strictness import (
    SETTINGS,
    USUAL,
    Judged,
    Line,
    by_intent,
    held_out,
    in_the_way,
    lines,
    recommended,
    replayed,
)
from storage import audit, missed, model_builds, strictness
from storage.database import Transaction

pages = Blueprint("understanding", __name__, url_prefix="/understanding")
DAYS = 7
MOST_REPLAYED = 2_000  # of the newest messages
FRESH_FOR = timedelta(minutes=10)  # of what is made of real messages
_EXTENSION = "zhaohu_console_understanding"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found out about one learned state: the texts held out, what each setting makes of them, and of real messages."""

    fingerprint: str
    made_at: datetime
    judged: list[Judged]
    table: list[Line]
    recommended: float
    real: list[Counter[str]]
    messages: int


class Findings:
    """Keeps the newest evidence, for one process; whoever comes while it is gathered waits for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: Evidence | None = None

    def known(self, matcher: Matcher, now: datetime) -> Evidence | None:
        """Return the evidence about what this matcher learned, if it was gathered of late."""
        newest = self._newest
        fits = newest is not None and newest.fingerprint == matcher.fingerprint
        return newest if fits and newest is not None and now - newest.made_at <= FRESH_FOR else None

    def gathered(self, matcher: Matcher, now: datetime) -> Evidence:
        """Return the evidence about what this matcher learned; a matter of seconds when it is not known yet."""
        with self._lock:
            found = self.known(matcher, now)
            if found is None:
                found = self._newest = _gather(matcher, now)
            return found


@pages.get("/")
@requires(Permission.INTENTS_WRITE)
def index() -> str:
    """Show the setting, the evidence for others (fetched by the page when it is not known yet), and the builds."""
    database, now, matcher = current().database, current().clock(), _matcher()
    found = _findings().gathered(matcher, now) if "wait" in request.args else _findings().known(matcher, now)
    return render_template(
        "console/understanding.html",
        answer=strictness.pinned_answer(database),
        usual=USUAL,
        settings=SETTINGS,
        versions=strictness.versions(database),
        builds=model_builds.newest(database, 5),
        **(_evidence(found) if found else {"found": None}),
    )


@pages.get("/figures")
@requires(Permission.INTENTS_WRITE)
def figures() -> str:
    """Show the evidence, as a part of the page."""
    return render_template(
        "console/_understanding.html", **_evidence(_findings().gathered(_matcher(), current().clock()))
    )


@pages.get("/changes")
@requires(Permission.INTENTS_WRITE)
def changes() -> str:
    """Show which real messages of the last days a setting would lead elsewhere than the present one."""
    setting = _setting(request.args.get("at", ""))
    matcher = _matcher()
    found = replay.changes(_recent(), matcher, matcher.with_thresholds(thresholds_for(setting)), today())
    return render_template(
        "console/_changes.html",
        setting=setting,
        changes=found,
        days=DAYS,
        names=titles(knowledge().intents),
        outcome_label=outcome_label,
    )


@pages.post("/pin")
@requires(Permission.INTENTS_WRITE)
def pin() -> Response:
    """Answer from the confidence chosen; nothing chosen is the usual one."""
    given = fields("answer", "note")
    answer = _setting(given["answer"]) if given["answer"] else None
    now, user = current().clock(), signed_in_user()

    def work(tx: Transaction) -> None:
        strictness.pin(tx, answer, note=given["note"], by=user.name, now=now)
        audit.record(tx, f"user:{user.name}", "strictness.pinned", given["answer"] or "usual", "", now)

    current().database.write(work)
    knowledge()  # in use before the page says that it is
    flash(
        gettext("已经生效：把握到 %(score)s 才直接回答。", score=f"{USUAL if answer is None else answer:.2f}"),
        "success",
    )
    return redirect(url_for(".index"))


def _evidence(found: Evidence) -> dict[str, object]:
    answer = strictness.pinned_answer(current().database)
    setting = USUAL if answer is None else answer
    return {
        "found": found,
        "setting": setting,
        "days": DAYS,
        "chart": _chart(found.table),
        "rows": list(zip(found.table, found.real, strict=True)),
        "intents": by_intent(found.judged, setting),
        "in_the_way": in_the_way(found.judged),
        "names": titles(knowledge().intents),
    }


def _chart(table: list[Line]) -> dict[str, object]:
    """Return the table as options of a chart."""
    curves = (
        (gettext("答对"), [line.right for line in table]),
        (gettext("反问到"), [line.asked for line in table]),
        (gettext("没答上"), [line.missed for line in table]),
        (gettext("答错"), [line.wrong for line in table]),
        (gettext("无关的也答了"), [line.foreign_answered for line in table]),
    )
    return {
        "xAxis": {"type": "category", "data": [f"{line.setting:.2f}" for line in table]},
        "yAxis": {"type": "value", "max": 100, "axisLabel": {"formatter": "{value}%"}},
        "legend": {},
        "tooltip": {"trigger": "axis"},
        "series": [
            {"type": "line", "name": name, "data": [round(100 * rate, 1) for rate in rates]} for name, rates in curves
        ],
    }


def _gather(matcher: Matcher, now: datetime) -> Evidence:
    known = what_to_learn(current().database)
    judged = held_out(known.taught, known.places, known.examples.foreign, today())
    table, recent = lines(judged), _recent()
    real = replayed(matcher, recent, today())
    return Evidence(matcher.fingerprint, now, judged, table, recommended(table), real, recent.total())


def _recent() -> Counter[str]:
    service = current()
    since = service.clock() - timedelta(days=DAYS)
    return Counter(missed.recent_texts(service.database, since=since, limit=MOST_REPLAYED))


def _matcher() -> Matcher:
    """Return the matcher in use; 503 while another is being learned."""
    matcher = knowledge().matcher
    if not isinstance(matcher, Matcher):
        abort(503, description=gettext("正在学习刚发布的内容，请过几秒再看。"))
    return matcher


def _setting(text: str) -> float:
    setting = next((one for one in SETTINGS if f"{one:.2f}" == text), None)
    if setting is None:
        abort(422, description=gettext("请从表里选一个设置。"))
    return setting


def _findings() -> Findings:
    found = current_app.extensions.setdefault(_EXTENSION, Findings())
    assert isinstance(found, Findings)
    return found
