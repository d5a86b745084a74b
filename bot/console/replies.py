"""The list of replies: by intent, with what each is worth, where it stands and what is due for review."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from flask import Blueprint, render_template, request

from bot.console.form import is_fragment
from bot.console.labels import value_label
from bot.conversation.knowledge import Knowledge
from bot.service import current
from bot.web.roles import Permission, requires
from bot.web.words import gettext
from storage import reply_versions, scripted_intents
from storage.reply_versions import ReplyState
from templates.errors import BadTemplate, TemplateError
from templates.library import SHIPPED_VERSION, Template, compile_template, load_shipped
from templates.lint import preview

pages = Blueprint("replies", __name__, url_prefix="/replies")
FILTERS = ("all", "draft", "changed", "stale", "no_value")
_UNTOUCHED = ReplyState("", 0, "", None, 0, "", None)


@dataclass(frozen=True, slots=True)
class Line:
    """One reply of the list. ``broken`` says that the text published by staff cannot be used, or that a new one was never usable."""

    name: str
    template: Template | None
    state: ReplyState
    stale: bool
    broken: bool

    @property
    def title(self) -> str:
        """What staff call it."""
        return self.template.title if self.template else self.name

    @property
    def text(self) -> str:
        """The beginning of what it says."""
        return _opening(self.template.source) if self.template else ""

    @property
    def value(self) -> tuple[str, str]:
        """Its value tag in words, and the tone."""
        return value_label(self.template.value if self.template else None)

    def fits(self, words: str) -> bool:
        """Return whether the words stand in its name, title, purpose or text."""
        told = (self.name, self.title, self.template.purpose, self.template.source) if self.template else (self.name,)
        return all(any(word in text.casefold() for text in told) for word in words.casefold().split())

    def passes(self, wanted: str) -> bool:
        """Return whether it belongs to a filter."""
        match wanted:
            case "draft":
                return self.state.has_draft
            case "changed":
                return self.state.published != SHIPPED_VERSION
            case "stale":
                return self.stale or self.broken
            case "no_value":
                return self.template is None or self.template.value in (None, "none")
            case _:
                return True


@dataclass(frozen=True, slots=True)
class Group:
    """The replies of one intent; those of the conversation itself have no intent."""

    title: str
    intent: str
    lines: list[Line]


@pages.get("/")
@requires(Permission.TEMPLATES_READ)
def index() -> str:
    """Show the replies, all or those that fit."""
    words, wanted = request.args.get("q", "").strip()[:100], request.args.get("show", "all")
    if wanted not in FILTERS:
        wanted = "all"
    lines = [line for line in all_lines() if line.fits(words)]
    counts = {name: sum(line.passes(name) for line in lines) for name in FILTERS}
    groups = _grouped([line for line in lines if line.passes(wanted)], knowledge())
    page = "console/_replies.html" if is_fragment() else "console/replies.html"
    return render_template(page, groups=groups, words=words, wanted=wanted, counts=counts, filters=filter_names())


def filter_names() -> dict[str, str]:
    """Return what the filters are called."""
    return {
        "all": gettext("全部"),
        "draft": gettext("有草稿"),
        "changed": gettext("改过"),
        "stale": gettext("待复核"),
        "no_value": gettext("无价值"),
    }


def knowledge() -> Knowledge:
    """Return what the account answers with right now."""
    service = current()
    return service.engine.knowledge.newest(service.database)


def today() -> date:
    """Return the day in the brand's zone."""
    service = current()
    return service.clock().astimezone(service.settings.timezone).date()


def known_names() -> set[str]:
    """Return the names of all replies: shipped, saved by staff, or wanted by an intent of theirs."""
    database = current().database
    wanted = {record.name for record in scripted_intents.all_scripted(database)}
    return {*load_shipped(), *reply_versions.states(database), *wanted}


def all_lines() -> list[Line]:
    """Return every reply by name."""
    database, library = current().database, knowledge().library
    states, faulty = reply_versions.states(database), {fault.name for fault in library.faults}
    lines, day = [], today()
    for name in sorted(known_names()):
        state = states.get(name, _UNTOUCHED)
        template = library.get(name) or _draft(name)
        due = bool(template and template.review_on and template.review_on < day)
        lines.append(Line(name, template, state, due, name in faulty or template is None))
    return lines


def _draft(name: str) -> Template | None:
    """Return the newest saved text of a reply that was never published, None when it cannot be used."""
    saved = reply_versions.newest(current().database, name)
    try:
        return compile_template(name, saved.version, saved.source) if saved else None
    except BadTemplate:
        return None


def _grouped(lines: Iterable[Line], known: Knowledge) -> list[Group]:
    """Return the replies under the intents that say them, in the order help offers those; the conversation's own come last."""
    left = {line.name: line for line in lines}
    groups = []
    for intent in known.intents.values():
        own = [left.pop(name) for name in intent.replies if name in left]
        if own:
            groups.append(Group(intent.title, intent.name, own))
    if left:
        groups.append(Group(gettext("对话本身"), "", list(left.values())))
    return groups


@lru_cache(maxsize=1024)
def _opening(source: str) -> str:
    """Return the beginning of what a text says with its own samples, on one line, for lists."""
    try:
        said = preview(source).summary()
    except TemplateError:
        said = source.split("\n---", 1)[-1].strip("-\n ")
    return " ".join(said.split())[:90]


def samples_of(name: str, template: Template | None) -> Mapping[str, object]:
    """Return the values that the reply's intent passes, with examples: those of the shipped text, or for a reply of staff the brand alone."""
    shipped = load_shipped().get(name)
    if shipped is not None:
        return shipped.samples
    return {"brand": current().settings.brand_name, **(template.samples if template else {})}
