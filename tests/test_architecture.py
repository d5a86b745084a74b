"""The rooms and their doors: reads every import of our code, also inside functions, and holds what docs/how-it-works.md draws."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ARROWS: Mapping[str, frozenset[str]] = {
    "bot": frozenset({"bot", "intents", "storage", "templates"}),
    "intents": frozenset({"intents", "storage"}),
    "storage": frozenset({"storage"}),
    "templates": frozenset({"templates"}),
}
DOORS: Mapping[str, tuple[str, ...]] = {
    "wechatpy": ("bot.wechat",),
    "flask": ("bot",),
    "flask_babel": ("bot",),
    "werkzeug": ("bot",),
    "rapidfuzz": ("intents.matching",),
    "opencc": ("intents.matching",),
    "psycopg": ("storage",),
    "psycopg_pool": ("storage",),
    "sqlite3": ("storage",),
    "subprocess": ("storage.postgres_programs",),
    "sqlite_utils": ("storage", "bot.cli"),
}
PAGES = ("bot.desk", "bot.console", "bot.api", "bot.simulator", "bot.consumer")


@dataclass(frozen=True)
class Import:
    """One import: in which module and line, and the full dotted name of what is imported."""

    module: str
    line: int
    target: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def modules(root: Path) -> dict[str, Path]:
    """Return the files of the rooms by module name; a package is called by its folder."""
    found = {}
    for room in ARROWS:
        for file in sorted((root / room).rglob("*.py")):
            parts = file.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imports(known: Mapping[str, Path]) -> list[Import]:
    """Return every import of these modules."""
    return [one for module, file in known.items() for one in _imports_of(module, file, known)]


def _imports_of(module: str, file: Path, known: Mapping[str, Path]) -> Iterator[Import]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = _base(module, node, is_package=file.name == "__init__.py")
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield Import(module, node.lineno, inner if inner in known else base)
        elif isinstance(node, ast.Call) and _imports_by_name(node.func):
            for argument in node.args[:1]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield Import(module, node.lineno, argument.value)


def _base(module: str, node: ast.ImportFrom, *, is_package: bool) -> str:
    """Return what a ``from … import`` names, dots in front resolved."""
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    above = parts[: len(parts) - node.level + int(is_package)]
    return ".".join([*above, *([node.module] if node.module else [])])


def _imports_by_name(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in ("import_module", "__import__")


def within(module: str, *packages: str) -> bool:
    """Return whether a module is one of these packages or inside one."""
    return any(module == package or module.startswith(package + ".") for package in packages)


def wrong_arrows(found: list[Import]) -> list[str]:
    """Return imports of a room that the importing room may not know."""
    return [
        f"arrow: {one}"
        for one in found
        if (room := one.target.split(".")[0]) in ARROWS and room not in ARROWS[one.module.split(".")[0]]
    ]


def wrong_doors(found: list[Import]) -> list[str]:
    """Return imports of a library outside the one place it may be used in."""
    return [
        f"door: {one}"
        for one in found
        if (library := one.target.split(".")[0]) in DOORS and not within(one.module, *DOORS[library])
    ]


def pages_that_meet(found: list[Import]) -> list[str]:
    """Return imports of one group of pages by another."""
    return [
        f"pages: {one}"
        for one in found
        for page in PAGES
        if within(one.module, page) and any(within(one.target, other) for other in PAGES if other != page)
    ]


def circles(found: list[Import], known: Mapping[str, Path]) -> list[str]:
    """Return a circle of imports for each module that reaches itself, each circle once."""
    graph: dict[str, set[str]] = {}
    for one in found:
        if one.target in known and one.target != one.module:
            graph.setdefault(one.module, set()).add(one.target)
    seen: dict[frozenset[str], str] = {}
    for start in sorted(graph):
        if way := _way_back(graph, start):
            seen.setdefault(frozenset(way), "circle: " + " → ".join([*way, start]))
    return list(seen.values())


def _way_back(graph: Mapping[str, set[str]], start: str) -> list[str]:
    """Return the shortest way from a module back to itself, without its end; empty when there is none."""
    ways, visited = [[start]], {start}
    while ways:
        way = ways.pop(0)
        for target in sorted(graph.get(way[-1], ())):
            if target == start:
                return way
            if target not in visited:
                visited.add(target)
                ways.append([*way, target])
    return []


def violations(root: Path) -> list[str]:
    """Return all that breaks the rules in the tree at ``root``."""
    known = modules(root)
    found = imports(known)
    return wrong_arrows(found) + wrong_doors(found) + pages_that_meet(found) + circles(found, known)


def test_no_import_breaks_the_rules() -> None:
    assert violations(ROOT) == []


def test_every_room_was_read() -> None:
    known = modules(ROOT)
    assert {module.split(".")[0] for module in known} == set(ARROWS)
    assert len(imports(known)) > len(known)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"storage/a.py": "import intents.types\n"}, "arrow: storage.a:1 imports intents.types"),
        ({"templates/a.py": "from storage import ids\n"}, "arrow: templates.a:1 imports storage"),
        ({"intents/a.py": "from templates.library import Library\n"}, "arrow: intents.a:1 imports templates.library"),
        ({"intents/a.py": "def f():\n    from bot import app\n"}, "arrow: intents.a:2 imports bot"),
        (
            {"storage/a.py": "import importlib\nimportlib.import_module('bot.app')\n"},
            "arrow: storage.a:2 imports bot.app",
        ),
        ({"bot/desk/a.py": "from wechatpy.utils import x\n"}, "door: bot.desk.a:1 imports wechatpy.utils"),
        ({"intents/a.py": "import flask\n"}, "door: intents.a:1 imports flask"),
        ({"intents/a.py": "from rapidfuzz import fuzz\n"}, "door: intents.a:1 imports rapidfuzz"),
        ({"bot/a.py": "def f():\n    import sqlite3\n"}, "door: bot.a:2 imports sqlite3"),
        ({"bot/web/a.py": "import sqlite_utils\n"}, "door: bot.web.a:1 imports sqlite_utils"),
        (
            {"bot/desk/a.py": "from bot.console import b\n", "bot/console/b.py": ""},
            "pages: bot.desk.a:1 imports bot.console.b",
        ),
        (
            {"bot/api/__init__.py": "", "bot/api/a.py": "from ..simulator.b import x\n", "bot/simulator/b.py": ""},
            "pages: bot.api.a:1 imports bot.simulator.b",
        ),
        (
            {"storage/a.py": "from storage import b\n", "storage/b.py": "def f():\n    from . import a\n"},
            "circle: storage.a → storage.b → storage.a",
        ),
        (
            {
                "intents/a.py": "import intents.b\n",
                "intents/b.py": "import intents.c\n",
                "intents/c.py": "import intents.a\n",
            },
            "circle: intents.a → intents.b → intents.c → intents.a",
        ),
        (
            {"bot/web/__init__.py": "from bot.web.a import x\n", "bot/web/a.py": "from bot.web import x\n"},
            "circle: bot.web → bot.web.a → bot.web",
        ),
    ],
)
def test_each_kind_of_violation_is_found(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    write(tmp_path, files)
    assert violations(tmp_path) == [expected]


def test_what_is_allowed_is_not_reported(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "bot/app.py": "import flask\nfrom bot.desk import pages\nfrom intents import a\n",
            "bot/desk/pages.py": "from bot.web import auth\nfrom bot.desk import queue\nfrom templates.library import Library\n",
            "bot/desk/queue.py": "import storage.ids\n",
            "bot/web/auth.py": "from flask import g\n",
            "bot/wechat/gate.py": "import wechatpy.crypto\n",
            "bot/cli/data.py": "import sqlite_utils\n",
            "intents/a.py": "from intents.matching import near\nimport storage.ids\n",
            "intents/matching/near.py": "from rapidfuzz import fuzz\n",
            "storage/ids.py": "import sqlite3\n",
        },
    )
    assert violations(tmp_path) == []


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, source in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, "utf-8")
