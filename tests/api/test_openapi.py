"""The description of the API: it agrees with what the API answers."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask
from werkzeug.test import Client

from bot.api.routes import ROUTES
from tests.api.conftest import Program

TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


def faults(value: Any, schema: Mapping[str, Any], whole: Mapping[str, Any], where: str = "") -> Iterator[str]:
    """Yield what a value has that its schema does not allow, as far as our descriptions go."""
    if "$ref" in schema:
        schema = whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    allowed = tuple(kind for name in kinds for kind in TYPES[name])
    if not isinstance(value, allowed) or (isinstance(value, bool) and "boolean" not in kinds):
        yield f"{where}: {value!r} is not {kinds}"
    elif isinstance(value, dict) and "properties" in schema:
        if set(schema["required"]) - set(value) or set(value) - set(schema["properties"]):
            yield f"{where}: has {sorted(value)}"
        for name in value.keys() & schema["properties"].keys():
            yield from faults(value[name], schema["properties"][name], whole, f"{where}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from faults(inner, schema["items"], whole, f"{where}[]")
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is none of {schema['enum']}"


def description(app: Flask) -> dict[str, Any]:
    answer = Client(app).get("/api/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    found: dict[str, Any] = answer.json  # type: ignore[assignment]
    return found


def test_every_route_is_described_and_nothing_else(app: Flask) -> None:
    whole = description(app)
    assert whole["openapi"].startswith("3.1")
    assert set(whole["paths"]) == {route.path for route in ROUTES}
    served = {
        rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.") and "/v1/" in rule.rule
    }
    assert {path.replace("{id}", "<record_id>") for path in whole["paths"]} == {
        rule.removeprefix("/api") for rule in served
    }
    names = [path["get"]["operationId"] for path in whole["paths"].values()]
    assert len(set(names)) == len(names)
    assert all(" " not in name for name in names)


def test_every_reference_leads_somewhere(app: Flask) -> None:
    whole = description(app)

    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            yield from ([value["$ref"]] if "$ref" in value else [])
            for inner in value.values():
                yield from references(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from references(inner)

    found = set(references(whole))
    assert found == {f"#/components/schemas/{name}" for name in whole["components"]["schemas"]}


def test_answers_are_as_described(crm: Program, app: Flask, filled: dict[str, int]) -> None:
    whole = description(app)
    seen = 0
    for route in ROUTES:
        schema = whole["paths"][route.path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        listed = crm.json(f"/api/v1/{route.collection.name}")
        values = (
            [crm.json(f"/api{route.path.replace('{id}', one['id'])}") for one in listed["data"]]
            if route.single
            else [listed]
        )
        seen += len(values)
        assert [fault for value in values for fault in faults(value, schema, whole)] == []
    assert seen > len(ROUTES)


def test_refusals_are_as_described(crm: Program, app: Flask) -> None:
    whole = description(app)
    for path, status in (("/api/v1/members?x=1", "400"), ("/api/v1/members/1", "404")):
        answer = crm.get(path)
        described = whole["paths"]["/v1/members/{id}" if status == "404" else "/v1/members"]["get"]["responses"][status]
        assert list(faults(answer.json, described["content"]["application/json"]["schema"], whole)) == []


def test_the_check_finds_what_is_wrong() -> None:
    whole = {
        "components": {
            "schemas": {"One": {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}}
        }
    }
    one = {"$ref": "#/components/schemas/One"}
    assert list(faults({"a": 1}, one, whole)) == []
    wrongs: list[Any] = [{}, {"a": "1"}, {"a": True}, {"a": 1, "b": 2}, [], None]
    for wrong in wrongs:
        assert list(faults(wrong, one, whole))
