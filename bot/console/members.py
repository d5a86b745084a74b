"""Members: found, looked at whole, their dialogue with the cards, and what may be noted about them.

Who may see whom is decided in ``bot.web.member_access``. Phones are masked; seeing one, changing a profile and (for admins) opening a dialogue ask for
a reason, which is kept in the audit log before anything is shown.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot import tagging
from bot.console.form import cursor, fields, is_fragment
from bot.console.timeline import stretch_of
from bot.service import current
from bot.web import labels
from bot.web.auth import can, signed_in_user
from bot.web.languages import language
from bot.web.member_access import access_member, access_members, masked_phone, sees_dialogues
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from bot.wechat.outcomes import CallFailed, call_sentence
from storage import audit, cases, checkins, conversations, coupons, members, points, sentiments, users
from storage.database import Transaction
from storage.members import Member, identities_of

pages = Blueprint("members", __name__, url_prefix="/members")
PAGE_SIZE = 40
MOOD_SPAN = timedelta(days=30)
SHORTEST_REASON = 4  # characters; less says nothing
MOST_TAGS, LONGEST_TAG = 20, 20


@pages.get("/")
@requires(Permission.MEMBERS_READ)
def index() -> str:
    """Show the members that fit the words, newest first."""
    words, before = request.args.get("q", "").strip()[:100], cursor()
    found = access_members(words, before_id=before, limit=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    return render_template(
        "console/_members.html" if is_fragment() else "console/members.html",
        members=shown,
        words=words,
        first=url_for(".index", q=words or None) if before else "",
        next=url_for(".index", q=words or None, before=shown[-1].id) if len(found) > PAGE_SIZE else "",
        masked=masked_phone,
        source_label=labels.source_label,
    )


@pages.get("/<int:member_id>")
@requires(Permission.MEMBERS_READ)
def show(member_id: int) -> str:
    """Show all that is known of a member."""
    return _page(access_member(member_id), "")


@pages.post("/<int:member_id>/phone")
@requires(Permission.MEMBERS_REVEAL_PHONE)
def reveal(member_id: int) -> str:
    """Show the whole phone number, once, to whoever says why."""
    member, reason = access_member(member_id), fields("reason")["reason"]
    if len(reason) < SHORTEST_REASON:
        return render_template(
            "console/_phone.html", member=member, masked=masked_phone, phone="", reason=reason, complaint=_no_reason()
        )
    _note(member, "member.phone_revealed", reason)
    return render_template("console/_phone.html", member=member, masked=masked_phone, phone=member.phone, complaint="")


@pages.get("/<int:member_id>/dialogue")
@requires(Permission.MEMBERS_READ, Permission.CONVERSATIONS_OWN)
def earlier(member_id: int) -> str:
    """Show an earlier part of the dialogue to whoever reads dialogues for their work."""
    member = access_member(member_id)
    stretch = stretch_of(member.id, cursor())
    return render_template(
        "console/_dialogue.html", member=member, stretch=stretch, reason="", reads_dialogues=sees_dialogues()
    )


@pages.post("/<int:member_id>/dialogue")
@requires(Permission.MEMBERS_READ)
def open_dialogue(member_id: int) -> str:
    """Show the dialogue to somebody whose work it is not, once they said why."""
    member, given = access_member(member_id), fields("reason", "before")
    if len(given["reason"]) < SHORTEST_REASON:
        return render_template(
            "console/_dialogue_shut.html", member=member, reason=given["reason"], complaint=_no_reason()
        )
    _note(member, "dialogue.opened", given["reason"])
    stretch = stretch_of(member.id, int(given["before"]) if given["before"].isdecimal() else None)
    return render_template(
        "console/_dialogue.html", member=member, stretch=stretch, reason=given["reason"], reads_dialogues=False
    )


@pages.post("/<int:member_id>")
@requires(Permission.MEMBERS_WRITE)
def change(member_id: int) -> Response | tuple[str, int]:
    """Keep what staff note about a member; an empty phone field leaves the phone as it is, since nobody sees it whole."""
    member = access_member(member_id)
    given = fields("name", "phone", "city", "remark", "tags", "reason")
    tags = _tags(given["tags"])
    complaint = _complaint(given, tags)
    if complaint:
        return _page(member, complaint, given), 422
    now, user = current().clock(), signed_in_user()
    if refused := _tell_platform(member, tags, given["remark"]):
        return _page(member, refused, given), 502

    def work(tx: Transaction) -> None:
        members.update_profile(
            tx,
            member.id,
            name=given["name"],
            phone=given["phone"] or member.phone,
            city=given["city"],
            remark=given["remark"],
            tags=tags,
        )
        changed = [name for name in ("name", "city", "remark") if given[name] != getattr(member, name)]
        changed += ["phone"] if given["phone"] else []
        changed += ["tags"] if tags != member.tags else []
        detail = f"fields={','.join(changed)} reason={given['reason']}"
        audit.record(tx, f"user:{user.name}", "member.changed", str(member.id), detail, now)

    current().database.write(work)
    flash(gettext("已经保存。"), "success")
    return redirect(url_for(".show", member_id=member.id))


def _tell_platform(member: Member, tags: tuple[str, ...], remark: str) -> str:
    """Have the platform take a change of tags and remark; return what it refused in words, empty when nothing. A remark alone may fail."""
    parts = current()
    identity = identities_of(parts.database, [member.id]).get(member.id)
    if identity is None or not parts.settings.wechat_app_secret:
        return ""
    try:
        tagging.change_tags(parts.wechat, parts.database, identity.external_id, member.tags, tags)
    except CallFailed as error:
        return call_sentence(error.outcome, language())
    if remark != member.remark and member.subscribed:
        try:
            tagging.set_remark(parts.wechat, identity.external_id, remark)
        except CallFailed:
            flash(gettext("备注存下了，但没能写到微信后台。"), "warning")
    return ""


@dataclass(frozen=True, slots=True)
class Helped:
    """One time a person stepped in, with the names of staff."""

    reason: str
    requested_at: datetime
    taken_at: datetime | None
    ended_at: datetime | None
    agent: str
    note: str


def _page(member: Member, complaint: str, given: dict[str, str] | None = None) -> str:
    database, now = current().database, current().clock()
    identity = identities_of(database, [member.id]).get(member.id)
    form = given or {
        "name": member.name,
        "phone": "",
        "city": member.city,
        "remark": member.remark,
        "tags": "、".join(member.tags),
        "reason": "",
    }
    return render_template(
        "console/member.html",
        member=member,
        openid=identity.external_id if identity else "",
        masked=masked_phone,
        source=labels.source_label(member.source),
        conversation=conversations.conversation_of(database, member.id),
        balance=points.balance_of(database, member.id),
        ledger=points.history(database, member.id, limit=20),
        coupons=coupons.coupons_of(database, member.id, now, limit=20),
        revenue_fen=coupons.revenue_fen_of(database, member.id),
        checkins=checkins.days_of(database, member.id, limit=14),
        cases=cases.cases_of(database, member.id, limit=20),
        helped=_helped(member),
        stretch=stretch_of(member.id) if sees_dialogues() else None,
        complaint=complaint,
        form=form,
        may_edit=can(Permission.MEMBERS_WRITE),
        labels=labels,
        sounded=sentiments.moods_of(database, member.id, now - MOOD_SPAN),
        reads_dialogues=sees_dialogues(),
    )


def _helped(member: Member) -> list[Helped]:
    database = current().database
    found = conversations.handoffs_of(database, member.id)
    names = {
        agent_id: user.shown_name
        for agent_id in {one.agent_id for one in found if one.agent_id}
        if (user := users.find_user(database, agent_id))
    }
    return [
        Helped(one.reason, one.requested_at, one.taken_at, one.ended_at, names.get(one.agent_id or 0, ""), one.note)
        for one in found
    ]


def _complaint(given: dict[str, str], tags: tuple[str, ...]) -> str:
    """Say what is wrong with the form, empty when nothing is."""
    if len(given["reason"]) < SHORTEST_REASON:
        return _no_reason()
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        return gettext("标签最多 %(most)d 个，每个最多 %(longest)d 个字。", most=MOST_TAGS, longest=LONGEST_TAG)
    digits = given["phone"].removeprefix("+").replace(" ", "").replace("-", "")
    if given["phone"] and not (digits.isascii() and digits.isdecimal() and 5 <= len(digits) <= 15):
        return gettext("手机号只能有数字、空格和短横线。")
    return ""


def _tags(text: str) -> tuple[str, ...]:
    """Return what stands between commas of any kind, each once."""
    parts = (part.strip() for part in re.split("[,，、]", text))
    return tuple(dict.fromkeys(part for part in parts if part))


def _no_reason() -> str:
    return gettext("请写上原因，至少 %(least)d 个字，会记在操作记录里。", least=SHORTEST_REASON)


def _note(member: Member, action: str, reason: str) -> None:
    """Keep who did it and why before it is done."""
    now, user = current().clock(), signed_in_user()
    current().database.write(
        lambda tx: audit.record(tx, f"user:{user.name}", action, str(member.id), f"reason={reason}", now)
    )
