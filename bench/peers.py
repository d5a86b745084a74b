"""What Zhaohu is measured beside: a bare Flask answer, and WeRoBot as an echo, in memory and with its SQLite session."""

import os
from pathlib import Path
from typing import Any

from flask import Flask, request

REPLY = (
    b"<xml><ToUserName><![CDATA[o]]></ToUserName><FromUserName><![CDATA[gh]]></FromUserName><CreateTime>1</CreateTime>"
    b"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[ok]]></Content></xml>"
)
WORDS = ("优惠", "门店", "签到", "积分", "人工", "发票", "退款", "会员", "外卖", "菜单")


def bare_flask() -> Flask:
    """Return an application that reads the body and answers the same document every time."""
    app = Flask("bare")

    @app.post("/wechat")
    def answer() -> tuple[bytes, dict[str, str]]:
        request.get_data()
        return REPLY, {"Content-Type": "application/xml"}

    return app


def werobot_memory() -> Flask:
    """Return a WeRoBot echo with ten filters that remembers nothing."""
    return _werobot(session=None)


def werobot_sqlite() -> Flask:
    """Return the same echo with WeRoBot's SQLite session, in the current folder."""
    from werobot.session.sqlitestorage import SQLiteStorage

    return _werobot(session=SQLiteStorage(str(Path.cwd() / "werobot.sqlite3")))


def _werobot(session: Any) -> Flask:
    from werobot import WeRoBot
    from werobot.contrib.flask import make_view

    robot = WeRoBot(token=os.environ["WEROBOT_TOKEN"], enable_session=session is not None, session_storage=session)
    for word in WORDS:
        robot.add_filter(func=_say(word), rules=[word])
    robot.add_handler(_count if session is not None else _echo, type="text")
    app = Flask("werobot")
    app.add_url_rule("/wechat", view_func=make_view(robot), methods=["GET", "POST"])
    return app


def _say(word: str) -> Any:
    def answer(message: Any) -> str:
        return f"{word}：{message.content}"

    return answer


def _echo(message: Any) -> str:
    return str(message.content)


def _count(message: Any, session: dict[str, Any]) -> str:
    session["count"] = session.get("count", 0) + 1
    return str(message.content)
