"""What people see when something went wrong: what happened, and what they can do now."""

from dataclasses import dataclass

from flask import Flask, current_app, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError, ServiceUnavailable
from werkzeug.wrappers import Response

from bot.web.forms import STALE_FORM
from bot.web.words import gettext
from storage.errors import StorageUnavailable

_RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error in words."""

    happened: str
    advice: str
    icon: str = "mood-sad"


def explain_errors(app: Flask, machines: frozenset[str]) -> None:
    """Answer every error of the app's pages with a page; the blueprints named in ``machines`` answer theirs themselves."""

    def on_http_error(error: HTTPException) -> Response:
        if error.response is not None or (error.code or 500) < 400:
            return error.get_response()
        return _answer(error, machines)

    def on_storage_error(error: StorageUnavailable) -> Response:
        current_app.logger.error("storage unavailable: %s", error)
        return _answer(ServiceUnavailable(retry_after=_RETRY_SECONDS), machines)

    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(StorageUnavailable, on_storage_error)


def trouble_of(code: int, description: str = "") -> Trouble:
    """Return the words for a status; ``description`` is a sentence of the view's own, and wins over the general one."""
    if description == STALE_FORM:
        return Trouble(
            gettext("页面已经过期，没有保存。"),
            gettext("请刷新页面再试一次；刚才填写的内容可以先复制下来。"),
            "refresh",
        )
    known = _troubles()
    trouble = known.get(code) or known[400 if code < 500 else 500]
    return Trouble(description, trouble.advice, trouble.icon) if description else trouble


def _troubles() -> dict[int, Trouble]:
    return {
        400: Trouble(gettext("这个请求看不懂。"), gettext("请返回上一页，检查填写的内容后再试。"), "help-circle"),
        401: Trouble(gettext("需要先登录。"), gettext("请登录后再继续。"), "lock"),
        403: Trouble(gettext("您没有权限打开这里。"), gettext("如果工作需要，请联系管理员调整您的角色。"), "lock"),
        404: Trouble(gettext("没有找到这个页面。"), gettext("它可能已被移走，或者您没有查看的权限。"), "search"),
        405: Trouble(gettext("不能这样打开这个地址。"), gettext("请从页面上的按钮进入。"), "ban"),
        409: Trouble(gettext("别人刚刚改过这里。"), gettext("请刷新页面，看看最新的内容再决定。"), "users"),
        413: Trouble(gettext("内容太大了，没有收下。"), gettext("请缩小文件或删减文字后再试。"), "archive"),
        429: Trouble(gettext("操作太频繁了。"), gettext("请稍等片刻再试。"), "hourglass"),
        500: Trouble(
            gettext("我们这边出了点问题。"),
            gettext("已经记录下来。请稍后再试；如果一直这样，请告诉管理员。"),
            "mood-sad",
        ),
        503: Trouble(gettext("系统正忙，暂时打不开。"), gettext("请等几秒钟再刷新页面。"), "hourglass"),
    }


def _answer(error: HTTPException, machines: frozenset[str]) -> Response:
    code = error.code or 500
    if request.blueprint in machines:
        response = error.get_response()
        response.data, response.mimetype = f"{error.name}\n".encode(), "text/plain"
        return response
    # Words set by a view (abort(409, description=…)) are meant for people; werkzeug's own are not.
    own_words = (
        error.description
        if error.description != type(error).description and not isinstance(error, InternalServerError)
        else None
    )
    trouble = trouble_of(code, str(own_words or ""))
    wants_page = request.accept_mimetypes.accept_html or "Accept" not in request.headers
    if (
        request.headers.get("HX-Request") == "true" or not wants_page or isinstance(error, SecurityError)
    ):  # no links for a foreign host
        # A sentence of the view's own says what to do; the general one speaks to whoever was led to another page.
        enough = own_words and own_words != STALE_FORM and code < 500
        words = trouble.happened if enough else f"{trouble.happened}\n{trouble.advice}"
        response = Response(words, status=code, mimetype="text/plain")
    else:
        response = Response(
            render_template("web/error.html", code=code, trouble=trouble), status=code, mimetype="text/html"
        )
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response
