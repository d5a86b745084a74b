"""An account with followers, as the far side knows it: the list in pages, who they are, tags and remarks."""

from dataclasses import dataclass, field
from typing import Any

from tests.wechat_api import FarSide

LIST, BATCH = "/cgi-bin/user/get", "/cgi-bin/user/info/batchget"
Json = dict[str, Any]


@dataclass
class Followers:
    """``people`` are the followers by openid, with what the platform tells of each; ``pages`` counts the calls by their cursor."""

    far: FarSide
    people: dict[str, Json] = field(default_factory=dict)
    tags: dict[int, str] = field(default_factory=dict)
    per_page: int = 10_000
    pages: list[str] = field(default_factory=list)
    fails_at: str | None = None  # the cursor of the page that fails once

    def __post_init__(self) -> None:
        self.far.handlers = {
            LIST: self._list,
            BATCH: self._infos,
            "/cgi-bin/tags/get": lambda _query, _body: {
                "tags": [{"id": n, "name": name, "count": 1} for n, name in self.tags.items()]
            },
            "/cgi-bin/tags/members/batchtagging": lambda _query, body: self._tag(body, on=True),
            "/cgi-bin/tags/members/batchuntagging": lambda _query, body: self._tag(body, on=False),
        }

    def add(self, *openids: str, **info: object) -> None:
        """Let people follow, since a second after 1 January 2026."""
        for openid in openids:
            self.people[openid] = {"subscribe_time": 1_767_225_601, "remark": "", "tagid_list": [], **info}

    def _list(self, query: dict[str, str], _body: Json) -> Json:
        cursor = query.get("next_openid", "")
        self.pages.append(cursor)
        if cursor == self.fails_at:
            self.fails_at = None
            return {"errcode": -1, "errmsg": "system error"}
        page = [openid for openid in sorted(self.people) if openid > cursor][: self.per_page]
        found: Json = {"total": len(self.people), "count": len(page), "next_openid": page[-1] if page else cursor}
        return {**found, "data": {"openid": page}} if page else found

    def _infos(self, _query: dict[str, str], body: Json) -> Json:
        asked = [each["openid"] for each in body["user_list"]]
        assert 1 <= len(asked) <= 100
        return {"user_info_list": [self._info(openid) for openid in asked]}

    def _info(self, openid: str) -> Json:
        known = self.people.get(openid)
        return {"subscribe": 0, "openid": openid} if known is None else {"subscribe": 1, "openid": openid, **known}

    def _tag(self, body: Json, *, on: bool) -> Json:
        assert 1 <= len(body["openid_list"]) <= 50
        for openid in body["openid_list"]:
            had = [tag for tag in self.people[openid]["tagid_list"] if tag != body["tagid"]]
            self.people[openid]["tagid_list"] = [*had, body["tagid"]] if on else had
        return {"errcode": 0}
