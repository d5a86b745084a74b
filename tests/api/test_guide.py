"""docs/api.md says what the API does."""

import json
import re
from pathlib import Path

from bot.api.errors import ERRORS
from bot.api.parameters import MOST_RECORDS, PARAMETERS, RECORDS
from bot.api.routes import ROUTES, SCOPES
from bot.records import EXCHANGES

GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")


def test_every_scope_collection_parameter_and_error_is_there() -> None:
    assert re.findall(r"^\| `([a-z]+:[a-z]+)` \|", GUIDE, re.MULTILINE) == list(SCOPES)
    for route in ROUTES:
        row = re.search(rf"^\| `{route.scope}` \|.*$", GUIDE, re.MULTILINE)
        assert row is not None
        assert f"`{route.collection.name}`" in row[0]
    assert re.findall(r"^\| (\d+) \| `(\w+)` \|", GUIDE, re.MULTILINE) == [
        (str(status), code) for status, (code, _) in ERRORS.items()
    ]
    assert re.findall(r"^- `(\w+)`:", GUIDE, re.MULTILINE) == list(PARAMETERS)
    assert f"1 to {MOST_RECORDS} records, {RECORDS} when not given" in GUIDE


def test_the_example_of_an_exchange_has_its_fields() -> None:
    example = re.search(r"```json\n(\{\"id\".*?\})\n```", GUIDE, re.DOTALL)
    assert example is not None
    assert list(json.loads(example[1])) == [field.name for field in EXCHANGES.fields]
