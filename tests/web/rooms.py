"""A few pages such as other rooms have, and one for programs."""

import time
from collections.abc import Iterator

from flask import Blueprint, Response, abort, render_template_string, request

from bot.web.live import event, stream
from bot.web.navigation import NavItem, offer
from bot.web.roles import Permission, open_to_all, requires
from storage.errors import StorageUnavailable


def rooms() -> Blueprint:
    """Make the pages."""
    pages = Blueprint("rooms", __name__)
    offer(
        pages,
        NavItem("rooms.people", "用户", "users", Permission.USERS_MANAGE, order=90),
        NavItem("rooms.reports", "概览", "dashboard", Permission.REPORTS_READ, order=10),
        NavItem("rooms.desk", "客服台", "headset", Permission.CONVERSATIONS_OWN, order=20, badge_id="waiting"),
    )
    for rule, methods, view in (
        ("/open", ["GET", "POST"], public),
        ("/reports", ["GET"], reports),
        ("/reports/day", ["GET"], day),
        ("/desk", ["GET", "POST"], desk),
        ("/people", ["GET"], people),
        ("/people", ["POST"], change_people),
        ("/unmarked", ["GET"], unmarked),
        ("/fails/<what>", ["GET"], fails),
        ("/live", ["GET"], live),
        ("/live/quiet", ["GET"], quiet),
        ("/watching", ["GET"], watching),
        ("/json", ["POST"], take_json),
    ):
        pages.add_url_rule(rule, view_func=view, methods=methods)
    return pages


def machine() -> Blueprint:
    """Make a page for programs, which looks after itself."""
    pages = Blueprint("machine", __name__)
    pages.add_url_rule("/machine", view_func=take, methods=["POST"])
    return pages


@open_to_all
def public() -> str:
    """Show a form to anybody, and what was sent with it."""
    return render_template_string(
        '{% import "web/macros.html" as ui with context %}{{ ui.csrf() }}<p>{{ text }}</p>',
        text=request.form.get("text", ""),
    )


@requires(Permission.REPORTS_READ)
def reports() -> str:
    """Show the frame with nothing in it."""
    return render_template_string('{% extends "web/layout.html" %}{% block title %}概览{% endblock %}')


@requires(Permission.REPORTS_READ)
def day() -> str:
    """Show a page below another one."""
    return reports()


@requires(Permission.CONVERSATIONS_OWN)
def desk() -> str:
    """Say who is asking."""
    return f"desk {request.form.get('text', '')}"


@requires(Permission.USERS_MANAGE)
def people() -> str:
    """Show people."""
    return "people"


@requires(Permission.USERS_MANAGE, fresh=True)
def change_people() -> str:
    """Change people, which matters."""
    return "changed"


def unmarked() -> str:
    """Never said whom it is for."""
    return "nobody should read this"


@open_to_all
def fails(what: str) -> str:
    """Fail in the way asked for."""
    if what == "storage":
        raise StorageUnavailable("the disk is full")
    if what == "code":
        raise RuntimeError("a fault of ours")
    if what == "words":
        abort(409, description="这张券刚刚被领完。")
    abort(int(what))


@requires(Permission.REPORTS_READ)
def live() -> Response:
    """Tell three things."""

    def events() -> Iterator[str]:
        for number in range(3):
            yield event("news", f"line {number}\nand more", str(number))

    return stream(events())


@requires(Permission.REPORTS_READ)
def quiet() -> Response:
    """Tell nothing, for ten seconds."""

    def events() -> Iterator[str]:
        for _ in range(200):
            time.sleep(0.05)
            yield ""

    return stream(events())


@requires(Permission.REPORTS_READ)
def watching() -> str:
    """Show a page that follows the quiet stream."""
    return render_template_string(
        '{% extends "web/layout.html" %}{% block title %}概览{% endblock %}'
        '{% block content %}<div hx-ext="sse" sse-connect="/live/quiet" sse-swap="news" sse-close="ended"></div>{% endblock %}'
    )


@open_to_all
def take_json() -> str:
    """Take JSON."""
    return str(request.get_json())


def take() -> str:
    """Take what a program sends."""
    return "taken"
