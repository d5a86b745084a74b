"""Messages by template: template messages, subscription notices, one-time subscription messages, as the platform's calls want them.

Sources, read 2026-03: https://developers.weixin.qq.com/doc/service/api/notify/template/api_sendtemplatemessage.html,
https://developers.weixin.qq.com/doc/service/api/notify/notify/api_sendnewsubscribemsg.html and the page on one-time subscriptions beside them.
"""

import json
from collections.abc import Mapping
from typing import Any

from bot.wechat.service_messages import CannotSend, to_message
from templates.content import Content

SERVICE = "/cgi-bin/message/custom/send"
TEMPLATE, NOTICE = "/cgi-bin/message/template/send", "/cgi-bin/message/subscribe/bizsend"
ONCE = "/cgi-bin/message/template/subscribe"
KINDS = frozenset({"template", "notice", "once"})
LONGEST_VALUE = 200  # characters; each kind of field has narrower limits of its own, which the platform tells (47003)
LONGEST_ONCE_TITLE = 15
_LONGEST_CLIENT_ID = 32


def to_call(openid: str, content: Content) -> tuple[str, dict[str, Any]]:
    """Return the path and the JSON of the call that says ``content``. Raises CannotSend.

    The ``scene`` of a template message names it to the platform, which drops a repetition within ten minutes.
    """
    if content.kind not in KINDS:
        return SERVICE, to_message(openid, content)
    data = _data(content)
    body: dict[str, Any] = {"touser": openid, "template_id": content.template_id}
    if content.kind == "once":
        body |= {"scene": content.scene, "title": content.title[:LONGEST_ONCE_TITLE]}
    if content.link:
        body["page" if content.kind == "notice" else "url"] = content.link
    if content.kind == "template" and content.scene:
        body["client_msg_id"] = content.scene[:_LONGEST_CLIENT_ID]
    path = {"template": TEMPLATE, "notice": NOTICE, "once": ONCE}[content.kind]
    return path, {**body, "data": {name: {"value": value} for name, value in data.items()}}


def is_by_template(stored: str) -> bool:
    """Say whether a content, as stored, goes out by a template: the reply window does not matter to it."""
    return template_of(stored) != ""


def template_of(stored: str) -> str:
    """Return the template by which a content, as stored, goes out; empty for any other content."""
    try:
        found = json.loads(stored)
    except ValueError:
        return ""
    return str(found.get("template_id", "")) if isinstance(found, dict) and found.get("kind") in KINDS else ""


def needs_consent(stored: str) -> bool:
    """Say whether a content, as stored, goes out only because the member agreed to it."""
    return template_of(stored) != "" and json.loads(stored)["kind"] in ("notice", "once")


def by_template(
    kind: Any, template_id: str, data: Mapping[str, str], *, text: str, link: str = "", scene: str = "", title: str = ""
) -> Content:
    """Return a message by template; ``text`` says in words what it tells, for the record."""
    values = json.dumps(dict(data), ensure_ascii=False)
    return Content(kind, text=text, title=title, link=link, template_id=template_id, data=values, scene=scene)


def _data(content: Content) -> dict[str, str]:
    """Return the fields of a message by template. Raises CannotSend."""
    try:
        found = json.loads(content.data)
    except ValueError:
        raise CannotSend("unreadable") from None
    if not content.template_id:
        raise CannotSend("40037")
    if not isinstance(found, dict) or not found or not all(isinstance(value, str) for value in found.values()):
        raise CannotSend("unreadable")
    if any(not value.strip() or len(value) > LONGEST_VALUE for value in found.values()):
        raise CannotSend("47003")
    return found
