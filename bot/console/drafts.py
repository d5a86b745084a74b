"""What stands between an editor's text and the account saying it: the check, the draft, the publishing, each in one transaction.

NotPublishable   the text has an error that consumers would meet; ``findings`` are all remarks on it
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.console.replies import samples_of, today
from bot.service import current
from storage import audit, reply_versions, scripted_intents
from storage.database import Transaction
from storage.reply_versions import SHIPPED, ReplyState, ReplyVersion
from templates.errors import BadTemplate
from templates.library import Template, compile_template, load_shipped
from templates.lint import Finding, lint

LONGEST_SOURCE = (
    32_768  # characters; longer ones are refused by the templates too, a draft of them is not worth keeping
)

_PLAIN = re.compile(r"[\u4e00-\u9fff][\w “”]*")


class NotPublishable(Exception):
    """The text has an error that consumers would meet; ``findings`` are all remarks on it."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings)
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a reply stands when an editor opens it: the text to go on from, and the newest version that this text knows of."""

    name: str
    source: str
    newest: int
    published: int
    state: ReplyState | None

    @property
    def has_draft(self) -> bool:
        """Whether the text was saved but not published."""
        return self.state is not None and self.state.has_draft


def standing_of(name: str) -> Standing:
    """Return the text to go on from: the draft when there is one, else what is published."""
    database = current().database
    state = reply_versions.states(database).get(name)
    newest, published = (state.newest, state.published) if state else (SHIPPED, SHIPPED)
    version = newest if state and state.has_draft else published
    source = source_of(name, version)
    return Standing(name, _blank(name) if source is None else source, newest, published, state)


def is_blank(standing: Standing) -> bool:
    """Return whether nobody has written this reply yet."""
    return standing.newest == SHIPPED and standing.name not in load_shipped()


def source_of(name: str, version: int) -> str | None:
    """Return the text of one version (0: the shipped one), None when there is no such version."""
    if version == SHIPPED:
        shipped = load_shipped().get(name)
        return shipped.source if shipped else None
    saved = reply_versions.version_of(current().database, name, version)
    return saved.source if saved else None


def usable(name: str, source: str) -> Template | None:
    """Return the text as a template, or None when it does not compile."""
    try:
        return compile_template(name, 0, source)
    except BadTemplate:
        return None


def check(name: str, source: str) -> list[Finding]:
    """Return what is to be said about a text, by line."""
    return lint(name, source, today(), known=samples_of(name, None))


def has_error(findings: list[Finding]) -> bool:
    """Return whether one of the remarks forbids publishing."""
    return any(finding.severity == "error" for finding in findings)


def save_draft(name: str, source: str, *, expected: int, note: str, author: str, now: datetime) -> int:
    """Save the text without publishing it and return its version. Raises EditedMeanwhile."""
    work = partial(_add, name=name, source=source, expected=expected, note=note, author=author, now=now)
    return current().database.write(work)


def publish(name: str, source: str, *, expected: int, note: str, author: str, now: datetime) -> int:
    """Make the account say this text: saved as a new version unless it is the newest one already, published and noted in one transaction.

    Returns the version. Raises NotPublishable, EditedMeanwhile.
    """
    if has_error(findings := check(name, source)):
        raise NotPublishable(findings)

    def work(tx: Transaction) -> int:
        newest = reply_versions.newest(tx, name)
        if newest is not None and newest.version == expected and newest.source == source:
            version = newest.version
        else:
            version = _add(tx, name, source=source, expected=expected, note=note, author=author, now=now)
        _point(tx, name, version, author=author, note=note, now=now)
        return version

    return current().database.write(work)


def publish_version(name: str, version: int, *, author: str, note: str, now: datetime) -> None:
    """Make the account say a version that was saved before, or the shipped one (0). Raises NotPublishable, NoSuchVersion."""
    source = source_of(name, version)
    if source is None:
        raise reply_versions.NoSuchVersion(name, version)
    if version != SHIPPED and has_error(findings := check(name, source)):
        raise NotPublishable(findings)
    current().database.write(partial(_point, name=name, version=version, author=author, note=note, now=now))


def newest_of(name: str) -> ReplyVersion | None:
    """Return the newest saved version, or None."""
    return reply_versions.newest(current().database, name)


def _add(tx: Transaction, name: str, *, source: str, expected: int, note: str, author: str, now: datetime) -> int:
    version = reply_versions.add_version(
        tx, name, source=source, author=author, note=note, expected_version=expected, now=now
    )
    audit.record(tx, f"user:{author}", "template.saved", name, f"version={version}", now)
    return version


def _point(tx: Transaction, name: str, version: int, *, author: str, note: str, now: datetime) -> None:
    before = reply_versions.published_version(tx, name)
    reply_versions.publish(tx, name, version, by=author, now=now)
    detail = f"version={version} before={before}" + (f" note={note}" if note else "")
    audit.record(tx, f"user:{author}", "template.published", name, detail, now)


def _blank(name: str) -> str:
    """Return what a reply that nobody has written yet starts with: all but its words."""
    running = current()
    intent = scripted_intents.scripted_intent_by_name(running.database, name)
    title = intent.title if intent else name
    purpose, brand = f"顾客问到“{title}”时的回答", running.settings.brand_name
    return f"---\ntitle: {_scalar(title)}\npurpose: {_scalar(purpose)}\nvalue: info\nvalues:\n  brand: {_scalar(brand)}\n---\n\n"


def _scalar(text: str) -> str:
    """Return the text as front matter holds it, in quotes unless it is plainly Chinese words."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
