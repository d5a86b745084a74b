"""Schema changes: numbered SQL files, each carried out once, in one transaction, never edited after a release."""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

from storage.database import Database, Queries, Transaction
from storage.errors import HeldByOthers, SchemaTooNew, SchemaTooOld, StorageUnavailable

PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 1.0  # in which those who waited behind are served
_FILE_NAME = re.compile(r"(\d{4})_(\w+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema; ``statements`` are portable SQL."""

    number: int
    name: str
    statements: tuple[str, ...]


def all_migrations() -> tuple[Migration, ...]:
    """Return the migrations of this release in order."""
    files = ((_FILE_NAME.fullmatch(file.name), file) for file in resources.files("storage.schema").iterdir())
    found = [
        Migration(int(match[1]), match[2], _statements(file.read_text(encoding="utf-8")))
        for match, file in files
        if match
    ]
    return tuple(sorted(found, key=lambda migration: migration.number))


def applied_number(queries: Queries) -> int:
    """Return the number of the newest migration the database has had, 0 when it is empty."""
    try:
        row = queries.one("SELECT max(number) AS number FROM schema_migrations")
    except StorageUnavailable as error:
        if "schema_migrations" in str(error):  # no such table: an empty database
            return 0
        raise
    return int(row["number"] or 0) if row else 0


def migrate(database: Database) -> list[Migration]:
    """Carry out every migration that is pending and return those.

    Raises SchemaTooNew when a newer release has been here.
    """
    check_not_newer(database)
    return carry_out(database, all_migrations())


def carry_out(
    database: Database, migrations: Iterable[Migration], *, patience_seconds: float = PATIENCE_SECONDS
) -> list[Migration]:
    """Carry out those of the migrations that the database has not had, in one transaction that no other migration runs beside; return them.

    To change a table, a server waits until nobody reads it, and whoever comes later waits behind; so while somebody reads for long, it is tried for a
    moment, again and again. Raises HeldByOthers when that lasted for ``patience_seconds``; nothing is changed then.
    """
    todo = tuple(migrations)
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            return database.write(lambda tx: _carry_out(tx, todo))
        except HeldByOthers as error:
            if time.monotonic() >= deadline:
                raise HeldByOthers(
                    "the migration found its tables in use all the time, by a copy or an export perhaps, and changed nothing: "
                    "run `zhaohu migrate` again when that has ended"
                ) from error
        time.sleep(_PAUSE_SECONDS)


def check_current(queries: Queries) -> None:
    """Raise SchemaTooOld or SchemaTooNew unless the database has exactly the schema of this release."""
    check_not_newer(queries)
    had = _applied_numbers(queries)
    missing = [migration.number for migration in all_migrations() if migration.number not in had]
    if missing:
        raise SchemaTooOld(
            f"the database is at migration {max(had, default=0)} and lacks {', '.join(map(str, missing))}: run `zhaohu migrate`"
        )


def check_not_newer(queries: Queries) -> None:
    """Raise SchemaTooNew when the database had migrations this release does not know."""
    have, want = applied_number(queries), all_migrations()[-1].number
    if have > want:
        raise SchemaTooNew(
            f"the database is at migration {have}, this release knows only {want}: install the newer release"
        )


def _applied_numbers(queries: Queries) -> set[int]:
    """Return the numbers of all migrations the database has had: one made on another branch may come after a higher one."""
    if applied_number(queries) == 0:
        return set()
    return {row["number"] for row in queries.query("SELECT number FROM schema_migrations")}


def _carry_out(tx: Transaction, migrations: Iterable[Migration]) -> list[Migration]:
    tx.take_time()
    tx.alone("migrations")
    tx.give_way()
    tx.execute("CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    had = _applied_numbers(tx)
    pending = [migration for migration in migrations if migration.number not in had]
    for migration in pending:
        for statement in migration.statements:
            tx.execute(statement)
        tx.execute(
            "INSERT INTO schema_migrations (number, name) VALUES (:number, :name)",
            {"number": migration.number, "name": migration.name},
        )
    return pending


def _statements(script: str) -> tuple[str, ...]:
    """Split a script at the semicolons that end a line; comments fall away."""
    lines = [line for line in script.splitlines() if line.strip() and not line.lstrip().startswith("--")]
    return tuple(part.strip() for part in "\n".join(lines).split(";\n") if part.strip())
