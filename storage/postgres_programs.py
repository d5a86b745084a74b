"""The programs that come with PostgreSQL, and the only place that runs any program: found, fit for the server, run without showing a secret.

ProgramError
├── ProgramMissing    it is not installed
├── ProgramTooOld     it is older than the server
└── ProgramFailed     it ended with an error
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from storage.errors import StorageError, StorageUnavailable
from storage.postgres_connections import translated

# Where Debian and the packages of postgresql.org keep the programs of each version side by side.
_SIDE_BY_SIDE = ((Path("/usr/lib/postgresql"), "*/bin"), (Path("/usr"), "pgsql-*/bin"))
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_CONNECT_SECONDS = 10
_UNHIDEABLE = ("sslpassword", "oauth_client_secret")  # the programs take these from their command line only


class ProgramError(StorageError):
    """A program of PostgreSQL did not do its work."""


class ProgramMissing(ProgramError):
    """It is not there."""


class ProgramTooOld(ProgramError):
    """It cannot talk to this server."""


class ProgramFailed(ProgramError):
    """It ended with an error."""


def server_version(url: str) -> int:
    """Return the server's major version. Raises StorageUnavailable."""
    with translated(), psycopg.connect(url, connect_timeout=_CONNECT_SECONDS) as raw:
        return raw.info.server_version // 10_000


def program(name: str, version: int) -> Path:
    """Return where ``pg_dump`` or another program is: of those that are not older than a server of this version, the oldest, which knows it best.

    Raises ProgramMissing, ProgramTooOld.
    """
    found = {path: _version_of(path) for path in _installed(name)}
    fit = [path for path, its in found.items() if its >= version]
    if fit:
        return min(fit, key=lambda path: found[path])
    install = f"install the client programs of PostgreSQL {version} (Debian: postgresql-client-{version})"
    if found:
        raise ProgramTooOld(f"{name} is of PostgreSQL {max(found.values())}, older than the server: {install}")
    raise ProgramMissing(f"{name} is not on this machine: {install}, or put its folder on the PATH")


def run(path: Path, *arguments: str, url: str = "") -> str:
    """Run a program, connected to ``url`` unless that is empty, and return what it printed.

    The password goes by its environment, which only its user can see. Raises ProgramFailed with the first line of its error: the lines after it
    may quote what people wrote.
    """
    where, secret = _apart(url) if url else ("", {})
    command = [str(path), *([f"--dbname={where}", "--no-password"] if where else []), *arguments]
    try:
        done = subprocess.run(  # noqa: S603 (a program found above, no shell)
            command,
            env={**os.environ, "LC_ALL": "C.UTF-8", **secret},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise ProgramFailed(f"{path} cannot be run: {error.strerror}") from error
    if done.returncode:
        raise ProgramFailed(f"{path.name}: {_first_error(done.stderr) or f'ended with {done.returncode}'}")
    return done.stdout


def _installed(name: str) -> Iterator[Path]:
    on_path = shutil.which(name)
    if on_path is not None:
        yield Path(on_path)
    for root, folders in _SIDE_BY_SIDE:
        yield from (path for path in root.glob(f"{folders}/{name}") if os.access(path, os.X_OK))


@lru_cache(maxsize=16)
def _version_of(path: Path) -> int:
    """Return the major version of a program, 0 when it does not tell."""
    try:
        told = _VERSION.search(run(path, "--version"))
    except ProgramFailed:
        return 0
    return int(told[1]) if told else 0


def _apart(url: str) -> tuple[str, Mapping[str, str]]:
    """Return an address without its password, and the environment that has it. Raises StorageUnavailable, ProgramFailed."""
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise StorageUnavailable("DATABASE_URL is no address of a PostgreSQL database") from error
    for name in _UNHIDEABLE:
        if given.get(name):
            raise ProgramFailed(f"{name} in DATABASE_URL would show in the list of processes: use a key without it")
    password = given.pop("password", None)
    given.setdefault("connect_timeout", _CONNECT_SECONDS)
    where = make_conninfo("", **given)
    return where, {"PGPASSWORD": str(password)} if password else {}


def _first_error(printed: str) -> str:
    """Return the first line that tells of an error, without the program's name."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    telling = next((line for line in lines if "error: " in line), lines[0] if lines else "")
    return telling.partition("error: ")[2] or telling
