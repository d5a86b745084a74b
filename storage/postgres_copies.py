"""Copies of a PostgreSQL database: made by pg_dump while others write, read through before they are trusted, put into an empty database.

They are in pg_dump's custom format, which pg_restore of the same or a newer PostgreSQL reads. A target is left as empty as it was when a restore
fails. Errors are those of ``backups`` and ``postgres_programs``, and one more:

BackupError
└── NotEmpty    the target holds something
"""

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import LiteralString
from urllib.parse import parse_qsl, urlencode, urlsplit

import psycopg
from psycopg import sql

from storage import coupons, points
from storage.backups import (
    NO_CONTENT,
    BackupError,
    InUse,
    NotABackup,
    Restored,
    new_private_file,
    wait_for_disk,
)
from storage.errors import SchemaTooNew
from storage.migrations import all_migrations, migrate
from storage.postgres import PostgresDatabase
from storage.postgres_connections import conninfo_of, translated
from storage.postgres_programs import ProgramFailed, program, run, server_version

_FIRST_BYTES = b"PGDMP"  # of a file in the custom format
_MIGRATIONS = "schema_migrations"
_IN_ONE_GO = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")

Raw = psycopg.Connection[tuple[object, ...]]


class NotEmpty(BackupError):
    """The target holds something."""


def is_server_copy(file: Path) -> bool:
    """Say whether a file looks like a copy of a PostgreSQL database. Raises OSError."""
    with file.open("rb") as opened:
        return opened.read(len(_FIRST_BYTES)) == _FIRST_BYTES


def back_up(url: str, target: Path) -> int:
    """Write a consistent copy to ``target``, readable to its owner alone, read it through, and return its bytes.

    Raises BackupError, ProgramError, StorageUnavailable.
    """
    version = server_version(url)
    dump, restore_program = program("pg_dump", version), program("pg_restore", version)
    with new_private_file(target):
        run(dump, "--format=custom", f"--file={target}", url=url)
        _read_through(restore_program, target)
        wait_for_disk(target)
    return target.stat().st_size


def restore(source: Path, url: str) -> Restored:
    """Put the copy ``source`` into the empty database at ``url``, brought to the schema of this release.

    It goes in as one transaction, in which the server builds every index and proves every reference anew.
    Raises BackupError, ProgramError, SchemaTooNew, StorageUnavailable.
    """
    if not is_server_copy(source):
        raise NotABackup(f"{source} is no copy of a PostgreSQL database; one of an embedded database: zhaohu move")
    reader = program("pg_restore", server_version(url))
    _check_release(reader, source)
    _read_through(reader, source)
    _make_way(url)
    try:
        run(reader, *_IN_ONE_GO, str(source), url=url)
    except ProgramFailed as error:
        raise NotABackup(f"{source} could not be restored, and nothing of it is there: {error}") from error
    with closing(PostgresDatabase(url)) as opened:
        migrations = tuple(migrate(opened))
        differences = (*coupons.reconcile(opened), *points.reconcile(opened))
    with translated(), psycopg.connect(url, autocommit=True) as raw:
        raw.execute("ANALYZE")  # a copy brings no statistics, without which the first hours would be slow
    return Restored(migrations, None, differences)


@contextmanager
def database_for_a_while(url: str) -> Iterator[str]:
    """Make an empty database on the server of ``url``, lend its address, and remove it. Raises BackupError, StorageUnavailable."""
    name = f"zhaohu_drill_{secrets.token_hex(6)}"
    with translated(), psycopg.connect(conninfo_of(url), autocommit=True) as raw:
        try:
            raw.execute(_named("CREATE DATABASE {} TEMPLATE template0", name))
        except psycopg.errors.InsufficientPrivilege as error:
            user = raw.info.user
            raise BackupError(
                f"{user} may not make a database for a while: ALTER ROLE {user} CREATEDB, or name a server with --server URL"
            ) from error
    try:
        yield _address(url, name)
    finally:
        with translated(), psycopg.connect(conninfo_of(url), autocommit=True) as raw:
            raw.execute(_named("DROP DATABASE {} WITH (FORCE)", name))


def _address(url: str, name: str) -> str:
    """Return the address of another database on the same server."""
    parts = urlsplit(url)
    others = [(key, value) for key, value in parse_qsl(parts.query) if key != "dbname"]
    return f"{parts.scheme}://{parts.netloc}/{name}?{urlencode(others)}"


def _read_through(reader: Path, file: Path) -> None:
    """Have every byte of a copy read and unpacked. Raises NotABackup."""
    try:
        run(reader, "--file=/dev/null", str(file))
    except ProgramFailed as error:
        raise NotABackup(_why_unreadable(file, error)) from error


def _check_release(reader: Path, file: Path) -> None:
    """Raise NotABackup when a copy is none of ours, and SchemaTooNew when a newer release made it."""
    try:
        printed = run(reader, "--data-only", f"--table={_MIGRATIONS}", "--file=-", str(file))
    except ProgramFailed as error:
        raise NotABackup(_why_unreadable(file, error)) from error
    numbers = [int(first) for line in printed.splitlines() if (first := line.partition("\t")[0]).isdigit()]
    if not numbers:
        raise NotABackup(f"{file} is no copy of a database of this program")
    have, want = max(numbers), all_migrations()[-1].number
    if have > want:
        raise SchemaTooNew(f"{file} is at migration {have}, this release knows only {want}: install the newer release")


def _why_unreadable(file: Path, error: ProgramFailed) -> str:
    if "unsupported version" in str(error):
        return f"{file} was made by the pg_dump of a newer PostgreSQL: install the client programs of that version"
    return f"{file} is damaged: {error}"


def _make_way(url: str) -> None:
    """See that a database is empty and nobody works with it, and take away the empty tables that a migration made there."""
    with translated(), psycopg.connect(conninfo_of(url)) as raw:
        others = raw.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND application_name = 'zhaohu'"
        ).fetchone()
        if others and others[0]:
            raise InUse("the database is in use: stop the service and its workers first")
        tables = _tables(raw)
        if tables and _MIGRATIONS not in tables:
            raise NotEmpty("the database has tables of another program: make one of its own (createdb)")
        for table in sorted(tables):
            raw.execute(_named("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", table))
            if table not in NO_CONTENT and raw.execute(_named("SELECT 1 FROM {} LIMIT 1", table)).fetchone():
                raise NotEmpty(f"the database holds data (in {table}): restore to an empty one (createdb)")
        for table in sorted(tables):
            raw.execute(_named("DROP TABLE {} CASCADE", table))


def _tables(raw: Raw) -> set[str]:
    found = raw.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall()
    return {str(name) for (name,) in found}


def _named(text: LiteralString, name: str) -> sql.Composed:
    return sql.SQL(text).format(sql.Identifier(name))
