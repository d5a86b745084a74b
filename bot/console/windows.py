"""The reply window's figures: how many messages outside the reply each act of a member allows, and for how long, from which day on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from bot.console.form import fields, number
from bot.delivery.window import read_quotas
from bot.service import current
from bot.web.auth import signed_in_user
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from bot.wechat.quotas import PLATFORM_ZONE, TRIGGERS, Grant, Trigger
from storage import audit, window_figures
from storage.database import Transaction
from storage.window_figures import WindowFigure

pages = Blueprint("windows", __name__, url_prefix="/windows")
MOST_MESSAGES = 1000
LONGEST = timedelta(days=60)
FIRST_DAY, LAST_DAY = date(2012, 8, 1), date(2100, 1, 1)  # public accounts began then
UNITS = {"minutes": 60, "hours": 3600, "days": 86_400}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of the list; ``changed_by`` is empty for a shipped one."""

    grant: Grant
    lasts: str
    is_in_force: bool
    is_coming: bool
    changed_by: str


class BadFigure(Exception):
    """What was filled in is no figure; the text says why."""


@pages.get("/")
@requires(Permission.SETTINGS_READ)
def index() -> str:
    """Show the figures of each act, and the form to add one."""
    return _page()


@pages.post("/")
@requires(Permission.SETTINGS_WRITE)
def add() -> Response | tuple[str, int]:
    """Keep a figure, in place of the one of the same act and day."""
    given = fields("opened_by", "messages", "lasts", "unit", "since", "source")
    now = current().clock()
    try:
        figure = _figure(given, now)
    except BadFigure as error:
        return _page(given, str(error)), 422

    def work(tx: Transaction) -> None:
        window_figures.put(tx, figure)
        _note(tx, "window.changed", figure.opened_by, figure.since, f"{figure.messages} in {figure.lasts_seconds} s")

    current().database.write(work)
    flash(gettext("已经保存，从 %(day)s 起生效。", day=figure.since.isoformat()), "success")
    return redirect(url_for(".index"))


@pages.post("/remove")
@requires(Permission.SETTINGS_WRITE)
def remove() -> Response:
    """Take a figure of staff out; the one before it counts again."""
    given = fields("opened_by", "since")
    since = _day(given["since"])
    if since is None:
        abort(400)

    def work(tx: Transaction) -> bool:
        done = window_figures.remove(tx, given["opened_by"], since)
        if done:
            _note(tx, "window.removed", given["opened_by"], since, "")
        return done

    done = current().database.write(work)
    flash(
        gettext("已经撤掉，之前的数字重新生效。") if done else gettext("已经有人处理过了。"),
        "success" if done else "warning",
    )
    return redirect(url_for(".index"))


def _figure(given: Mapping[str, str], now: datetime) -> WindowFigure:
    """Return what the form says. Raises BadFigure."""
    messages, lasts, since = number(given["messages"]), number(given["lasts"]), _day(given["since"])
    if given["opened_by"] not in TRIGGERS or given["unit"] not in UNITS:
        abort(400)
    if messages is None or messages > MOST_MESSAGES:
        raise BadFigure(gettext("条数要是 0 到 %(most)d 的整数。", most=MOST_MESSAGES))
    lasts_seconds = (lasts or 0) * UNITS[given["unit"]]
    if not 0 < lasts_seconds <= LONGEST.total_seconds():
        raise BadFigure(gettext("时长要大于 0，不超过 %(days)d 天。", days=LONGEST.days))
    if since is None:
        raise BadFigure(gettext("请填生效的日期。"))
    return WindowFigure(given["opened_by"], since, messages, lasts_seconds, given["source"], signed_in_user().name, now)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
    return day if day is not None and FIRST_DAY <= day < LAST_DAY else None


def _page(given: Mapping[str, str] | None = None, error: str = "") -> str:
    database, now = current().database, current().clock()
    of_staff = {(row.opened_by, row.since): row.changed_by for row in window_figures.all_figures(database)}
    quotas, today = read_quotas(database), now.astimezone(PLATFORM_ZONE).date()
    groups = []
    for trigger in TRIGGERS:
        in_force = quotas.grant(trigger, now)
        rows = [
            Row(one, _lasts(one.lasts), one == in_force, one.since > today, of_staff.get((trigger, one.since), ""))
            for one in reversed(quotas.of(trigger))
        ]
        groups.append((trigger, _name(trigger), rows))
    return render_template(
        "console/windows.html", groups=groups, given=given or {}, error=error, today=today.isoformat(), units=_units()
    )


def _name(trigger: Trigger) -> str:
    return {
        "message": gettext("发来消息后"),
        "menu": gettext("点菜单或选项后"),
        "follow": gettext("关注后"),
        "scan": gettext("扫码后"),
    }[trigger]


def _units() -> list[tuple[str, str]]:
    return [("hours", gettext("小时")), ("minutes", gettext("分钟")), ("days", gettext("天"))]


def _lasts(lasts: timedelta) -> str:
    """Say a span in its largest whole unit; 48 hours stay hours, as the platform puts it."""
    seconds = int(lasts.total_seconds())
    if seconds % 3600 == 0:
        return gettext("%(n)d 小时", n=seconds // 3600)
    return gettext("%(n)d 分钟", n=seconds // 60) if seconds % 60 == 0 else gettext("%(n)d 秒", n=seconds)


def _note(tx: Transaction, action: str, opened_by: str, since: date, detail: str) -> None:
    audit.record(
        tx, f"user:{signed_in_user().name}", action, f"{opened_by}:{since.isoformat()}", detail, current().clock()
    )
