"""One page with every element of the interface, where a change of design can be judged at a glance."""

import re
from datetime import timedelta

from flask import Blueprint, render_template, request

from bot.web.assets import STATIC
from bot.web.roles import Permission, requires
from bot.web.service import page_service

pages = Blueprint("patterns", __name__, template_folder="templates")


@pages.get("/console/patterns")
@requires(Permission.SETTINGS_READ)
def patterns() -> str:
    """Show every element."""
    now = page_service().clock()
    times = [
        now,
        now - timedelta(minutes=7),
        now - timedelta(hours=5),
        now - timedelta(days=3),
        now - timedelta(days=500),
    ]
    icon_names = re.findall(r'<symbol id="([a-z0-9-]+)"', (STATIC / "vendor" / "icons.svg").read_text(encoding="utf-8"))
    page = request.args.get("page", type=int, default=1)
    return render_template("web/patterns.html", times=times, page=page, icon_names=icon_names)
