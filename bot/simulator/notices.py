"""The stand-in sends by template: it checks as the platform does, spends the consents that phones gave, and shows a card on the phone.

Source: https://developers.weixin.qq.com/doc/service/api/notify/template/api_sendtemplatemessage.html and the pages beside it, read 2026-03.
"""

from collections.abc import Mapping
from typing import Any

from flask import Response

from bot.service import current
from bot.simulator.answering import addresses, answered, body, platform, token
from bot.simulator.messages import ApiError
from bot.simulator.platform import Answer
from bot.simulator.records import Pushed, Shown
from bot.simulator.reports import report_on_notice, report_on_template
from storage import simulated_deliveries
from storage.ids import new_id
from templates.content import Content

TEMPLATES: Mapping[str, tuple[str, str]] = {
    "pretended-template-order-ready": ("取餐提醒", "门店：{{thing1.DATA}}\n取餐号：{{character_string2.DATA}}"),
}
NOTICES: Mapping[str, tuple[str, str]] = {
    "pretended-notice-coupon-ending": ("优惠券到期提醒", "优惠券：{{thing1.DATA}}\n到期时间：{{time2.DATA}}"),
    "pretended-notice-trip": ("出行提醒", "目的地：{{thing1.DATA}}\n提示：{{thing2.DATA}}"),
}
_PUSHES_LOOKED_AT = 500

notices = addresses("simulator_notices")


@notices.get("/cgi-bin/template/get_all_private_template")
def template_list() -> Response:
    """List the templates for template messages."""
    return answered(lambda: _listed("template_list", "template_id", TEMPLATES))


@notices.get("/wxaapi/newtmpl/gettemplate")
def notice_list() -> Response:
    """List the templates for subscription notices."""
    return answered(lambda: _listed("data", "priTmplId", NOTICES))


@notices.post("/cgi-bin/message/template/send")
def send_template() -> Response:
    """Send a template message."""
    return answered(lambda: _send(TEMPLATES, needs_consent=False))


@notices.post("/cgi-bin/message/subscribe/bizsend")
def send_notice() -> Response:
    """Send a subscription notice."""
    return answered(lambda: _send(NOTICES, needs_consent=True))


def _listed(name: str, id_name: str, templates: Mapping[str, tuple[str, str]]) -> Answer:
    platform().check_token(token())
    return {
        name: [
            {id_name: each, "title": title, "content": content, "example": ""}
            for each, (title, content) in templates.items()
        ]
    }


def _send(templates: Mapping[str, tuple[str, str]], *, needs_consent: bool) -> Answer:
    platform().check_token(token())
    asked = body()
    openid, member_id = platform().addressee(asked)
    template_id, data = asked.get("template_id"), asked.get("data")
    if not isinstance(template_id, str) or template_id not in templates:
        raise ApiError(40037, "invalid template_id")
    title, content = templates[template_id]
    words = content
    for name, field in (data if isinstance(data, dict) else {}).items():
        words = words.replace(f"{{{{{name}.DATA}}}}", _value(field))
    if ".DATA}}" in words:
        raise ApiError(47003, "argument invalid!")
    if needs_consent and _consents(openid, template_id) <= 0:
        raise ApiError(43101, "user refuse to accept the msg")
    shown = Shown(via="api", content=Content("news", title=title, description=words), extra={"template": template_id})
    platform().deliver(openid, member_id, shown)
    msg_id = new_id()
    if needs_consent:
        report_on_notice(openid, template_id, msg_id)
    else:
        report_on_template(openid, msg_id)
    return {"errcode": 0, "errmsg": "ok", "msgid": msg_id}


def _value(field: object) -> str:
    value = field.get("value") if isinstance(field, dict) else None
    if not isinstance(value, str) or not value or len(value) > 200:
        raise ApiError(47003, "argument invalid!")
    return value


def _consents(openid: str, template_id: str) -> int:
    """Return how many consents a phone has given and we have not yet used."""
    left = 0
    for delivery in simulated_deliveries.newest(current().database, openid, limit=_PUSHES_LOOKED_AT):
        if delivery.direction == "down":
            left -= Shown.from_text(delivery.body).extra.get("template") == template_id
        else:
            left += _accepted(Pushed.from_text(delivery.body).fields, template_id)
    return left


def _accepted(fields: Mapping[str, Any], template_id: str) -> bool:
    popup = fields.get("SubscribeMsgPopupEvent")
    answer = popup.get("List") if isinstance(popup, dict) else None
    return isinstance(answer, dict) and (answer.get("TemplateId"), answer.get("SubscribeStatusString")) == (
        template_id,
        "accept",
    )
