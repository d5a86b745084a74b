"""The access token that all processes share: one row an app, refreshed by one of them at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.database import Queries, Transaction
from storage.times import from_ms, to_ms

_LONGEST_PAUSE = timedelta(hours=1)  # a pause said to last longer was written under a wrong clock


@dataclass(frozen=True, slots=True)
class AccessToken:
    """The stored token (empty when there is none yet). Nobody starts a refresh before ``refresh_after``; ``failure`` says why the last one failed."""

    token: str
    expires_at: datetime
    refresh_after: datetime
    failure: str

    def may_refresh(self, now: datetime) -> bool:
        """Return whether somebody may start a refresh now."""
        return self.refresh_after <= now or self.refresh_after > now + _LONGEST_PAUSE

    def __repr__(self) -> str:
        return f"AccessToken(expires_at={self.expires_at.isoformat()}, failure={self.failure!r})"


def stored(queries: Queries, app_id: str) -> AccessToken | None:
    """Return what is stored for the app, or None."""
    row = queries.one(
        "SELECT token, expires_at, refresh_after, failure FROM access_tokens WHERE app_id = :app", {"app": app_id}
    )
    return (
        AccessToken(row["token"], from_ms(row["expires_at"]), from_ms(row["refresh_after"]), row["failure"])
        if row
        else None
    )


def begin_refresh(tx: Transaction, app_id: str, *, known_token: str, now: datetime, until: datetime) -> bool:
    """Take the right to refresh until ``until``; False when somebody refreshes, pauses after a failure, or has replaced ``known_token`` already."""
    tx.execute("INSERT INTO access_tokens (app_id) VALUES (:app) ON CONFLICT (app_id) DO NOTHING", {"app": app_id})
    changed = tx.execute(
        "UPDATE access_tokens SET refresh_after = :until, failure = '' "
        "WHERE app_id = :app AND token = :known AND (refresh_after <= :now OR refresh_after > :absurd)",
        {
            "app": app_id,
            "known": known_token,
            "now": to_ms(now),
            "until": to_ms(until),
            "absurd": to_ms(now + _LONGEST_PAUSE),
        },
    )
    return changed == 1


def end_refresh(
    tx: Transaction, app_id: str, *, began_until: datetime, token: str, expires_at: datetime, refresh_after: datetime
) -> bool:
    """Store a new token; False, with nothing done, when the right to refresh had passed to somebody else."""
    changed = tx.execute(
        "UPDATE access_tokens SET token = :token, expires_at = :expires, refresh_after = :after, failure = '' "
        "WHERE app_id = :app AND refresh_after = :began",
        {
            "app": app_id,
            "began": to_ms(began_until),
            "token": token,
            "expires": to_ms(expires_at),
            "after": to_ms(refresh_after),
        },
    )
    return changed == 1


def fail_refresh(tx: Transaction, app_id: str, *, began_until: datetime, failure: str, refresh_after: datetime) -> bool:
    """Note why a refresh failed and until when to leave it; the old token stays. False when the right had passed to somebody else."""
    changed = tx.execute(
        "UPDATE access_tokens SET refresh_after = :after, failure = :failure WHERE app_id = :app AND refresh_after = :began",
        {"app": app_id, "began": to_ms(began_until), "failure": failure, "after": to_ms(refresh_after)},
    )
    return changed == 1
