"""Stores: where they are and whether they are open now, and the file they come in."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot.console.form import fields, is_fragment
from bot.service import current
from bot.stores_file import BadStoresFile, Problem, read_stores, write_stores
from bot.web.auth import signed_in_user
from bot.web.labels import Label
from bot.web.languages import language
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from intents.store_facts import store_values
from storage import audit
from storage import stores as storage
from storage.database import Transaction
from storage.stores import ImportResult, Store

pages = Blueprint("stores", __name__, url_prefix="/stores")


@dataclass(frozen=True, slots=True)
class Line:
    """One store of the list, and whether it is open now."""

    store: Store
    state: Label
    until: str


@pages.get("/")
@requires(Permission.STORES_READ)
def index() -> str:
    """Show the stores that fit the words."""
    return _page()


@pages.get("/stores.csv")
@requires(Permission.STORES_READ)
def export() -> Response:
    """Hand out the stores as the file that can be imported again."""
    text = "\ufeff" + write_stores(storage.all_stores(current().database))
    return Response(text, mimetype="text/csv", headers={"Content-Disposition": 'attachment; filename="stores.csv"'})


@pages.post("/import")
@requires(Permission.STORES_WRITE)
def take_file() -> BaseResponse | tuple[str, int]:
    """Take in a file of stores whole, or say row by row why not."""
    fields()
    sent = request.files.get("file")
    try:
        found = read_stores(sent.read() if sent else b"")
    except BadStoresFile as error:
        return _page(error.problems, error.count), 422
    now, user = current().clock(), signed_in_user()

    def work(tx: Transaction) -> ImportResult:
        result = storage.import_stores(tx, found)
        detail = f"added={result.added} changed={result.changed} unchanged={result.unchanged}"
        audit.record(tx, f"user:{user.name}", "stores.imported", "", detail, now)
        return result

    result = current().database.write(work)
    flash(
        gettext(
            "导入完成：新增 %(added)d 家，更新 %(changed)d 家，%(unchanged)d 家没有变化。",
            added=result.added,
            changed=result.changed,
            unchanged=result.unchanged,
        ),
        "success",
    )
    return redirect(url_for(".index"))


def _page(problems: Sequence[Problem] = (), count: int = 0) -> str:
    service = current()
    moment = service.clock().astimezone(service.settings.timezone)
    words = request.args.get("q", "").strip()[:100]
    lines = []
    for store in storage.all_stores(service.database):
        if not all(
            word in f"{store.code} {store.name} {store.city}{store.district}{store.address}" for word in words.split()
        ):
            continue
        values = store_values(store, moment)
        lines.append(Line(store, _label(str(values["state"])), str(values["until"] or values["opens"])))
    chinese = language() == "zh"
    return render_template(
        "console/_stores.html" if is_fragment() else "console/stores.html",
        lines=lines,
        words=words,
        problems=[(one.row, one.column, one.chinese if chinese else one.english) for one in problems],
        more_problems=max(0, count - len(problems)),
    )


def _label(state: str) -> Label:
    return {
        "open": (gettext("营业中"), "green"),
        "always": (gettext("24 小时营业"), "green"),
        "shut": (gettext("休息中"), "secondary"),
        "closed": (gettext("暂停营业"), "yellow"),
    }.get(state, (gettext("营业时间看不懂"), "red"))
