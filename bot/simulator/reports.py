"""The stand-in reports what became of what was sent: a moment after the call was answered, as a push through the real gate.

Source: https://developers.weixin.qq.com/doc/service/guide/product/template_message/Template_Message_Operation_Specifications.html and the pages on
subscription notices and mass sending, read 2026-03.
"""

from typing import cast

from flask import Flask, current_app
from werkzeug.local import LocalProxy

from bot.simulator.answering import account, platform
from bot.simulator.phone import SimulatedPhone
from bot.simulator.platform import MASS_REPORTS, NOTICE_REPORTS
from bot.wechat.outbound_push import Element

SUCCESS, MASS_SUCCESS = "success", "send success"
_SYSTEM = "oPocketWeChatItself"


def report_on_template(openid: str, msg_id: int) -> None:
    """Report on a template message."""
    _report(openid, "TEMPLATESENDJOBFINISH", MsgID=msg_id, Status=platform().take_fault(NOTICE_REPORTS) or SUCCESS)


def report_on_notice(openid: str, template_id: str, msg_id: int) -> None:
    """Report on a subscription notice."""
    status = platform().take_fault(NOTICE_REPORTS) or SUCCESS
    told: dict[str, Element] = {"TemplateId": template_id, "MsgID": str(msg_id)}
    told |= {"ErrorCode": "0" if status == SUCCESS else "-1", "ErrorStatus": status}
    _report(openid, "subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": told})


def report_on_mass_send(msg_id: int, reached: int) -> None:
    """Report on a message to many, which was put on so many phones."""
    status = platform().take_fault(MASS_REPORTS) or MASS_SUCCESS
    sent = reached if status == MASS_SUCCESS else 0
    figures = {"TotalCount": reached, "FilterCount": reached, "SentCount": sent, "ErrorCount": reached - sent}
    _report(_SYSTEM, "MASSSENDJOBFINISH", MsgID=msg_id, Status=status, **figures)


def _report(openid: str, event: str, **elements: Element) -> None:
    """Push an event, once the call is answered; a phone's own is written down there, both ways."""
    playing, app = platform(), cast(LocalProxy[Flask], current_app)._get_current_object()
    phone = SimulatedPhone(app, account(), playing.database, playing.clock, openid)
    playing.later(lambda: phone.causes(event, **elements))
