"""Can the service do its work, and what is about to keep it from doing so: each cause of trouble in a sentence, with what to do.

A ``failed`` finding means that messages should go elsewhere; a ``warning`` that they are answered, and that a person should look.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bot.delivery.keeping import Keeper
from bot.diagnosis.absence import why_unusable
from bot.diagnosis.findings import Finding, failed, warning
from bot.diagnosis.surroundings import check_disk
from bot.loading import database_folder
from bot.logs import LineHandler
from bot.service import Service
from bot.wechat.outcomes import sentence
from storage import access_tokens, outbox, revisions
from storage.errors import SchemaTooNew, SchemaTooOld, StorageError
from storage.migrations import check_current
from storage.moving import SourceMoved, check_not_moved

MOST_OVERDUE_SECONDS = 60.0
MOST_SKEW_SECONDS = 60.0


def examine(
    service: Service, *, keeper: Keeper | None, skew_seconds: float | None, log: LineHandler | None, stopping: bool
) -> Iterator[Finding]:
    """Yield what is wrong. ``skew_seconds``: how far the platform's clock is ahead of ours, None when not known."""
    yield from of_stopping(stopping=stopping)
    of_database_itself = list(of_database(service))
    yield from of_database_itself
    yield from of_disk(service)
    yield from of_worker(keeper)
    yield from of_spool(service)
    yield from of_clock(skew_seconds)
    yield from of_log(log)
    if all(
        finding.state != "failed" for finding in of_database_itself
    ):  # else nothing can be read, and asking takes seconds
        yield from of_contents(service)


def of_stopping(*, stopping: bool) -> Iterator[Finding]:
    """Tell when the process was told to stop."""
    if stopping:
        yield failed("process", "this process was told to stop", "send requests to another; it ends by itself")


def of_database(service: Service) -> Iterator[Finding]:
    """Tell when the database cannot be written, or has another schema. One that is newer serves: migrations only add while older releases run."""
    try:
        check_not_moved(service.database)
        try:
            check_current(service.database)
        except SchemaTooNew as error:
            yield warning("migration", str(error), "end this process once one of the newer release serves")
        service.database.write(revisions.touch)
    except SchemaTooOld as error:
        yield failed("migration", str(error), "run zhaohu migrate")
    except SourceMoved as error:
        yield failed("database", f"messages are kept in the spool: {error}", "then restart this process")
    except StorageError as error:
        words, advice = why_unusable(service.database, error)
        yield failed("database", f"the database cannot be used, messages are kept in the spool: {words}", advice)


def of_disk(service: Service) -> Iterator[Finding]:
    """Tell when little room is left where the database or the spool lies."""
    places = {service.shelter.spool.folder, database_folder(service.settings.database_url)}
    folders = {_existing(place) for place in places if place is not None}
    for folder in sorted(folders):
        for finding in check_disk(folder):
            if finding.state == "failed":  # by then there is still room for hours of messages
                yield replace(finding, state="warning")


def of_worker(keeper: Keeper | None) -> Iterator[Finding]:
    """Tell when a worker that should run in this process does not."""
    if keeper is not None and not keeper.is_running:
        yield failed(
            "worker",
            "the worker of this process is not running",
            "it is started again by itself; if this lasts, look for 'the worker failed' in the log",
        )


def of_spool(service: Service) -> Iterator[Finding]:
    """Tell when messages wait for the database, and have them taken in in case they were left over."""
    shelter = service.shelter
    if waiting := shelter.spool.size_bytes():
        shelter.begin()
        yield warning(
            "spool",
            f"messages that came while the database was away wait to be taken in ({waiting:,} bytes in {shelter.spool.folder})",
            "it happens by itself once the database can be written; if it lasts, the log says why",
        )
    if aside := shelter.spool.aside_bytes():
        yield warning(
            "spool",
            f"kept messages could not be taken in and were set aside ({aside:,} bytes in {shelter.spool.folder}/aside)",
            "the log says why; keep the file and tell zhaohu's developers, then move it away",
        )


def of_clock(skew_seconds: float | None) -> Iterator[Finding]:
    """Tell when our clock and the platform's differ: its requests carry the time."""
    if skew_seconds is not None and abs(skew_seconds) > MOST_SKEW_SECONDS:
        which = "behind" if skew_seconds > 0 else "ahead of"
        yield warning(
            "clock",
            f"this machine's clock is {abs(skew_seconds):.0f} s {which} WeChat's",
            "set the clock and keep it right by NTP: beyond WECHAT_MAX_AGE_SECONDS every message is refused",
        )


def of_log(log: LineHandler | None) -> Iterator[Finding]:
    """Tell when the log cannot be written."""
    if log is not None and log.lost:
        yield warning("log", f"the last {log.lost} lines of the log were lost", "make room on the log's disk")


def of_contents(service: Service) -> Iterator[Finding]:
    """Tell what the database says of the work."""
    try:
        yield from of_outbox(service)
        yield from of_token(service)
    except StorageError as error:  # it went away just now
        words, advice = why_unusable(service.database, error)
        yield warning("database", f"the database could not be read: {words}", advice)


def of_outbox(service: Service) -> Iterator[Finding]:
    """Tell when nobody sends what is due. Raises StorageError."""
    overdue_seconds = outbox.depth(service.database).overdue_seconds(service.clock())
    if overdue_seconds > MOST_OVERDUE_SECONDS:
        yield warning(
            "outbox",
            f"a message is overdue by {overdue_seconds:.0f} s",
            "run zhaohu worker (or serve --with-worker); if one runs, its log says what it meets",
        )


def of_token(service: Service) -> Iterator[Finding]:
    """Tell when no access token is to be had. Raises StorageError."""
    stored = access_tokens.stored(service.database, service.settings.wechat_app_id)
    if stored is not None and stored.failure:
        yield warning("token", f"no new access token: {_code(stored.failure)}", sentence(stored.failure, "en"))


def _code(outcome: str) -> str:
    return outcome.partition(":")[0]


def _existing(folder: Path) -> Path:
    """Return the folder or, while it is not made yet, the one it would be made in."""
    return next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
