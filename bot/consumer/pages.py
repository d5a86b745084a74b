"""The page that the platform leads a member to after its consent sheet: notes the consent, once, and says so in a sentence.

What came in the address (the openid among it) is not shown, not logged, and gone from it after one step: the answer leads on to an address that says
nothing but how it ended. It never leads anywhere else.
"""

from datetime import datetime, timedelta
from typing import Literal

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.conversation.consents import keep_once
from bot.service import current
from bot.web.roles import open_to_all
from bot.web.sign_in import network_of
from bot.wechat.consent_links import ConsentLinks, is_current
from storage import login_failures
from storage.database import Database

pages = Blueprint("consumer", __name__, url_prefix="/subscribed", template_folder="templates")

Ending = Literal["confirmed", "declined", "outdated", "later"]
MOST_FORGED = 20  # from one network in a quarter of an hour; after that its links are not looked at
_WINDOW = timedelta(minutes=15)
_FIELDS = ("openid", "template_id", "action", "scene", "reserved")


def answer_url(public_url: str) -> str:
    """Return where the platform leads to."""
    return f"{public_url}/subscribed/"


@pages.get("/")
@open_to_all
def answer() -> Response:
    """Take in what the member chose on the platform's sheet."""
    links = current().consent_links
    if links is None:
        abort(404)
    return redirect(url_for(".ended", ending=_taken_in(links)), 303)


@pages.get("/<any(confirmed, declined, outdated, later):ending>")
@open_to_all
def ended(ending: Ending) -> tuple[str, int]:
    """Say how it ended."""
    return render_template("consumer/ended.html", ending=ending), 429 if ending == "later" else 200


def _taken_in(links: ConsentLinks) -> Ending:
    """Check every part of the answer, and keep the consent it holds; not for a network that keeps sending what we never signed."""
    parts, now = current(), current().clock()
    given = {name: request.args.get(name, "") for name in _FIELDS}
    forgers = f"consent:{network_of(request.remote_addr or '')}"
    if _forge(parts.database, forgers, now):
        return "later"
    found = links.read(given["reserved"])
    if found is None:
        parts.database.write(lambda tx: login_failures.add_failure(tx, [forgers], now))
        return "outdated"
    asked, made = found
    known = (given["template_id"], given["scene"]) == (links.template_id, links.scene)
    if not (known and given["action"] in ("confirm", "cancel") and is_current(made, now)):
        return "outdated"
    if given["action"] == "cancel":
        return "declined"
    kept = parts.database.write(lambda tx: keep_once(tx, links, asked, given["openid"], now))
    parts.outbox_wake.set()
    return "confirmed" if kept else "outdated"


def _forge(database: Database, subject: str, now: datetime) -> bool:
    tries, _ = login_failures.failures_since(database, subject, now - _WINDOW)
    return tries >= MOST_FORGED
