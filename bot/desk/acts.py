"""What an agent does at the desk: every view here changes something, in one transaction, and then shows what the dialogue looks like."""

from collections.abc import Callable
from typing import TypeVar

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot import service
from bot.delivery import alerts
from bot.desk import asked, work
from bot.desk.access import conversation_for, current_actor
from bot.desk.errors import DeskError
from bot.desk.stage import stage_for, task_lease
from bot.desk.views import news_fragment, opened, queue_fragment, stage_page
from bot.desk.words import trouble_words
from bot.desk.work import Profile, Task
from bot.web.mood import asked_label, mood_of
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from storage.database import Transaction
from templates.limits import TEXT_BYTES, text_bytes

Result = TypeVar("Result")
LONGEST_NOTE = 500
LONGEST_REASON = 100
LONGEST_REMARK = 500
LONGEST_NAME = 40


@requires(Permission.CONVERSATIONS_OWN)
def take(member_id: int) -> Response | str:
    """Take a dialogue that waits."""
    asked.form()
    done(member_id, work.take)
    return _stage(member_id)


@requires(Permission.CONVERSATIONS_OWN, Permission.CONVERSATIONS_TEAM)
def take_over(member_id: int) -> Response | str:
    """Take a dialogue from the colleague who owns it."""
    from_agent_id = asked.number(asked.form("from_agent")["from_agent"])
    if from_agent_id is None:
        abort(400)
    done(member_id, lambda tx, task: work.take_over(tx, task, from_agent_id))
    return _stage(member_id)


@requires(Permission.CONVERSATIONS_OWN)
def keep(member_id: int) -> Response:
    """Note that the agent still has the dialogue open."""
    asked.form()
    done(member_id, work.keep)
    return Response(status=204)


@requires(Permission.CONVERSATIONS_OWN)
def send(member_id: int) -> Response | str:
    """Say something to the member; with ``wait``, when they next do something, should the reply window be closed."""
    given = asked.form("text", "client_id", "wait")
    text, client_id = _text(given["text"]), asked.client_id(given["client_id"])
    done(member_id, lambda tx, task: work.say(tx, task, text, client_id, waits=given["wait"] == "1"))
    service.current().outbox_wake.set()
    return news(member_id)


@requires(Permission.CONVERSATIONS_OWN)
def again(member_id: int) -> Response | str:
    """Send once more what failed, or what nobody knows the fate of."""
    message_id = asked.number(asked.form("message")["message"])
    if message_id is None:
        abort(400)
    done(member_id, lambda tx, task: work.say_again(tx, task, message_id))
    service.current().outbox_wake.set()
    return news(member_id)


@requires(Permission.CONVERSATIONS_OWN)
def hand_back(member_id: int) -> Response:
    """Give the dialogue back to the bot."""
    given = asked.form("note", "say_farewell", "farewell", "client_id")
    note = asked.short_enough(given["note"].strip(), LONGEST_NOTE, gettext("小结"))
    farewell = _text(given["farewell"]) if given["say_farewell"] else ""
    client_id = asked.client_id(given["client_id"]) if farewell else ""
    done(member_id, lambda tx, task: work.hand_back(tx, task, note, farewell, client_id))
    service.current().outbox_wake.set()
    address = url_for("desk.home", tab="mine")
    if request.headers.get("HX-Request") == "true":
        return Response(status=204, headers={"X-Desk-Closed": "1"})
    return redirect(address)


@requires(Permission.CONVERSATIONS_OWN, Permission.MEMBERS_WRITE)
def profile(member_id: int) -> Response | str:
    """Note what was learnt of the member."""
    given = asked.form("name", "phone", "forget_phone", "city", "remark", "tags")
    phone = "" if given["forget_phone"] else asked.phone(given["phone"])
    noted = Profile(
        asked.line(given["name"], LONGEST_NAME, gettext("称呼")),
        phone,
        asked.line(given["city"], LONGEST_NAME, gettext("城市")),
        asked.short_enough(given["remark"].strip(), LONGEST_REMARK, gettext("备注")),
        asked.tags(given["tags"]),
    )
    done(member_id, lambda tx, task: work.note_profile(tx, task, noted))
    return _stage(member_id)


@requires(Permission.CONVERSATIONS_OWN, Permission.MEMBERS_REVEAL_PHONE)
def reveal(member_id: int) -> str:
    """Show the member's phone number once, for a reason that is written down."""
    reason = asked.line(asked.form("reason")["reason"], LONGEST_REASON, gettext("原因"))
    if len(reason) < 2:
        abort(422, description=gettext("请写明查看手机号的原因，会记入操作日志。"))
    phone = done(member_id, lambda tx, task: work.reveal_phone(tx, task, reason))
    return stage_page(stage_for(opened(member_id), phone=phone))


@requires(Permission.CONVERSATIONS_OWN)
def close_case(member_id: int, case_id: int) -> Response | str:
    """Mark a case of the member as dealt with."""
    asked.form()
    done(member_id, lambda tx, task: work.close_case(tx, task, case_id))
    return _stage(member_id)


@requires(Permission.CONVERSATIONS_OWN, Permission.SENTIMENT_CORRECT)
def sentiment(member_id: int, exchange_id: int) -> Response | str:
    """Say that a message sounds otherwise."""
    label = asked_label(asked.form("label")["label"])
    said = done(member_id, lambda tx, task: work.correct_sentiment(tx, task, exchange_id, label))
    if request.headers.get("HX-Request") != "true":
        return redirect(url_for("desk.member", member_id=member_id))
    return render_template("web/faces.html", mood=mood_of(said), url=request.path)


@requires(Permission.CONVERSATIONS_OWN, Permission.CONVERSATIONS_TEAM)
def see_burst(burst_id: int) -> Response | str:
    """Note that the manager has seen an alert."""
    asked.form()
    running, actor = service.current(), current_actor()
    now = running.clock()
    running.database.write(lambda tx: alerts.see(tx, burst_id, by=actor.name, now=now))
    if request.headers.get("HX-Request") != "true":
        return redirect(url_for("desk.home"))
    return queue_fragment(actor)


def done(member_id: int, act: Callable[[Transaction, Task], Result]) -> Result:
    """Carry out an act in one transaction and return its result; what stands in its way is told in words."""
    running = service.current()
    task = Task(current_actor(), member_id, task_lease(), running.clock())
    try:
        return running.database.write(lambda tx: act(tx, task))
    except DeskError as error:
        status, words = trouble_words(error)
        abort(status, description=words or None)


def _stage(member_id: int) -> Response | str:
    """Return the dialogue's panes, or lead back to its page."""
    if request.headers.get("HX-Request") != "true":
        return redirect(url_for("desk.member", member_id=member_id))
    return stage_page(stage_for(opened(member_id)))


def news(member_id: int) -> Response | str:
    """Return what is new in the dialogue, or lead back to its page."""
    if request.headers.get("HX-Request") != "true":
        return redirect(url_for("desk.member", member_id=member_id))
    running = service.current()
    dialogue = conversation_for(running.database, current_actor(), member_id, running.clock())
    return news_fragment(dialogue) if dialogue is not None else Response(status=204)


def _text(text: str) -> str:
    """Return words that can be sent."""
    text = text.strip("\n ")
    if not text.strip():
        abort(422, description=gettext("还没有写内容。"))
    if text_bytes(text) > TEXT_BYTES:
        abort(422, description=gettext("文字太长了，最多 2048 字节（约 680 个汉字）。请分成几条发。"))
    return text
