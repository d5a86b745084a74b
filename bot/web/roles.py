"""Who may do what: the table, and the marks by which each view says whom it is for. Without a mark a view is for nobody."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from storage.users import RoleName

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "_zhaohu_access"


class Permission(StrEnum):
    """One thing that a role may or may not do."""

    TEMPLATES_READ = "templates.read"
    TEMPLATES_WRITE = "templates.write"
    TEMPLATES_PUBLISH = "templates.publish"
    INTENTS_READ = "intents.read"
    INTENTS_WRITE = "intents.write"
    CONVERSATIONS_OWN = "conversations.own"
    CONVERSATIONS_TEAM = "conversations.team"
    MEMBERS_READ = "members.read"
    MEMBERS_WRITE = "members.write"
    MEMBERS_REVEAL_PHONE = "members.reveal_phone"
    TAGS_WRITE = "tags.write"
    COUPONS_READ = "coupons.read"
    COUPONS_ISSUE = "coupons.issue"
    COUPONS_REDEEM = "coupons.redeem"
    CAMPAIGNS_WRITE = "campaigns.write"
    CAMPAIGNS_START = "campaigns.start"
    STORES_READ = "stores.read"
    STORES_WRITE = "stores.write"
    MENU_READ = "menu.read"
    MENU_WRITE = "menu.write"
    MENU_PUBLISH = "menu.publish"
    SPOTS_READ = "spots.read"
    SPOTS_WRITE = "spots.write"
    MASS_WRITE = "mass.write"
    MASS_SEND = "mass.send"
    REPORTS_READ = "reports.read"
    OUTBOX_READ = "outbox.read"
    OUTBOX_DECIDE = "outbox.decide"
    QUARANTINE_READ = "quarantine.read"
    SENTIMENT_CORRECT = "sentiment.correct"
    USERS_MANAGE = "users.manage"
    AUDIT_READ = "audit.read"
    SETTINGS_READ = "settings.read"
    SETTINGS_WRITE = "settings.write"


def _table() -> dict[RoleName, frozenset[Permission]]:
    p = Permission
    everybody = {
        p.SENTIMENT_CORRECT,
        p.TEMPLATES_READ,
        p.INTENTS_READ,
        p.COUPONS_READ,
        p.STORES_READ,
        p.MENU_READ,
        p.SPOTS_READ,
        p.REPORTS_READ,
    }
    editor = everybody | {
        p.TEMPLATES_WRITE,
        p.TEMPLATES_PUBLISH,
        p.INTENTS_WRITE,
        p.CAMPAIGNS_WRITE,
        p.STORES_WRITE,
        p.MENU_WRITE,
        p.MENU_PUBLISH,
        p.SPOTS_WRITE,
        p.MASS_WRITE,
    }
    agent = everybody | {
        p.CONVERSATIONS_OWN,
        p.MEMBERS_READ,
        p.MEMBERS_WRITE,
        p.MEMBERS_REVEAL_PHONE,
        p.COUPONS_ISSUE,
        p.COUPONS_REDEEM,
    }
    of_who_watches = {p.TAGS_WRITE, p.CAMPAIGNS_START, p.QUARANTINE_READ, p.AUDIT_READ, p.OUTBOX_READ, p.OUTBOX_DECIDE}
    supervisor = agent | of_who_watches | {p.CONVERSATIONS_TEAM}
    # An admin runs the service; people's dialogues are the desk's, not the admin's.
    of_the_account = {p.MASS_SEND, p.USERS_MANAGE, p.SETTINGS_READ, p.SETTINGS_WRITE}
    admin = editor | of_who_watches | of_the_account | {p.MEMBERS_READ}
    return {
        "editor": frozenset(editor),
        "agent": frozenset(agent),
        "supervisor": frozenset(supervisor),
        "admin": frozenset(admin),
    }


ROLES = MappingProxyType(_table())


def role_may(role: RoleName, permission: Permission) -> bool:
    """Say whether a role holds a permission."""
    return permission in ROLES.get(role, frozenset())


@dataclass(frozen=True, slots=True)
class Access:
    """Whom a view is for.

    ``public``: anybody. Otherwise signed-in users, with all of ``permissions``; ``fresh`` asks for a password given in the last ten minutes.
    ``upload_bytes`` is how large a request may be where it brings a file, 0 where it brings none.
    """

    public: bool = False
    permissions: frozenset[Permission] = frozenset()
    fresh: bool = False
    upload_bytes: int = 0


def requires(*permissions: Permission, fresh: bool = False, upload_bytes: int = 0) -> Callable[[View], View]:
    """Mark a view as being for users who hold all these permissions; ``fresh``: who also gave their password in the last ten minutes.

    ``upload_bytes`` lets its requests be as large as the file they bring.
    """
    if not permissions:
        raise ValueError("name at least one permission, or use @signed_in")
    return _marking(Access(permissions=frozenset(permissions), fresh=fresh, upload_bytes=upload_bytes))


def signed_in(view: View) -> View:
    """Mark a view as being for every signed-in user."""
    return _marking(Access())(view)


def open_to_all(view: View) -> View:
    """Mark a view as being for anybody; forms on it are still protected."""
    return _marking(Access(public=True))(view)


def access_of(view: Callable[..., Any]) -> Access | None:
    """Return whom a view is for, or None when it never said so."""
    mark = getattr(view, _MARK, None)
    return mark if isinstance(mark, Access) else None


def _marking(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, _MARK, access)
        return view

    return mark


def holders(permissions: Iterable[Permission]) -> list[RoleName]:
    """Return the roles that hold all these permissions."""
    wanted = frozenset(permissions)
    return [role for role, held in ROLES.items() if wanted <= held]
