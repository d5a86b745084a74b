"""Messages by template: the templates there are, the consents members gave for them, and what went out."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from bot.console.form import fields
from bot.notice_templates import read_templates
from bot.service import current
from bot.web.auth import can
from bot.web.labels import Label, status_label
from bot.web.languages import language
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from bot.wechat.outcomes import CallFailed, call_sentence
from storage import members, notices, permits
from storage.notices import MessageTemplate, Notice

pages = Blueprint("notices", __name__, url_prefix="/notices")


@dataclass(frozen=True, slots=True)
class Line:
    """One message that went out, with the name of its template and its state in words."""

    notice: Notice
    title: str
    member_name: str
    state: Label


@pages.get("/")
@requires(Permission.TEMPLATES_READ)
def index() -> str:
    """Show templates, consents and what went out lately."""
    database = current().database
    templates, sees_people = notices.templates(database), can(Permission.MEMBERS_READ)
    listed = _with_counts(templates)
    titles = {one.template_id: one.title for one, _ in listed if one.title}
    lines = [
        Line(one, titles.get(one.template_id, one.template_id), _name(one.member_id), _state(one))
        for one in (notices.recent(database) if sees_people else [])
    ]
    return render_template("console/notices.html", templates=listed, lines=lines, sees_people=sees_people)


@pages.post("/read")
@requires(Permission.TEMPLATES_READ)
def read() -> Response:
    """Read the templates from the platform."""
    fields()
    parts = current()
    try:
        read_templates(parts.wechat, parts.database, parts.clock())
    except CallFailed as error:
        flash(call_sentence(error.outcome, language()), "danger")
    else:
        flash(gettext("已经读到最新的模板。"), "success")
    return redirect(url_for(".index"))


def _with_counts(templates: list[MessageTemplate]) -> list[tuple[MessageTemplate, Mapping[permits.State, int]]]:
    """Return the templates with their consents by state, and those that only consents know."""
    counts = permits.counts(current().database)
    known = {one.template_id for one in templates}
    once = current().settings.coupon_once_template
    wanted = {*counts, once} - {*known, ""}
    unknown = [
        MessageTemplate(each, "notice", gettext("券到期提醒（一次性订阅）") if each == once else "", "", "")
        for each in sorted(wanted)
    ]
    return [(one, counts.get(one.template_id, {})) for one in (*templates, *unknown)]


def _name(member_id: int) -> str:
    member = members.member_by_id(current().database, member_id)
    return member.name if member else ""


def _state(notice: Notice) -> Label:
    """Return what became of a message: what the platform reported, else where it stands in the outbox."""
    if notice.report == notices.SUCCESS:
        return gettext("已送达"), "green"
    if notice.report:
        reasons = {"failed:user block": gettext("对方拒收"), "failed:system failed": gettext("微信没能送达")}
        return reasons.get(notice.report, gettext("没有送达：%(report)s", report=notice.report)), "red"
    return status_label(notice.status)
