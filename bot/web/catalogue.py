"""Catalogues of the pages' words: ``python -m bot.web.catalogue`` collects the texts of every room (or those named) into its
English catalogue and compiles it.

A text that has no English yet is printed; write it into the room's ``translations/en/LC_MESSAGES/messages.po`` and run the command again.
"""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from bot.web.languages import ROOMS

_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
_KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None}
_CREATED = datetime(2026, 1, 1, tzinfo=UTC)  # always the same, so that only words change the file


def rooms() -> list[Path]:
    """Return the folders whose texts are collected."""
    return sorted(path for path in ROOMS.iterdir() if path.is_dir() and path.name != "__pycache__")


def catalogue_file(room: Path) -> Path:
    """Return where a room's English words are."""
    return room / "translations" / "en" / "LC_MESSAGES" / "messages.po"


def collect(room: Path) -> Catalog:
    """Return every text of a room that is to be translated."""
    found = Catalog(charset="utf-8")
    for name, _, text, comments, context in extract_from_dir(
        room, _METHODS, keywords=_KEYWORDS, options_map={"**/templates/**.html": {"silent": "false"}}
    ):
        found.add(text, locations=[(name, 0)], auto_comments=comments, context=context)
    return found


def translated(room: Path) -> Catalog:
    """Return a room's English catalogue as it is on disk, empty when there is none."""
    path = catalogue_file(room)
    if not path.exists():
        return Catalog(locale="en")
    with path.open("rb") as file:
        return read_po(file, locale="en")


def untranslated(room: Path) -> list[str]:
    """Return the texts of a room that its English catalogue lacks, or only guesses."""
    english = translated(room)
    missing = []
    for message in collect(room):
        known = english.get(message.id) if message.id else None
        words = known.string if known is not None else ""
        if message.id and (known is None or known.fuzzy or not all(words if isinstance(words, tuple) else (words,))):
            missing.append(message.id if isinstance(message.id, str) else message.id[0])
    return missing


def compiled(room: Path) -> bytes:
    """Return the machine form of a room's English catalogue."""
    buffer = io.BytesIO()
    write_mo(buffer, translated(room))
    return buffer.getvalue()


def update(room: Path) -> None:
    """Bring a room's English catalogue up to its texts, keeping what is translated, and compile it."""
    found = collect(room)
    if not len(found):
        return
    english = translated(room)
    english.update(found, no_fuzzy_matching=True)
    english.obsolete.clear()
    english.creation_date = english.revision_date = _CREATED
    english.project, english.version, english.fuzzy = "Zhaohu", "1", False
    english.header_comment = f"# English words of the pages in bot/{room.name}."
    english.last_translator = english.language_team = english.msgid_bugs_address = "Zhaohu"
    path = catalogue_file(room)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, english, width=160, include_lineno=False, sort_output=True)
    path.with_suffix(".mo").write_bytes(compiled(room))


def main() -> None:
    """Update the rooms named on the command line, or all, and print what lacks its English."""
    chosen = [room for room in rooms() if room.name in sys.argv[1:]] or rooms()
    for room in chosen:
        update(room)
    missing = [f"{room.name}: {text}" for room in chosen for text in untranslated(room)]
    sys.stdout.writelines(f"{line}\n" for line in missing)
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
