"""One-time subscriptions on the pretended platform: the sheet that asks (允许 or 取消), what was allowed, and the message that uses it.

Source: https://developers.weixin.qq.com/doc/service/guide/product/message/One-time_subscription_info.html, read 2026-03.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from bot.service import current
from bot.simulator.answering import addresses, answered, body, platform, token
from bot.simulator.local import refuse_strangers
from bot.simulator.messages import ApiError
from bot.simulator.pages import check_openid
from bot.simulator.platform import Answer as ApiAnswer
from bot.simulator.records import Shown
from bot.web.roles import open_to_all
from bot.web.security import PAGE_POLICY
from bot.web.words import gettext
from bot.wechat.notices import LONGEST_ONCE_TITLE, LONGEST_VALUE
from storage import simulated_deliveries
from storage.database import Queries, Transaction
from templates.content import Content

ONCE_TEMPLATE = "pretended-once-coupon-ending"
TEMPLATES: Mapping[str, str] = {ONCE_TEMPLATE: "优惠券到期提醒"}
_KEPT_UNDER = "account:once"  # no openid
_SCENE = re.compile(r"[0-9]{1,5}")
_RESERVED = re.compile(r"[A-Za-z0-9]{0,128}")
_HIGHEST_SCENE = 10_000

once_api = addresses("simulator_once_api")
consent_sheet = Blueprint("simulator_consent", __name__, url_prefix="/simulator", template_folder="templates")
consent_sheet.before_request(refuse_strangers)
consent_sheet.url_value_preprocessor(check_openid)


@consent_sheet.get("/<openid>/consent")
@open_to_all
def sheet(openid: str) -> Answer:
    """Ask whether one message is allowed, as the platform does between our link and our page."""
    asked = _asked()
    page = render_template("simulator/consent.html", openid=openid, title=TEMPLATES[asked["template_id"]])
    response, parts = make_response(page), urlsplit(asked["redirect_url"])
    leads_to = f"form-action 'self' {parts.scheme}://{parts.netloc}"
    response.headers["Content-Security-Policy"] = PAGE_POLICY.replace("form-action 'self'", leads_to)
    return response


@consent_sheet.post("/<openid>/consent")
@open_to_all
def chosen(openid: str) -> Answer:
    """Note what was chosen, and go on to the page that the link named."""
    asked, action = _asked(), request.form.get("action", "")
    if action not in ("confirm", "cancel"):
        abort(400)
    template_id, scene, now = asked["template_id"], asked["scene"], current().clock()
    if action == "confirm":
        current().database.write(lambda tx: _change(tx, _key(openid, template_id, scene), 1, now))
    answer = {"openid": openid, "template_id": template_id, "action": action, "scene": scene}
    return redirect(f"{asked['redirect_url']}?{urlencode(answer | {'reserved': asked['reserved']})}", 303)


@once_api.post("/cgi-bin/message/template/subscribe")
def send() -> Response:
    """Send a one-time subscription message."""
    return answered(_send)


def _asked() -> dict[str, str]:
    """Return what the link asks, checked as the platform checks it; 400 says what is wrong."""
    names = ("action", "appid", "scene", "template_id", "redirect_url", "reserved")
    asked, settings = {name: request.args.get(name, "") for name in names}, current().settings
    scene = asked["scene"]
    if asked["action"] != "get_confirm" or asked["appid"] != settings.wechat_app_id:
        abort(400, description=gettext("链接里的 action 或 appid 不对。"))
    if asked["template_id"] not in TEMPLATES:
        abort(400, description=gettext("没有这个订阅模板。"))
    if not (_SCENE.fullmatch(scene) and int(scene) <= _HIGHEST_SCENE and _RESERVED.fullmatch(asked["reserved"])):
        abort(400, description=gettext("链接里的 scene 或 reserved 不对。"))
    if not asked["redirect_url"].startswith(f"{settings.public_url}/"):
        abort(400, description=gettext("redirect_url 不在公众号登记的域名下。"))
    return asked


def _send() -> ApiAnswer:
    platform().check_token(token())
    asked = body()
    openid, member_id = platform().addressee(asked)
    template_id, scene, title = (str(asked.get(name, "")) for name in ("template_id", "scene", "title"))
    data = asked.get("data")
    words = data.get("content") if isinstance(data, dict) else None
    value = words.get("value") if isinstance(words, dict) else None
    if template_id not in TEMPLATES:
        raise ApiError(40037, "invalid template_id")
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_VALUE or not 0 < len(title) <= LONGEST_ONCE_TITLE:
        raise ApiError(47003, "argument invalid!")
    key, now = _key(openid, template_id, scene), current().clock()
    if not current().database.write(lambda tx: _change(tx, key, -1, now)):
        raise ApiError(43101, "user refuse to accept the msg")
    platform().deliver(openid, member_id, Shown(via="api", content=Content("news", title=title, description=value)))
    return {"errcode": 0, "errmsg": "ok"}


def _key(openid: str, template_id: str, scene: str) -> str:
    return f"{openid} {template_id} {scene}"


def _change(tx: Transaction, key: str, by: int, now: datetime) -> bool:
    """Add to what a phone allows, or use it; False when there is nothing to use."""
    tx.alone("simulated one-time subscriptions")
    kept = _kept(tx)
    if (left := kept.get(key, 0) + by) < 0:
        return False
    text = json.dumps({**kept, key: left}, ensure_ascii=False)
    simulated_deliveries.keep(tx, _KEPT_UNDER, "up", text, now)
    return True


def _kept(queries: Queries) -> dict[str, int]:
    found = simulated_deliveries.newest(queries, _KEPT_UNDER, limit=1)
    kept: dict[str, int] = json.loads(found[0].body) if found else {}
    return kept
