"""The pages lead where they say, name what exists, and say the same in both languages."""

import ast
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

from bot.cli.main import cli
from bot.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").glob("*.md")])
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")
CODE = re.compile(r"`([^`\n]+)`")
BLOCK = re.compile(r"```(\w*)\n(.*?)```|((?:^    .*\n)+)", re.DOTALL | re.MULTILINE)
FILE = re.compile(
    r"(?:bot|docs|intents|requirements|scripts|storage|templates|tests|bench)/[\w./-]*\w\.(?:py|md|j2|toml|sql|csv|txt|json|js|css|sh)\b"
)
COMMAND = re.compile(r"(?:^|[`$ ])((?:\.venv/bin/)?zhaohu [a-z][^`\n|>;&]*)")
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:home|root|tmp|Users|mnt|opt|work)/\w+")
SETTINGS = {entry.name.upper() for entry in fields(Settings)}


def pages_by_name(page: Path) -> str:
    return page.name


def text_of(page: Path) -> str:
    return page.read_text("utf-8")


def shell_lines(text: str) -> Iterator[str]:
    """Yield what a page shows to be typed: the lines of indented and shell blocks, and commands inside sentences."""
    for match in COMMAND.finditer(text):
        yield match[1].strip().rstrip("`.,;:")


def typed_words(line: str) -> list[str]:
    """Return the words of a command line without its remark and without what stands for something else."""
    words = shlex.split(line.split(" #")[0].split("  ")[0], posix=True)
    return words[1:]


def misnamed(words: list[str]) -> str:
    """Return what a command line names that does not exist, empty when all of it does."""
    command: click.Command = cli
    rest = list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        name = rest.pop(0)
        if name not in command.commands:
            return f"no command {name}"
        command = command.commands[name]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    known |= {"--help", "-h", "--version"}
    return ", ".join(
        f"no option {word}"
        for word in (one.partition("=")[0] for one in rest)
        if word.startswith("-") and word not in known
    )


def links_of(text: str) -> list[str]:
    """Return the relative links of a page, without those of examples in code."""
    without_code = CODE.sub("", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [match[1] for match in LINK.finditer(without_code) if not re.match(r"[a-z]+:", match[1])]


def settings_named(text: str) -> set[str]:
    return set(re.findall(r"\b[A-Z][A-Z_]{3,}\b", text)) & SETTINGS


def commands_named(text: str) -> set[tuple[str, ...]]:
    """Return the commands a page names, by their words up to the first argument."""
    found = set()
    for line in shell_lines(text):
        command: click.Command = cli
        path: list[str] = []
        for word in typed_words(line):
            if not isinstance(command, click.Group) or word not in command.commands:
                break
            path.append(word)
            command = command.commands[word]
        found.add(tuple(path))
    return found | {
        ("make", word) for word in re.findall(r"\bmake ([a-z]+)\b", "\n".join(CODE.findall(text) + blocks(text)))
    }


def blocks(text: str) -> list[str]:
    return [match[2] or match[3] or "" for match in BLOCK.finditer(text)]


def absent(files: Iterable[Path]) -> list[str]:
    """Return the names of files that do not exist."""
    return sorted({file.name for file in files if not file.exists()})


@pytest.mark.parametrize("page", PAGES, ids=pages_by_name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    assert absent(page.parent / link for link in links_of(text_of(page))) == []


@pytest.mark.parametrize("page", PAGES, ids=pages_by_name)
def test_every_place_inside_a_page_that_is_linked_to_is_there(page: Path) -> None:
    for match in LINK.finditer(text_of(page)):
        if match[2] and not re.match(r"[a-z]+:", match[1]):
            headings = re.findall(r"^#+ (.+)$", text_of(page.parent / match[1]), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert match[2][1:] in anchors, match[0]


@pytest.mark.parametrize("page", PAGES, ids=pages_by_name)
def test_every_file_that_is_named_exists(page: Path) -> None:
    named = {
        found for found in FILE.findall(text_of(page)) if not re.search(r"NAME|…|fortune|pick_drink|parking", found)
    }
    assert absent(ROOT / name for name in named) == []


@pytest.mark.parametrize("page", PAGES, ids=pages_by_name)
def test_every_command_line_names_commands_and_options_that_exist(page: Path) -> None:
    wrong = {line: fault for line in shell_lines(text_of(page)) if (fault := misnamed(typed_words(line)))}
    assert wrong == {}


@pytest.mark.parametrize("page", PAGES, ids=pages_by_name)
def test_every_target_of_make_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {words[1] for words in commands_named(text_of(page)) if words[:1] == ("make",)}
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=pages_by_name)
def test_no_page_tells_of_the_machine_it_was_written_on(page: Path) -> None:
    assert MACHINE_PATH.findall(text_of(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=pages_by_name)
def test_code_in_pages_can_be_read_by_python(page: Path) -> None:
    for match in BLOCK.finditer(text_of(page)):
        if match[1] == "python":
            ast.parse(match[2])


@pytest.mark.parametrize("page", PAGES, ids=pages_by_name)
def test_a_page_has_one_title_and_closes_its_blocks(page: Path) -> None:
    text = text_of(page)
    assert text.startswith("# ")
    assert text.count("```") % 2 == 0
    outside = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    assert len(re.findall(r"^# ", outside, re.MULTILINE)) == 1


def test_every_page_of_the_docs_is_linked_from_the_readme() -> None:
    linked = set(links_of(text_of(READMES[0])))
    assert {f"docs/{page.name}" for page in PAGES if page.parent != ROOT} <= linked


def test_both_readmes_name_the_same_commands_and_settings() -> None:
    english, chinese = (text_of(readme) for readme in READMES)
    assert commands_named(english) == commands_named(chinese)
    assert settings_named(english) == settings_named(chinese)
    assert len(commands_named(english)) > 5
    assert len(settings_named(english)) > 5


def test_both_readmes_lead_to_the_same_pages() -> None:
    english, chinese = ({link for link in links_of(text_of(readme)) if link.startswith("docs/")} for readme in READMES)
    assert english == chinese


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("zhaohu serve --with-worker", ""),
        (".venv/bin/zhaohu user add NAME --role admin", ""),
        ("zhaohu export exchanges --format=csv", ""),
        ("zhaohu sevre", "no command sevre"),
        ("zhaohu user ad NAME", "no command ad"),
        ("zhaohu serve --worker", "no option --worker"),
    ],
)
def test_what_a_command_line_misnames_is_found(line: str, fault: str) -> None:
    assert misnamed(typed_words(line)) == fault


def test_links_commands_and_files_of_a_page_are_found() -> None:
    page = "See [a](docs/a.md#x), [w](https://x.y) and `zhaohu user add N`.\n\n    make run   # all\n\n`bot/app.py`\n"
    assert links_of(page) == ["docs/a.md"]
    assert commands_named(page) == {("user", "add"), ("make", "run")}
    assert FILE.findall(page) == ["docs/a.md", "bot/app.py"]
