"""Why the database cannot be used right now, in its own words, and what to do about that."""

from collections.abc import Mapping

from storage.database import Database
from storage.opening import trouble_in_reaching

# A part of what an engine says → what to do. Servers that speak another language than English get the last advice.
_ADVICE: Mapping[str, str] = {
    "password": "set the user's password in DATABASE_URL, in every process",
    "does not exist": "make it (createuser, createdb), or correct DATABASE_URL",
    "no pg_hba.conf entry": "allow this machine and user in the server's pg_hba.conf",
    "starting up": "wait: the server recovers, and is used as soon as it is ready",
    "shutting down": "start the server again, unless that happens by itself",
    "too many clients": "raise the server's max_connections, or run fewer processes: each uses up to 21",
    "connection slots": "raise the server's max_connections, or run fewer processes: each uses up to 21",
    "read-only": "that server is a standby: name all hosts in DATABASE_URL, with target_session_attrs=read-write",
    "refused": "start the server, or correct host and port in DATABASE_URL",
    "No such file": "start the server, or correct host and port in DATABASE_URL",
    "port number": "correct host and port in DATABASE_URL",
    "host name": "correct the host in DATABASE_URL, or mend the name service (DNS)",
    "resolve host": "correct the host in DATABASE_URL, or mend the name service (DNS)",
    "timeout": "look at the network and the firewall between here and the server",
    "No space left": "make room on the disk of the database",
    "is full": "make room on the disk of the database",
    "locked": "find who holds the database (a copy being made, sqlite3, another program), and end it",
    "Permission denied": "give the user of the service the right to read and write the file and its folder",
    "readonly": "give the user of the service the right to write the file and its folder",
    "not a database": "correct DATABASE_URL, as that file is something else; if it was the database, restore the newest good copy: zhaohu restore FILE",
    "malformed": "restore the newest good copy: zhaohu restore FILE --force",
    "unable to open": "look whether the file and its folder are there, and may be read and written by the user of the service",
}
_OTHERWISE = "look whether it runs, whether its disk has room, and who holds it; zhaohu doctor tells more"


def why_unusable(database: Database | None, error: Exception) -> tuple[str, str]:
    """Return what the engine says about why it (None: it did not even open) cannot be used, after ``error`` was met, and what to do."""
    words = (trouble_in_reaching(database) if database is not None else "") or str(error)
    advice = next((advice for part, advice in _ADVICE.items() if part in words), _OTHERWISE)
    return words, advice
