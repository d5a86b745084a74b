"""What the desk shows: the page, and the fragments by which it is kept up to date. All of them only read."""

from datetime import date
from functools import lru_cache

from flask import abort, render_template, request
from markupsafe import Markup

from bot import service
from bot.delivery import alerts
from bot.desk import said, words
from bot.desk.access import Actor, Dialogue, conversation_for, current_actor, lines_for
from bot.desk.asked import number
from bot.desk.stage import Stage, composer_for, initial_tab, stage_for
from bot.desk.timeline import news, page
from bot.web import labels
from bot.web.cards import reasons_of_text
from bot.web.languages import language
from bot.web.member_access import masked_phone
from bot.web.roles import Permission, requires
from intents.registry import CODED_NAMES
from storage.desk import Line
from templates.errors import RenderError
from templates.library import Template
from templates.limits import TEXT_BYTES


@requires(Permission.CONVERSATIONS_OWN)
def home() -> str:
    """Show the desk with no dialogue open."""
    return desk_page()


@requires(Permission.CONVERSATIONS_OWN)
def queue() -> str:
    """Show the lists alone, for a page that cannot follow the live stream."""
    return queue_fragment(current_actor())


@requires(Permission.CONVERSATIONS_OWN)
def member(member_id: int) -> str:
    """Show one dialogue: the whole page, or its panes alone for a desk that is open already."""
    return stage_page(stage_for(opened(member_id)))


@requires(Permission.CONVERSATIONS_OWN)
def older(member_id: int) -> str:
    """Show what was said before an exchange."""
    dialogue = opened(member_id)
    before_id, before_ms = number(request.args.get("before")), number(request.args.get("at"))
    if before_id is None or before_ms is None:
        abort(400)
    found = page(service.current().database, dialogue.member.id, before_id=before_id, before_ms=before_ms)
    return render_template("desk/items.html", page=found, dialogue=dialogue, **names())


@requires(Permission.CONVERSATIONS_OWN)
def newer(member_id: int) -> str:
    """Show what is new in a dialogue since the page's last look."""
    return news_fragment(opened(member_id))


@requires(Permission.CONVERSATIONS_OWN)
def phrases() -> str:
    """List replies that can be sent as they stand: texts without values to fill in, those of scripted intents first."""
    running = service.current()
    knowledge = running.engine.knowledge.newest(running.database)
    scripted_first = sorted(knowledge.intents.values(), key=lambda intent: intent.name in CODED_NAMES)
    named = dict.fromkeys(name for intent in scripted_first for name in intent.replies)
    templates = [template for name in named if (template := knowledge.library.get(name)) is not None]
    found = [(template.title or template.name, text) for template in templates if (text := _as_it_stands(template))]
    return render_template("desk/phrases.html", phrases=found)


def _as_it_stands(template: Template) -> str:
    """Return the words of a text that needs no values, empty for any other reply."""
    if template.kind != "text" or template.variables:
        return ""
    try:
        return template.render({}).text
    except RenderError:
        return ""


def opened(member_id: int) -> Dialogue:
    """Return the member's dialogue if whoever asks may see it; 404 otherwise."""
    running = service.current()
    dialogue = conversation_for(running.database, current_actor(), member_id, running.clock())
    if dialogue is None:
        abort(404)
    return dialogue


def desk_page(stage: Stage | None = None) -> str:
    """Return the whole page."""
    actor = current_actor()
    return render_template(
        "desk/desk.html",
        actor=actor,
        tab=initial_tab(actor, request.args.get("tab", "")),
        stage=stage,
        **lists(actor),
        **names(),
    )


def stage_page(stage: Stage) -> str:
    """Return a dialogue as the whole page, or its panes alone when a fragment was asked for."""
    if request.headers.get("HX-Request") != "true":
        return desk_page(stage)
    return render_template("desk/stage.html", stage=stage, actor=current_actor(), **names())


def queue_fragment(actor: Actor, lines: list[Line] | None = None) -> str:
    """Return the lists alone."""
    return render_template("desk/queue.html", actor=actor, **lists(actor, lines), **names())


def news_fragment(dialogue: Dialogue) -> str:
    """Return what is new in a dialogue: items, its head, and what can still be said."""
    running = service.current()
    after_id = number(request.args.get("after")) or 0
    check_id, since_ms = number(request.args.get("check")), number(request.args.get("at")) or 0
    items = news(running.database, dialogue.member.id, after_id=after_id, check_id=check_id, since_ms=since_ms)
    return render_template(
        "desk/news.html",
        items=items,
        dialogue=dialogue,
        composer=composer_for(running.database, dialogue, running.clock()),
        actor=current_actor(),
        **names(),
    )


def lists(actor: Actor, lines: list[Line] | None = None) -> dict[str, object]:
    """Return the open dialogues by list."""
    running = service.current()
    if lines is None:
        lines = lines_for(running.database, actor, running.clock())
    mine = [line for line in lines if line.owner_id == actor.id]
    mine.sort(key=lambda line: line.unread == 0)
    return {
        "alerts": alerts.open_alerts(running.database) if actor.sees_team else [],
        "waiting": [line for line in lines if line.owner_id is None],
        "mine": mine,
        "everyones": [line for line in lines if line.owner_id is not None] if actor.sees_team else [],
    }


def line(one: Line) -> Markup:
    """Return one dialogue as lists show it; rendered once for all open pages, which ask for it again with every change."""
    running = service.current()
    today = running.clock().astimezone(running.settings.timezone).date()
    return _line(one, one.owner_id == current_actor().id, language(), today)


@lru_cache(maxsize=4096)
def _line(one: Line, mine: bool, spoken: str, today: date) -> Markup:  # noqa: ARG001 (language and day are part of what is shown)
    return Markup(render_template("desk/line.html", one=one, mine=mine, labels=labels, said=said))  # noqa: S704 (escaped by the template)


def names() -> dict[str, object]:
    """Return what the templates of the desk call things by."""
    running = service.current()
    knowledge = running.engine.knowledge.newest(running.database)
    return {
        "line": line,
        "words": words,
        "labels": labels,
        "said": said,
        "card_of": lambda one: reasons_of_text(one.exchange.card, knowledge.intents) if one.exchange else None,
        "intent_titles": {name: intent.title for name, intent in knowledge.intents.items()},
        "masked": masked_phone,
        "text_limit": TEXT_BYTES,
    }
