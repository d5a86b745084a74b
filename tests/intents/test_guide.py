"""docs/intents.md keeps its promise: its examples are carried out in a copy of the project, guarded there, and asked there."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_EXAMPLE = re.compile(r"^`([\w/.]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ASK = """
import sys
from datetime import date
from intents.matching.matcher import Matcher
from intents.matching.places import Places
from intents.registry import all_intents
print(Matcher(all_intents([]), Places()).match(sys.argv[1], today=date(2026, 1, 1)).intent)
"""


def examples() -> dict[str, str]:
    return dict(_EXAMPLE.findall((ROOT / "docs/intents.md").read_text("utf-8")))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the project's code, without what is served to browsers."""
    for folder in ("bot", "intents", "storage", "templates", "tests"):
        left = shutil.ignore_patterns("static", "test_guide.py", "*.pyc.*")  # the last are being written
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=left)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def write(copy: Path, *names: str) -> None:
    for name in names:
        (copy / name).write_text(examples()[name], "utf-8")


def guard(copy: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Run the registry's guard in the copy, and the tests named."""
    files = ["tests/intents/test_registry.py", *tests]
    alone = [] if tests else ["--noconftest"]  # the guard needs no app, and is quicker without
    plugins = [
        part for name in ("cacheprovider", "randomly", "xdist", "hypothesispytest") for part in ("-p", f"no:{name}")
    ]
    return run(copy, "-m", "pytest", "-q", *plugins, *alone, *files)


def understood_as(copy: Path, text: str) -> str:
    return run(copy, "-c", _ASK, text).stdout.strip()


def run(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=copy, capture_output=True, text=True, check=False, timeout=60
    )


def test_a_coded_intent_takes_a_module_a_test_and_a_line(copy: Path) -> None:
    write(copy, "intents/pick_drink.py", "templates/zh/pick_drink.j2")
    forgotten = guard(copy).stdout
    assert "test_every_intent_module_has_its_line" in forgotten
    registry = copy / "intents/registry.py"
    registry.write_text(
        registry.read_text("utf-8")
        .replace("from intents import (\n", "from intents import (\n    pick_drink,\n", 1)
        .replace("CODED: tuple[Intent, ...] = (\n", "CODED: tuple[Intent, ...] = (\n    pick_drink.INTENT,\n", 1),
        "utf-8",
    )
    assert "test_every_coded_intent_is_tested" in guard(copy).stdout
    write(copy, "tests/intents/test_pick_drink.py")
    accepted = guard(copy, "tests/intents/test_pick_drink.py")
    assert accepted.returncode == 0, accepted.stdout
    assert understood_as(copy, "哎呀今天喝什么好呢") == "pick_drink"


def test_a_scripted_intent_takes_no_code(copy: Path) -> None:
    write(copy, "intents/scripted/parking.toml", "templates/zh/parking.j2")
    accepted = guard(copy)
    assert accepted.returncode == 0, accepted.stdout
    assert understood_as(copy, "你们那儿有停车位吗") == "parking"
