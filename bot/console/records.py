"""Records: what the platform sent that was not understood, and who did what."""

from flask import Blueprint, render_template, url_for

from bot.console.action_names import action_name
from bot.console.form import cursor
from bot.service import current
from bot.web.roles import Permission, requires
from storage import audit, quarantine

pages = Blueprint("records", __name__)
PAGE_SIZE = 50


@pages.get("/quarantine")
@requires(Permission.QUARANTINE_READ)
def not_understood() -> str:
    """Show what was signed by the platform but not understood, newest first."""
    database, before = current().database, cursor()
    found = quarantine.newest(database, before_id=before, limit=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    return render_template(
        "console/quarantine.html",
        kept=shown,
        count=quarantine.count(database),
        first=url_for(".not_understood") if before else "",
        next=url_for(".not_understood", before=shown[-1].id) if len(found) > PAGE_SIZE else "",
    )


@pages.get("/audit")
@requires(Permission.AUDIT_READ)
def done() -> str:
    """Show who did what, newest first."""
    before = cursor()
    found = audit.list_audit(current().database, PAGE_SIZE + 1, before or audit.LATEST)
    shown = found[:PAGE_SIZE]
    return render_template(
        "console/audit.html",
        entries=shown,
        action_name=action_name,
        first=url_for(".done") if before else "",
        next=url_for(".done", before=shown[-1].id) if len(found) > PAGE_SIZE else "",
    )
