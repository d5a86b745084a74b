"""``zhaohu stores``: import, list, export."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import Context
from bot.cli.stores import stores_group
from storage.database import Database
from storage.stores import all_stores

HEADER = "编号,店名,城市,区,地址,电话,纬度,经度,营业时间,营业"
GOOD = "SH1,静安寺店,上海,静安区,南京西路 1 号,021-0000-0101,31.2235,121.4453,07:30-22:00,1"
BAD = "SH2,,上海,静安区,南京西路 1 号,,31.2235,121.4453,早上到晚上,1"


@pytest.fixture
def context(database: Database) -> Context:
    made = Context()
    made.__dict__["database"] = database  # where the cached property keeps it
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "stores.csv"
    path.write_text(f"{HEADER}\n{GOOD}\n", "utf-8")
    return path


def run(context: Context, *arguments: str) -> Result:
    return CliRunner().invoke(stores_group, arguments, obj=context)


def test_a_good_file_is_imported_and_again_changes_nothing(context: Context, file: Path) -> None:
    assert run(context, "import", str(file)).output == "1 added, 0 changed, 0 unchanged\n"
    assert run(context, "import", str(file)).output == "0 added, 0 changed, 1 unchanged\n"
    assert [store.code for store in all_stores(context.database)] == ["SH1"]


def test_a_bad_row_keeps_everything_out_and_is_named(context: Context, file: Path) -> None:
    file.write_text(f"{HEADER}\n{GOOD}\n{BAD}\n", "utf-8")
    result = run(context, "import", str(file))
    assert result.exit_code == 1
    assert "row 3, name: must not be empty / 不能为空" in result.stderr
    assert "row 3, hours: “早上到晚上” says nothing about business hours" in result.stderr
    assert "nothing was imported, problems found: 2" in result.stderr
    assert all_stores(context.database) == []


def test_a_dry_run_tells_and_changes_nothing(context: Context, file: Path) -> None:
    result = run(context, "import", str(file), "--dry-run")
    assert result.output == "would be: 1 added, 0 changed, 0 unchanged\n"
    assert all_stores(context.database) == []


def test_machines_get_json_of_success_and_refusal(context: Context, file: Path) -> None:
    done = json.loads(run(context, "import", str(file), "--json").stdout)
    assert done == {"imported": True, "added": 1, "changed": 0, "unchanged": 0}
    file.write_text(f"{HEADER}\n{BAD}\n", "utf-8")
    result = run(context, "import", str(file), "--json")
    assert result.exit_code == 1
    refused = json.loads(result.stdout)
    assert (refused["imported"], refused["count"], refused["problems"][0]["row"]) == (False, 2, 2)


def test_what_is_exported_can_be_imported_again(context: Context, file: Path, tmp_path: Path) -> None:
    run(context, "import", str(file))
    exported = tmp_path / "out.csv"
    assert run(context, "export", str(exported)).exit_code == 0
    assert run(context, "import", str(exported)).output == "0 added, 0 changed, 1 unchanged\n"
    assert "静安寺店" in run(context, "export").stdout


def test_stores_are_listed_by_city(context: Context, file: Path) -> None:
    run(context, "import", str(file))
    assert run(context, "list").output == "SH1\t静安寺店\t上海静安区\t07:30-22:00\n"
    assert run(context, "list", "--city", "杭州").output == ""
    assert json.loads(run(context, "list", "--json").output)["latitude"] == 31.2235


def test_a_file_that_is_not_there_is_one_line(context: Context) -> None:
    result = run(context, "import", "no-such.csv")
    assert result.exit_code == 2
    assert "no-such.csv" in result.stderr
