"""One message to many: written, looked at on one phone, and sent once by somebody who may; what came of it, and what is left this month."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.console.form import fields, number
from bot.console.mass_words import nobody_words, outcome_words, state_label
from bot.mass_sending import NothingLeft, NotNow, hand_over
from bot.pictures import MOST_BYTES, BadPicture, remade
from bot.service import current
from bot.web.auth import signed_in_user
from bot.web.languages import language
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from bot.wechat import mass
from bot.wechat.mass import Tag, month_begins, tags_of
from bot.wechat.outcomes import CallFailed, call_sentence
from storage import audit, mass_sends
from storage.database import Transaction
from storage.mass_sends import MassSend
from templates.errors import RenderError
from templates.limits import TEXT_BYTES, text_bytes

pages = Blueprint("mass", __name__, url_prefix="/mass")
SHOWN = 30
_GOING_ON = ("sending", "accepted")  # more is to come, which an open page waits for
_KINDS = ("text", "image", "mpnews")
_OPENID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_FORM_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom something can go to: the account's tags, or why they cannot be had; and how many follow as far as we know."""

    tags: list[Tag]
    failure: str
    followers: int

    def people(self, send: MassSend) -> int | None:
        """Return how many a message would go to, None when nobody can tell now."""
        if send.tag_id is None:
            return self.followers
        return next((tag.people for tag in self.tags if tag.id == send.tag_id), None)


@pages.get("/")
@requires(Permission.MASS_WRITE)
def index() -> str:
    """Show what was sent, what is left, and the form for a new one."""
    return _page({"kind": "text", "text": _reply_text(request.args.get("reply", ""))})


@pages.post("/")
@requires(Permission.MASS_WRITE, upload_bytes=MOST_BYTES + _FORM_BYTES)
def prepare() -> Response | tuple[str, int]:
    """Keep a new one, not sent yet."""
    given = fields("kind", "media_id", "tag", areas=("text",))
    content, error = _content(given)
    audience = _audience()
    tag = next((tag for tag in audience.tags if str(tag.id) == given["tag"]), None)
    if given["tag"] and tag is None:
        error = error or gettext("没有这个标签。")
    if content is None or error:
        return _page(given, error), 422
    actor, now = f"user:{signed_in_user().name}", current().clock()
    send = current().database.write(
        lambda tx: mass_sends.add(
            tx,
            content=json.dumps(content, ensure_ascii=False),
            tag_id=tag.id if tag else None,
            tag_name=tag.name if tag else "",
            created_by=actor,
            now=now,
        )
    )
    return redirect(url_for(".show", send_id=send.id))


@pages.get("/<int:send_id>")
@requires(Permission.MASS_WRITE)
def show(send_id: int) -> str:
    """Show one: what it says, whom it goes to, and what came of it."""
    send, audience = _send(send_id), _audience()
    return render_template(
        "console/mass_send.html",
        send=send,
        content=json.loads(send.content),
        people=audience.people(send),
        failure=audience.failure,
        left=_left(),
        may_send=send.may_send(current().clock()),
        nobody=nobody_words(send.tag_name) if send.tag_id is not None and audience.people(send) == 0 else "",
        goes_on=send.state in _GOING_ON,
        **_names(),
    )


@pages.get("/<int:send_id>/news")
@requires(Permission.MASS_WRITE)
def news(send_id: int) -> Response:
    """Tell an open page to load itself again once there is more to say than it shows."""
    response = make_response("", 204)
    if _send(send_id).state != request.args.get("seen"):
        response.headers["HX-Refresh"] = "true"
    return response


@pages.post("/<int:send_id>/preview")
@requires(Permission.MASS_WRITE)
def preview(send_id: int) -> Response:
    """Send it to one follower alone."""
    send, openid = _send(send_id), fields("openid")["openid"]
    if not _OPENID.fullmatch(openid):
        flash(gettext("openid 只有字母、数字、短横线和下划线。"), "danger")
        return redirect(url_for(".show", send_id=send_id))
    try:
        mass.preview(current().wechat, openid, json.loads(send.content))
    except CallFailed as error:
        flash(call_sentence(error.outcome, language()), "danger")
    else:
        flash(gettext("已发到这位关注者的手机上，看过再群发。"), "success")
    return redirect(url_for(".show", send_id=send_id))


@pages.post("/<int:send_id>/send")
@requires(Permission.MASS_WRITE, Permission.MASS_SEND, fresh=True)
def send(send_id: int) -> Response:
    """Send it to everybody it is for; the number of people, typed once more, is the second yes."""
    found, typed = _send(send_id), number(fields("people")["people"])
    people = _audience().people(found)
    if found.tag_id is not None and people == 0:
        flash(nobody_words(found.tag_name), "danger")  # it would use up one of the month's
        return redirect(url_for(".show", send_id=send_id))
    if people is None or typed != people:
        flash(gettext("人数对不上，没有发送。请照页面上的人数再输入一次。"), "danger")
        return redirect(url_for(".show", send_id=send_id))
    running = current()
    actor, most = f"user:{signed_in_user().name}", running.settings.mass_sends_per_month
    try:
        hand_over(running.database, running.wechat, found, actor=actor, most=most, now=running.clock())
    except NothingLeft:
        flash(gettext("这个月的群发次数已用完，没有发送。"), "danger")
    except NotNow:
        flash(gettext("这条已经发过，或正在发送。"), "danger")
    except CallFailed as error:
        flash(call_sentence(error.outcome, language()), "danger")
    else:
        flash(gettext("微信已收下，正在发送。结果会显示在这里。"), "success")
    return redirect(url_for(".show", send_id=send_id))


@pages.post("/<int:send_id>/drop")
@requires(Permission.MASS_WRITE)
def drop(send_id: int) -> Response:
    """Throw away one that was never sent."""
    send, now, actor = _send(send_id), current().clock(), f"user:{signed_in_user().name}"
    fields()

    def work(tx: Transaction) -> bool:
        audit.record(tx, actor, "mass.dropped", f"mass:{send.id}", "", now)
        return mass_sends.drop(tx, send.id)

    if not current().database.write(work):
        flash(gettext("已经发过的留作记录，不能删。"), "danger")
    return redirect(url_for(".index"))


def _page(given: Mapping[str, str], error: str = "") -> str:
    knowledge = current().engine.knowledge.newest(current().database)
    library = knowledge.library
    texts = [one for name in library.names() if (one := library.get(name)) and one.kind == "text" and not one.variables]
    return render_template(
        "console/mass.html",
        sends=[(one, json.loads(one.content)) for one in mass_sends.newest(current().database, SHOWN)],
        given=given,
        error=error,
        audience=_audience(),
        left=_left(),
        most=current().settings.mass_sends_per_month,
        replies=[(one.name, one.title or one.name) for one in texts],
        text_limit=TEXT_BYTES,
        **_names(),
    )


def _content(given: Mapping[str, str]) -> tuple[dict[str, str] | None, str]:
    """Return what is to be sent, or the sentence that says why it cannot be; a picture is handed to the platform here."""
    kind = given["kind"]
    if kind not in _KINDS:
        abort(400)
    if kind == "text":
        text = given["text"].strip()
        if not text:
            return None, gettext("还没有写内容。")
        if text_bytes(text) > TEXT_BYTES:
            return None, gettext("文字太长了，最多 %(most)d 字节。", most=TEXT_BYTES)
        return {"kind": kind, "text": text}, ""
    if kind == "mpnews":
        media_id = given["media_id"]
        return ({"kind": kind, "media_id": media_id}, "") if media_id else (None, gettext("请填写图文的 media_id。"))
    return _picture()


def _picture() -> tuple[dict[str, str] | None, str]:
    file = request.files.get("picture")
    if file is None or not file.filename:
        return None, gettext("请选一张图片。")
    try:
        picture = remade(file.stream.read(MOST_BYTES + 1), file.filename)
        return {"kind": "image", "media_id": current().media.upload_picture(picture)}, ""
    except BadPicture:
        return None, gettext("只能用 JPG、PNG 或 GIF 图片，最多 10 MB、4000 万像素。")
    except CallFailed as error:
        return None, call_sentence(error.outcome, language())


def _reply_text(name: str) -> str:
    """Return the words of a published reply that needs no values, empty for any other."""
    template = current().engine.knowledge.newest(current().database).library.get(name) if name else None
    if template is None or template.kind != "text" or template.variables:
        return ""
    try:
        return template.render({}).text
    except RenderError:
        return ""


def _audience() -> Audience:
    followers = mass_sends.followers(current().database)
    try:
        return Audience(tags_of(current().wechat), "", followers)
    except CallFailed as error:
        return Audience([], call_sentence(error.outcome, language()), followers)


def _left() -> int:
    sent = mass_sends.sent_since(current().database, month_begins(current().clock()))
    return max(0, current().settings.mass_sends_per_month - sent)


def _send(send_id: int) -> MassSend:
    found = mass_sends.by_id(current().database, send_id) if send_id < 2**63 else None
    if found is None:
        abort(404)
    return found


def _names() -> dict[str, object]:
    return {"state_label": state_label, "outcome_words": outcome_words}
