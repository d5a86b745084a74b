"""WeChat's API as it is now: the access token, today's quotas, the addresses it calls from, and what became of one request."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.console.form import fields
from bot.service import current
from bot.web.auth import signed_in_user
from bot.web.languages import language
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from bot.wechat.error_codes import Action
from bot.wechat.outcomes import CallFailed, call_sentence, outcome_of
from bot.wechat.self_description import (
    ADDRESS_CALLS,
    WATCHED,
    Explained,
    ListName,
    Quota,
    explain_request,
    read_addresses,
    read_quota,
)
from storage import access_tokens, audit, platform_lists
from storage.access_tokens import AccessToken
from storage.database import Transaction

pages = Blueprint("platform", __name__, url_prefix="/platform")
_LONGEST_RID = 80


@dataclass(frozen=True, slots=True)
class Line:
    """One call: what it is for, and its quota, None when the account has no such call."""

    title: str
    path: str
    quota: Quota | None


@pages.get("/")
@requires(Permission.SETTINGS_READ)
def index() -> str:
    """Show the account's side of it; the quotas follow, as they have to be asked for."""
    running = current()
    token = access_tokens.stored(running.database, running.settings.wechat_app_id)
    return render_template(
        "console/platform.html",
        settings=running.settings,
        token=token,
        token_good=_is_good(token),
        token_trouble=call_sentence(token.failure, language()) if token and token.failure else "",
        lists={name: platform_lists.stored(running.database, name) for name in ADDRESS_CALLS},
        **_explained(request.args.get("rid", "").strip()[:_LONGEST_RID]),
    )


@pages.get("/quotas")
@requires(Permission.SETTINGS_READ)
def quotas() -> str:
    """Ask the platform for today's quotas, and show them."""
    lines, trouble = [], ""
    for call in WATCHED:
        title = call.zh if language().startswith("zh") else call.en
        try:
            lines.append(Line(title, call.path, read_quota(current().wechat, call.path)))
        except CallFailed as error:
            if outcome_of(error.outcome).action not in (Action.REFUSE, Action.ALARM):
                trouble = call_sentence(error.outcome, language())
                break
            lines.append(Line(title, call.path, None))
    return render_template("console/_quotas.html", lines=lines, trouble=trouble)


@pages.post("/addresses")
@requires(Permission.SETTINGS_WRITE)
def fetch_addresses() -> Response:
    """Fetch the lists of addresses anew."""
    fields()
    running, now, actor = current(), current().clock(), f"user:{signed_in_user().name}"
    try:
        found: dict[ListName, tuple[str, ...]] = {name: read_addresses(running.wechat, name) for name in ADDRESS_CALLS}
    except CallFailed as error:
        flash(call_sentence(error.outcome, language()), "danger")
        return redirect(url_for(".index"))

    def work(tx: Transaction) -> None:
        for name, items in found.items():
            platform_lists.keep(tx, name, items, now)
        audit.record(tx, actor, "platform.addresses_fetched", "wechat", "", now)

    running.database.write(work)
    flash(gettext("地址已更新。"), "success")
    return redirect(url_for(".index"))


def _is_good(token: AccessToken | None) -> bool:
    return token is not None and token.token != "" and token.expires_at > current().clock()


def _explained(rid: str) -> dict[str, object]:
    """Return what the page shows of a request, nothing when none is asked for."""
    found: Explained | None = None
    trouble = ""
    if rid:
        try:
            found = explain_request(current().wechat, rid)
        except CallFailed as error:
            trouble = call_sentence(error.outcome, language())
    return {"rid": rid, "explained": found, "rid_trouble": trouble}
