"""What the platform tells of itself: how much of a call's daily quota is used, what became of one request, and which addresses it calls from.

Source: https://developers.weixin.qq.com/doc/service/api/apimanage/api_getapiquota.html and the pages beside it, read 2026-03.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.wechat.client import WeChatClient
from bot.wechat.outcomes import CallFailed, Unknown

QUOTA, RID = "/cgi-bin/openapi/quota/get", "/cgi-bin/openapi/rid/get"
ListName = Literal["callback_addresses", "api_addresses"]
ADDRESS_CALLS: Mapping[ListName, str] = {
    "callback_addresses": "/cgi-bin/getcallbackip",
    "api_addresses": "/cgi-bin/get_api_domain_ip",
}
_SCARCE_SHARE = 0.1
_SECRET = re.compile(r"""("(?:access_token|secret|appsecret|ticket)"\s*:\s*")[^"]*\"""")


@dataclass(frozen=True, slots=True)
class WatchedCall:
    """A call that Zhaohu makes, and what it is called in Chinese and English."""

    path: str
    zh: str
    en: str


WATCHED: tuple[WatchedCall, ...] = (
    WatchedCall("/cgi-bin/message/custom/send", "客服消息", "messages to members"),
    WatchedCall("/cgi-bin/message/custom/typing", "正在输入", "typing sign"),
    WatchedCall("/cgi-bin/media/upload", "上传图片", "media upload"),
    WatchedCall("/cgi-bin/media/get", "下载图片和语音", "media download"),
    WatchedCall("/cgi-bin/message/mass/sendall", "群发", "mass send"),
    WatchedCall("/cgi-bin/message/template/send", "模板消息", "template messages"),
    WatchedCall("/cgi-bin/menu/create", "发布菜单", "publish the menu"),
    WatchedCall("/cgi-bin/qrcode/create", "二维码", "QR codes"),
    WatchedCall("/cgi-bin/user/info", "用户资料", "user info"),
    WatchedCall("/cgi-bin/user/get", "用户列表", "user list"),
)


@dataclass(frozen=True, slots=True)
class Quota:
    """How often a call may be made today, and was. ``daily_limit`` 0 means that the platform names no limit."""

    path: str
    daily_limit: int
    used: int
    remain: int

    @property
    def scarce(self) -> bool:
        """Whether less than a tenth is left."""
        return self.daily_limit > 0 and self.remain < self.daily_limit * _SCARCE_SHARE


@dataclass(frozen=True, slots=True)
class Explained:
    """What the platform kept of one request: when (seconds since 1970), how long it took, from where, what was asked and answered."""

    invoked_at: int
    cost_milliseconds: int
    client_address: str
    url: str
    asked: str
    answered: str


def read_quota(client: WeChatClient, path: str) -> Quota:
    """Return today's quota of the call at ``path`` (which begins with ``/cgi-bin/``). Raises CallFailed."""
    found = client.call(QUOTA, {"cgi_path": path}).get("quota")
    if not isinstance(found, dict):
        raise CallFailed(Unknown("not_json"))
    limit, used = _count(found, "daily_limit"), _count(found, "used")
    return Quota(path, limit, used, _count(found, "remain"))


def explain_request(client: WeChatClient, rid: str) -> Explained:
    """Return what became of the request that an error message named by its ``rid``. Raises CallFailed.

    The secret and access tokens are cut out.
    """
    found = client.call(RID, {"rid": rid}).get("request")
    if not isinstance(found, dict):
        raise CallFailed(Unknown("not_json"))
    return Explained(
        _count(found, "invoke_time"),
        _count(found, "cost_in_ms"),
        str(found.get("client_ip", "")),
        str(found.get("request_url", "")).partition("?")[0],
        _without_secrets(str(found.get("request_body", ""))),
        _without_secrets(str(found.get("response_body", ""))),
    )


def read_addresses(client: WeChatClient, name: ListName) -> tuple[str, ...]:
    """Return the addresses, or networks, that the platform calls from or is called at. Raises CallFailed."""
    found = client.call(ADDRESS_CALLS[name]).get("ip_list")
    if not isinstance(found, list):
        raise CallFailed(Unknown("not_json"))
    return tuple(sorted({text for text in found if isinstance(text, str) and as_network(text) is not None}))


def as_network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """Return an address or network written as text, None when it is none."""
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _without_secrets(text: str) -> str:
    return _SECRET.sub(r'\1…"', text)


def _count(values: Mapping[str, Any], name: str) -> int:
    """Return a number that may have come as text, 0 when it makes no sense."""
    text = str(values.get(name, 0))
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else 0
