"""The overview: what the brand's account did today, beside the days before, and what was not understood."""

from datetime import date

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from bot.console.figures import Today, figures
from bot.console.form import fields
from bot.console.replies import knowledge
from bot.delivery.alerts import open_alerts, see
from bot.service import current
from bot.web.auth import can, signed_in_user
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from storage.overview import Figures

pages = Blueprint("overview", __name__)
MOST_INTENTS = 8


@pages.get("/")
@requires(Permission.REPORTS_READ)
def index() -> str:
    """Show today."""
    found, intents = figures(), knowledge().intents
    top = found.today.intents.most_common(MOST_INTENTS)
    return render_template(
        "console/overview.html",
        found=found,
        days=list(found.days.items()),
        yesterday=_yesterday(found),
        chart=_chart(found.days),
        top=[(intents[name].title if name in intents else name, name, count) for name, count in top],
        missed=found.missed if reads_missed() else [],
        reads_missed=reads_missed(),
        alerts=open_alerts(current().database),
        reads_alerts=can(Permission.CONVERSATIONS_TEAM),
    )


@pages.post("/alerts/<int:burst_id>/seen")
@requires(Permission.CONVERSATIONS_TEAM)
def see_alert(burst_id: int) -> Response:
    """Note that the manager has seen an alert."""
    fields()
    now, user = current().clock(), signed_in_user()
    if burst_id < 2**63:
        current().database.write(lambda tx: see(tx, burst_id, by=user.name, now=now))
    return redirect(url_for(".index"))


def reads_missed() -> bool:
    """Say whether the person signed in works on what was not understood; others do not read strangers' words."""
    return can(Permission.INTENTS_WRITE) or can(Permission.CONVERSATIONS_TEAM)


def _yesterday(found: Today) -> Figures:
    return list(found.days.values())[-2]


def _chart(days: dict[date, Figures]) -> dict[str, object]:
    """Return the days as options of the chart."""
    bars = (
        (gettext("已回答"), [one.answered for one in days.values()]),
        (gettext("没听懂"), [one.missed for one in days.values()]),
        (gettext("留给人工"), [one.held for one in days.values()]),
    )
    return {
        "xAxis": {"type": "category", "data": [f"{day.month}-{day.day:02}" for day in days]},
        "yAxis": {"type": "value", "minInterval": 1},
        "legend": {},
        "tooltip": {"trigger": "axis"},
        "series": [{"type": "bar", "stack": "in", "name": name, "data": data} for name, data in bars],
    }
