"""Tags of the platform, and the last reading of all followers."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from bot import tagging
from bot.console.form import fields
from bot.followers import NoAccount, account_of_followers
from bot.service import current
from bot.web.auth import signed_in_user
from bot.web.languages import language
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from bot.wechat.outcomes import CallFailed, call_sentence
from storage import audit, follower_syncs, platform_tags
from storage.database import Transaction
from storage.platform_tags import PlatformTag

pages = Blueprint("tags", __name__, url_prefix="/tags")


@pages.get("/")
@requires(Permission.MEMBERS_READ)
def index() -> str:
    """Show the tags as last read, and the last reading of the followers."""
    return render_template(
        "console/tags.html", tags=platform_tags.all_tags(current().database), **_reading_of_followers()
    )


@pages.get("/followers")
@requires(Permission.MEMBERS_READ)
def reading() -> str:
    """Show how far the last reading of the followers is, for a page that looks again and again."""
    return render_template("console/follower_reading.html", **_reading_of_followers())


@pages.post("/followers")
@requires(Permission.TAGS_WRITE)
def read_followers() -> Response:
    """Ask the worker to read all followers; one that was cut off goes on."""
    fields()
    parts, by = current(), _by()
    try:
        account_id = account_of_followers(parts.database, parts.settings.wechat_account_id)
    except NoAccount:
        flash(gettext("还不知道公众号的原始 ID：请管理员设置 WECHAT_ACCOUNT_ID，或等第一位顾客来过消息。"), "danger")
        return redirect(url_for(".index"))

    def work(tx: Transaction) -> bool:
        asked, now = follower_syncs.ask(tx, account_id, by=by, now=parts.clock()), parts.clock()
        if asked:
            audit.record(tx, by, "followers.read", "", "", now)
        return asked

    if parts.database.write(work):
        flash(gettext("开始同步，进度会显示在下面。"), "success")
    else:
        flash(gettext("已经在同步了，不用再点。"), "warning")
    return redirect(url_for(".index"))


def _reading_of_followers() -> dict[str, object]:
    database = current().database
    last = follower_syncs.newest(database)
    return {
        "sync": last,
        "waits": last is not None and last.waits_for_worker(current().clock()),
        "met": follower_syncs.met(database, last.id) if last else 0,
        "failure": call_sentence(last.failure, language()) if last and last.failure else "",
    }


@pages.post("/read")
@requires(Permission.TAGS_WRITE)
def read() -> Response:
    """Read the tags from the platform."""
    fields()
    parts = current()
    return _done(
        lambda: tagging.read_tags(parts.wechat, parts.database, parts.clock()), gettext("已经读到最新的标签。")
    )


@pages.post("/")
@requires(Permission.TAGS_WRITE)
def add() -> Response:
    """Make a tag."""
    name, parts = _name(), current()
    return _done(
        lambda: tagging.create(parts.wechat, parts.database, name, by=_by(), now=parts.clock()),
        gettext("“%(name)s”建好了。", name=name),
    )


@pages.post("/<int:tag_id>")
@requires(Permission.TAGS_WRITE)
def rename(tag_id: int) -> Response:
    """Give a tag another name."""
    tag, name, parts = _tag(tag_id), _name(), current()
    return _done(
        lambda: tagging.rename(parts.wechat, parts.database, tag, name, by=_by(), now=parts.clock()),
        gettext("“%(old)s”改名为“%(new)s”。", old=tag.name, new=name),
    )


@pages.post("/<int:tag_id>/delete")
@requires(Permission.TAGS_WRITE, fresh=True)
def delete(tag_id: int) -> Response:
    """Delete a tag, on the platform and on members."""
    tag, parts = _tag(tag_id), current()
    fields()
    return _done(
        lambda: tagging.delete(parts.wechat, parts.database, tag, by=_by(), now=parts.clock()),
        gettext("“%(name)s”已经删除。", name=tag.name),
    )


def _done(deed: object, said: str) -> Response:
    """Do it, and say that it is done or why not."""
    assert callable(deed)
    try:
        deed()
    except CallFailed as error:
        flash(call_sentence(error.outcome, language()), "danger")
    else:
        flash(said, "success")
    return redirect(url_for(".index"))


def _tag(tag_id: int) -> PlatformTag:
    """Return the tag; 404 when there is none."""
    return platform_tags.tag_by_id(current().database, tag_id) or abort(404)


def _name() -> str:
    """Return the name given; 400 when it cannot be one."""
    name = fields("name", longest=tagging.LONGEST_NAME)["name"]
    if not name or any(mark in name for mark in ",，、"):
        abort(400, description=gettext("标签名不能空着，也不能有逗号和顿号。"))
    return name


def _by() -> str:
    return f"user:{signed_in_user().name}"
