"""Staff: their names, roles and password hashes, and the one-time links by which they choose a password."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, cast, get_args

from storage.database import Queries, Row, Transaction
from storage.errors import Conflict, StorageError
from storage.ids import new_id
from storage.sessions import end_sessions_of, hash_token, new_token
from storage.times import from_ms, to_ms

RoleName = Literal["editor", "agent", "supervisor", "admin"]
ROLE_NAMES: tuple[RoleName, ...] = get_args(RoleName)
SETUP_LINK_LIFETIME = timedelta(hours=1)
_NAME = re.compile(r"\w[\w.-]{1,31}")
_COLUMNS = "id, name, display_name, role, password_hash, enabled, created_at"


class UserError(StorageError):
    """A user cannot be made or changed as asked.

    UserError
    ├── BadName       not 2 to 32 letters, digits, ``.``, ``-``, ``_``
    ├── NameTaken     another user has it
    └── LastAdmin     somebody must be left who may manage users
    """


class BadName(UserError):
    """The name is not 2 to 32 letters, digits, dots, dashes or underscores."""


class NameTaken(UserError):
    """Another user has the name."""


class LastAdmin(UserError):
    """The only enabled admin cannot be disabled or given another role."""


@dataclass(frozen=True, slots=True)
class User:
    """One member of staff. ``password_hash`` is empty until a password was chosen."""

    id: int
    name: str
    display_name: str
    role: RoleName
    enabled: bool
    created_at: datetime
    password_hash: str = field(repr=False)

    @property
    def shown_name(self) -> str:
        """The name other people see."""
        return self.display_name or self.name

    @property
    def has_password(self) -> bool:
        """Whether this user ever chose a password."""
        return bool(self.password_hash)


def normal_name(name: str) -> str:
    """Return the name as it is stored and compared: NFKC, lower case, no blanks around it."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def add_user(tx: Transaction, name: str, role: RoleName, display_name: str, now: datetime) -> User:
    """Add a user who has no password yet. Raises BadName, NameTaken."""
    name = normal_name(name)
    if not _NAME.fullmatch(name):
        raise BadName("a user's name has 2 to 32 letters, digits, dots, dashes or underscores")
    user = User(new_id(), name, display_name.strip(), role, enabled=True, created_at=now, password_hash="")
    if find_user_by_name(tx, name) is not None:
        raise NameTaken(f"there is already a user {name}")
    try:
        tx.execute(
            "INSERT INTO users (id, name, display_name, role, created_at) VALUES (:id, :name, :display_name, :role, :now)",
            {"id": user.id, "name": user.name, "display_name": user.display_name, "role": role, "now": to_ms(now)},
        )
    except Conflict as error:
        raise NameTaken(f"there is already a user {name}") from error
    return user


def find_user(queries: Queries, user_id: int) -> User | None:
    """Return the user of this id, or None."""
    row = queries.one(f"SELECT {_COLUMNS} FROM users WHERE id = :id", {"id": user_id})
    return None if row is None else _user(row)


def find_user_by_name(queries: Queries, name: str) -> User | None:
    """Return the user of this name, however it is written, or None."""
    row = queries.one(f"SELECT {_COLUMNS} FROM users WHERE name = :name", {"name": normal_name(name)})
    return None if row is None else _user(row)


def list_users(queries: Queries) -> list[User]:
    """Return all users by name."""
    return [_user(row) for row in queries.query(f"SELECT {_COLUMNS} FROM users ORDER BY name")]


def set_password_hash(tx: Transaction, user_id: int, password_hash: str) -> None:
    """Store the hash of a newly chosen password, and end every session of the user."""
    tx.execute("UPDATE users SET password_hash = :hash WHERE id = :id", {"hash": password_hash, "id": user_id})
    end_sessions_of(tx, user_id)


def renew_password_hash(tx: Transaction, user_id: int, old_hash: str, new_hash: str) -> None:
    """Store the same password hashed with stronger parameters, unless it was changed meanwhile."""
    tx.execute(
        "UPDATE users SET password_hash = :new WHERE id = :id AND password_hash = :old",
        {"new": new_hash, "id": user_id, "old": old_hash},
    )


def set_display_name(tx: Transaction, user_id: int, display_name: str) -> None:
    """Change the name other people see."""
    tx.execute("UPDATE users SET display_name = :name WHERE id = :id", {"name": display_name.strip(), "id": user_id})


def set_role(tx: Transaction, user_id: int, role: RoleName) -> None:
    """Give a user another role, and end their sessions so that the next one starts with the new rights. Raises LastAdmin."""
    if role != "admin":
        _keep_an_admin(tx, user_id)
    tx.execute("UPDATE users SET role = :role WHERE id = :id", {"role": role, "id": user_id})
    end_sessions_of(tx, user_id)


def disable_user(tx: Transaction, user_id: int) -> None:
    """Shut a user out: sessions and set-up links end. Raises LastAdmin."""
    _keep_an_admin(tx, user_id)
    tx.execute("UPDATE users SET enabled = 0 WHERE id = :id", {"id": user_id})
    tx.execute("DELETE FROM setup_links WHERE user_id = :id", {"id": user_id})
    end_sessions_of(tx, user_id)


def enable_user(tx: Transaction, user_id: int) -> None:
    """Let a disabled user in again."""
    tx.execute("UPDATE users SET enabled = 1 WHERE id = :id", {"id": user_id})


def add_setup_link(tx: Transaction, user_id: int, now: datetime) -> str:
    """Return the token of a new set-up link, good once within the hour; older links of the user end."""
    token = new_token()
    tx.execute("DELETE FROM setup_links WHERE user_id = :id", {"id": user_id})
    tx.execute(
        "INSERT INTO setup_links (token_hash, user_id, expires_at) VALUES (:hash, :id, :expires_at)",
        {"hash": hash_token(token), "id": user_id, "expires_at": to_ms(now + SETUP_LINK_LIFETIME)},
    )
    return token


def find_user_of_setup_link(queries: Queries, token: str, now: datetime) -> User | None:
    """Return whom an unused set-up link belongs to, or None."""
    row = queries.one(
        "SELECT user_id FROM setup_links WHERE token_hash = :hash AND used_at IS NULL AND expires_at > :now",
        {"hash": hash_token(token), "now": to_ms(now)},
    )
    user = None if row is None else find_user(queries, row["user_id"])
    return user if user is not None and user.enabled else None


def use_setup_link(tx: Transaction, token: str, now: datetime) -> bool:
    """Use the link up; False when it was used, has expired or never was."""
    used = tx.execute(
        "UPDATE setup_links SET used_at = :now WHERE token_hash = :hash AND used_at IS NULL AND expires_at > :now",
        {"hash": hash_token(token), "now": to_ms(now)},
    )
    return used == 1


def _keep_an_admin(tx: Transaction, user_id: int) -> None:
    tx.alone("admins")  # else two admins could take each other's role at the same moment
    others = tx.one("SELECT 1 FROM users WHERE role = 'admin' AND enabled = 1 AND id <> :id", {"id": user_id})
    user = find_user(tx, user_id)
    if user is not None and user.role == "admin" and user.enabled and others is None:
        raise LastAdmin("somebody must be left who may manage users: make another admin first")


def _user(row: Row) -> User:
    return User(
        id=row["id"],
        name=row["name"],
        display_name=row["display_name"],
        role=cast(RoleName, row["role"]),
        enabled=bool(row["enabled"]),
        created_at=from_ms(row["created_at"]),
        password_hash=row["password_hash"],
    )
