"""The revision: a number that rises whenever something published changes, so that every process knows to load it again."""

from storage.database import Queries, Transaction
from storage.ids import new_id


def current(queries: Queries) -> int:
    """Return the revision of all that is published: replies, scripted intents, stores, names of campaigns."""
    row = queries.one("SELECT revision FROM revisions WHERE id = 1")
    return int(row["revision"]) if row else 0


def touch(tx: Transaction) -> None:
    """Write without changing anything: it succeeds when the database can be written."""
    tx.execute("UPDATE revisions SET revision = revision WHERE id = 1")


def bump(tx: Transaction) -> None:
    """Raise the revision, in the transaction of the change it stands for."""
    tx.execute(
        "UPDATE revisions SET revision = CASE WHEN revision >= :fresh THEN revision + 1 ELSE :fresh END WHERE id = 1",
        {"fresh": new_id()},  # a number that a publication undone by a failing commit did not have
    )
