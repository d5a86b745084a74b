"""The stand-in knows its followers: their list, who they are, their tags and remarks. Followers are the members who follow.

Source: https://developers.weixin.qq.com/doc/service/api/usermanage/userinfo/api_getfans.html and the pages beside it, read 2026-03.
"""

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, request

from bot.service import current
from bot.simulator.answering import addresses, answered, body, platform, token
from bot.simulator.messages import ApiError
from bot.simulator.platform import Answer
from storage import members, simulated_deliveries
from storage.members import Member

MOST_PER_PAGE, MOST_INFOS, MOST_TAGGED, MOST_TAGS = 10_000, 100, 50, 100
_KEPT_UNDER = "account:people"  # no openid
_FIRST_TAG = 100  # those below are the platform's own

people = addresses("simulator_people")


@people.get("/cgi-bin/user/get")
def user_list() -> Response:
    """List followers after one of them."""
    return answered(_list)


@people.post("/cgi-bin/user/info/batchget")
def user_infos() -> Response:
    """Say who some followers are."""
    return answered(_infos)


@people.post("/cgi-bin/user/info/updateremark")
def remark() -> Response:
    """Note a remark."""
    return answered(lambda: _change(_set_remark))


@people.get("/cgi-bin/tags/get")
def tags() -> Response:
    """List the tags."""
    return answered(_tags)


@people.post("/cgi-bin/tags/create")
def create_tag() -> Response:
    """Make a tag."""
    return answered(lambda: _change(_create))


@people.post("/cgi-bin/tags/update")
def update_tag() -> Response:
    """Rename a tag."""
    return answered(lambda: _change(_rename))


@people.post("/cgi-bin/tags/delete")
def delete_tag() -> Response:
    """Delete a tag."""
    return answered(lambda: _change(_delete))


@people.post("/cgi-bin/tags/members/batchtagging")
def attach() -> Response:
    """Put a tag on people."""
    return answered(lambda: _change(lambda kept, asked: _tag_people(kept, asked, on=True)))


@people.post("/cgi-bin/tags/members/batchuntagging")
def detach() -> Response:
    """Take a tag off people."""
    return answered(lambda: _change(lambda kept, asked: _tag_people(kept, asked, on=False)))


def _list() -> Answer:
    platform().check_token(token())
    openids = sorted(followers())
    start = request.args.get("next_openid", "")
    page = [openid for openid in openids if openid > start][:MOST_PER_PAGE]
    found: Answer = {"total": len(openids), "count": len(page), "next_openid": page[-1] if page else ""}
    return {**found, "data": {"openid": page}} if page else found


def _infos() -> Answer:
    platform().check_token(token())
    asked, following, kept = body().get("user_list"), followers(), _kept()
    if not isinstance(asked, list) or not 1 <= len(asked) <= MOST_INFOS:
        raise ApiError(40032, "invalid openid list size")
    openids = [each.get("openid") if isinstance(each, dict) else None for each in asked]
    return {"user_info_list": [_info(openid, following, kept) for openid in openids if isinstance(openid, str)]}


def _info(openid: str, followers: Mapping[str, Member], kept: Mapping[str, Any]) -> Answer:
    member = followers.get(openid)
    if member is None:
        return {"subscribe": 0, "openid": openid}
    since = member.subscribed_at or member.created_at
    return {
        "subscribe": 1,
        "openid": openid,
        "subscribe_time": int(since.timestamp()),
        "remark": kept["remarks"].get(openid, ""),
        "tagid_list": [int(number) for number, on in kept["people"].items() if openid in on],
        "subscribe_scene": "ADD_SCENE_OTHERS",
    }


def _tags() -> Answer:
    platform().check_token(token())
    kept = _kept()
    return {
        "tags": [
            {"id": int(number), "name": name, "count": len(kept["people"].get(number, []))}
            for number, name in kept["names"].items()
        ]
    }


def _change(deed: Any) -> Answer:
    """Carry out a change of what is kept."""
    platform().check_token(token())
    kept = _kept()
    answer: Answer = deed(kept, body())
    text, now = json.dumps(kept, ensure_ascii=False), current().clock()
    current().database.write(lambda tx: simulated_deliveries.keep(tx, _KEPT_UNDER, "up", text, now))
    return answer


def _create(kept: dict[str, Any], asked: Mapping[str, Any]) -> Answer:
    name = _name(kept, asked)
    if len(kept["names"]) >= MOST_TAGS:
        raise ApiError(45056, "too many tag now")
    number = max([_FIRST_TAG - 1, *map(int, kept["names"])]) + 1
    kept["names"][str(number)] = name
    return {"tag": {"id": number, "name": name}}


def _rename(kept: dict[str, Any], asked: Mapping[str, Any]) -> Answer:
    number = _number(kept, (asked.get("tag") or {}).get("id"))
    kept["names"][number] = _name(kept, asked)
    return {"errcode": 0, "errmsg": "ok"}


def _delete(kept: dict[str, Any], asked: Mapping[str, Any]) -> Answer:
    number = _number(kept, (asked.get("tag") or {}).get("id"))
    del kept["names"][number]
    kept["people"].pop(number, None)
    return {"errcode": 0, "errmsg": "ok"}


def _tag_people(kept: dict[str, Any], asked: Mapping[str, Any], *, on: bool) -> Answer:
    number, openids = _number(kept, asked.get("tagid")), asked.get("openid_list")
    if not isinstance(openids, list) or not 1 <= len(openids) <= MOST_TAGGED:
        raise ApiError(40032, "invalid openid list size")
    if not set(openids) <= set(followers()):
        raise ApiError(40003, "invalid openid")
    had = set(kept["people"].get(number, []))
    kept["people"][number] = sorted(had | set(openids) if on else had - set(openids))
    return {"errcode": 0, "errmsg": "ok"}


def _set_remark(kept: dict[str, Any], asked: Mapping[str, Any]) -> Answer:
    openid, said = asked.get("openid"), asked.get("remark")
    if openid not in followers():
        raise ApiError(40003, "invalid openid")
    if not isinstance(said, str) or len(said) >= 30:
        raise ApiError(40097, "invalid args: remark")
    kept["remarks"][openid] = said
    return {"errcode": 0, "errmsg": "ok"}


def _name(kept: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    tag = asked.get("tag")
    name = tag.get("name") if isinstance(tag, dict) else None
    if not isinstance(name, str) or not name or name in kept["names"].values():
        raise ApiError(45157, "invalid tag name")
    if len(name) > 30:
        raise ApiError(45158, "tag name too long")
    return name


def _number(kept: Mapping[str, Any], given: object) -> str:
    if str(given) not in kept["names"]:
        raise ApiError(45159, "invalid tag id")
    return str(given)


def with_tag(tag_id: object) -> frozenset[str]:
    """Return the openids that carry a tag of the platform."""
    return frozenset(_kept()["people"].get(str(tag_id), []))


def _kept() -> dict[str, Any]:
    found = simulated_deliveries.newest(current().database, _KEPT_UNDER, limit=1)
    kept: dict[str, Any] = json.loads(found[0].body) if found else {"names": {}, "people": {}, "remarks": {}}
    return kept


def followers() -> dict[str, Member]:
    """Return those who follow, by openid."""
    database = current().database
    following = [member for member in members.search_members(database, limit=MOST_PER_PAGE) if member.subscribed]
    known = members.identities_of(database, [member.id for member in following])
    return {known[member.id].external_id: member for member in following if member.id in known}
