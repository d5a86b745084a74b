"""The one way of pages to members: who may see whom, for single pages and for lists alike (T16, T17). Foreign and absent ids both give 404.

An agent sees the members they have to do with; a supervisor sees all. An admin sees every profile, but a dialogue only after saying why.
"""

from flask import abort

from bot.web.auth import can, signed_in_user
from bot.web.roles import Permission
from bot.web.service import page_service
from storage import members
from storage.members import Member


def access_member(member_id: int) -> Member:
    """Return the member whose profile the person signed in wants to see; 404 unless there is one and they may."""
    database = page_service().database
    member = members.member_by_id(database, member_id) if 0 < member_id < 2**63 else None
    if member is None or not can(Permission.MEMBERS_READ):
        abort(404)
    agent_id = _only_of_agent()
    if agent_id is not None and not members.concerns_agent(database, member_id, agent_id):
        abort(404)
    return member


def access_members(text: str = "", *, before_id: int | None = None, limit: int = 50) -> list[Member]:
    """Return the members that the person signed in may see and the words fit, newest first."""
    if not can(Permission.MEMBERS_READ):
        return []
    return members.search_members(
        page_service().database, text, agent_id=_only_of_agent(), before_id=before_id, limit=limit
    )


def sees_dialogues() -> bool:
    """Say whether the person signed in reads the dialogues of members they may see without giving a reason."""
    return can(Permission.CONVERSATIONS_OWN) or can(Permission.CONVERSATIONS_TEAM)


def masked_phone(phone: str) -> str:
    """Return a phone number with all but the first three and the last four digits hidden; short ones are hidden whole."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 9 else "*" * len(phone)


def _only_of_agent() -> int | None:
    """Return the id of an agent who may see only their own members; None for whoever sees all."""
    everyone = can(Permission.CONVERSATIONS_TEAM) or not can(Permission.CONVERSATIONS_OWN)
    return None if everyone else signed_in_user().id
