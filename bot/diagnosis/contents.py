"""Checks of what the database holds: its soundness, its figures, what is published, and whether somebody does the work."""

from collections.abc import Iterator
from datetime import datetime

from bot.diagnosis.absence import why_unusable
from bot.diagnosis.findings import Finding, failed, ok, warning
from bot.settings import Settings
from intents.registry import CODED_NAMES, all_intents
from intents.scripted.loading import BadScriptedIntent, from_record
from storage import coupons, outbox, points, quarantine, reply_versions, scripted_intents, users
from storage.database import Database, Queries
from storage.errors import SchemaTooNew, SchemaTooOld, StorageError
from storage.integrity import damage_in, is_durable, orphans_in
from storage.migrations import check_current
from storage.moving import SourceMoved, check_not_moved
from storage.sqlite import SqliteDatabase
from templates.library import Library, load_shipped
from templates.lint import lint

LONGEST_OVERDUE_SECONDS = 120.0
_RESTORE = "restore the newest good copy: zhaohu restore FILE"


def check_database(database: Database) -> Iterator[Finding]:
    """Check that the database has the schema of this release, can be written, and is sound; the last finding is ``failed`` when it is of no use."""
    try:
        check_not_moved(database)
        check_current(database)
        database.write(lambda tx: tx.execute("UPDATE revisions SET revision = revision WHERE id = 1"))
        yield ok("database", "opens, has the schema of this release, can be written")
        if isinstance(database, SqliteDatabase):
            yield from _soundness(database)
    except (SchemaTooOld, SchemaTooNew) as error:
        yield failed("database", str(error), "zhaohu migrate brings an older database up to date")
    except SourceMoved as error:
        yield failed(
            "database", str(error), "do so in every process, and restart it; delete the file when you trust the move"
        )
    except StorageError as error:
        yield failed("database", *why_unusable(database, error))


def _soundness(database: Database) -> Iterator[Finding]:
    damage = damage_in(database)
    if damage:
        yield failed("integrity", f"the file is damaged: {'; '.join(damage)}", _RESTORE)
    elif orphans := orphans_in(database):
        yield failed("integrity", f"rows point at nothing in {', '.join(orphans)}", _RESTORE)
    else:
        yield ok("integrity", "every page and every reference is sound")
    if not is_durable(database):
        yield failed("durability", "commits may be lost in a power cut", "do not change journal_mode or synchronous")


def check_figures(queries: Queries) -> Iterator[Finding]:
    """Prove that coupons and points add up."""
    differences = [*coupons.reconcile(queries), *points.reconcile(queries)]
    for one in differences:
        yield failed(
            "figures",
            f"{one.rule} does not hold for {one.id}: {one.proved} against {one.kept}",
            "find out what wrote it (audit log, backups) before anybody corrects it",
        )
    if not differences:
        yield ok("figures", "coupons and points add up")


def check_published(queries: Queries, settings: Settings, now: datetime) -> Iterator[Finding]:
    """Check every reply and every scripted intent that is published."""
    published = reply_versions.published(queries)
    library = Library(published)
    today = now.astimezone(settings.timezone).date()
    bad = {fault.name: str(fault) for fault in library.faults}
    for name, version, source in published:
        errors = [remark.message_en for remark in lint(name, source, today) if remark.severity == "error"]
        if errors:
            bad.setdefault(name, f"{name} version {version}: {errors[0]}")
    missing = {
        f"{intent.name} has no reply {reply}"
        for intent in all_intents(scripted_intents.all_scripted(queries))
        for reply in intent.replies
        if library.get(reply) is None
    }
    for remark in [*bad.values(), *sorted(missing)]:
        yield failed("replies", remark, "mend it at /console/, or publish the version before")
    if not bad and not missing:
        yield ok("replies", f"{len(load_shipped())} shipped, {len(bad) + len(published)} published by staff")
    yield from _scripted(queries)


def _scripted(queries: Queries) -> Iterator[Finding]:
    records = scripted_intents.all_scripted(queries)
    good = True
    for record in records:
        try:
            from_record(record)
            reason = "an intent with code has this name" if record.name in CODED_NAMES else ""
        except BadScriptedIntent as error:
            reason = error.reason
        if reason:
            good = False
            yield failed("intents", f"{record.name} is not used: {reason}", "mend it at /console/, or switch it off")
    if good:
        yield ok("intents", f"{len(records)} written or changed by staff, all in use")


def check_work(queries: Queries, now: datetime) -> Iterator[Finding]:
    """Check that what is to be sent is sent, and that nothing waits for a decision that nobody takes."""
    depth = outbox.depth(queries)
    if depth.overdue_seconds(now) > LONGEST_OVERDUE_SECONDS:
        yield failed(
            "worker",
            f"{depth.ready} messages wait, the oldest for {depth.overdue_seconds(now):.0f} s",
            "start `zhaohu worker`, or `zhaohu serve --with-worker`; if one runs, its log says why it waits",
        )
    else:
        yield ok("worker", f"{depth.ready} messages wait to be sent, none for long")
    if undecided := depth.unknown + depth.dead:
        yield warning("worker", f"{undecided} messages are unsure or given up", "decide about them at /console/outbox/")
    if aside := quarantine.count(queries):
        yield warning("quarantine", f"{aside} bodies were not understood", "zhaohu's developers would like to see them")


def check_people(queries: Queries) -> Iterator[Finding]:
    """Check that somebody can manage users, and somebody can answer."""
    enabled = [user for user in users.list_users(queries) if user.enabled]
    admins = [user for user in enabled if user.role == "admin"]
    if not admins:
        yield failed("users", "there is no admin", "zhaohu user add NAME --role admin")
    elif not any(user.has_password for user in admins):
        yield warning("users", "no admin ever chose a password", f"zhaohu user reset {admins[0].name}")
    else:
        yield ok("users", f"{len(enabled)} people may sign in")
    if not any(user.role in ("agent", "supervisor") for user in enabled):
        yield warning("users", "there is no agent: nobody can take over", "zhaohu user add NAME --role agent")
