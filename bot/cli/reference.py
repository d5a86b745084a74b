"""The reference pages ``docs/settings.md`` and ``docs/commands.md``, made from the table of settings and from the commands themselves.

``python -m bot.cli.reference`` (or ``make docs``) writes them anew; a test fails while they are stale.
"""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click

from bot.cli.main import cli
from bot.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
_WIDTH = 100
_SETTINGS_HEAD = """# Settings

Made from `bot/settings.py` by `make docs`. Every setting is read once, at start, from the environment, and what the environment lacks from a file
`.env` in the folder where the program starts. A setting that is missing or wrong stops the start with one line that names it and says what it should
be; the value of a secret is never shown. `zhaohu doctor` looks at all of them together.

| setting | default | meaning |
| --- | --- | --- |
"""
_COMMANDS_HEAD = """# Commands

Made from the commands themselves by `make docs`; `zhaohu COMMAND --help` says the same. Errors are one line on standard error: exit status 2 for a
command line that was not understood, 1 for everything else. With `--json` commands print for programs.
"""


def settings_page() -> str:
    """Return the page of all settings, in the order of their table."""
    rows = []
    for entry in fields(Settings):
        default = f"`{entry.metadata['default']}`" if entry.metadata["default"] else ""
        secret = " **Secret.**" if entry.metadata["secret"] else ""
        rows.append(
            f"| `{entry.name.upper()}` | {default} | {entry.metadata['meaning'].replace('|', chr(92) + '|')}.{secret} |"
        )
    return _SETTINGS_HEAD + "\n".join(rows) + "\n"


def commands_page() -> str:
    """Return the page of all commands, by name."""
    parts = [f"\n## {path}\n\n```text\n{help_text}\n```\n" for path, help_text in helps()]
    return _COMMANDS_HEAD + "".join(parts)


def helps() -> Iterator[tuple[str, str]]:
    """Yield every command that does something, as it is typed, with what its ``--help`` prints."""
    yield from _helps(cli, click.Context(cli, info_name="zhaohu", terminal_width=_WIDTH))


def _helps(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    if not isinstance(command, click.Group):
        yield context.command_path, command.get_help(context)
        return
    for name in command.list_commands(context):
        inner = command.commands[name]
        yield from _helps(inner, click.Context(inner, info_name=name, parent=context, terminal_width=_WIDTH))


def write_pages(folder: Path = DOCS) -> None:
    """Write both pages."""
    (folder / "settings.md").write_text(settings_page(), encoding="utf-8")
    (folder / "commands.md").write_text(commands_page(), encoding="utf-8")


if __name__ == "__main__":
    write_pages()
