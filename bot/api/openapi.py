"""The description of the API in OpenAPI 3.1, made from the tables that the handlers work by."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bot.api.errors import ERRORS
from bot.api.parameters import PARAMETERS
from bot.api.routes import ROUTES, SCOPES, Route
from bot.records import COLLECTIONS, Collection, Field, Kind

Schema = dict[str, Any]
_SCHEMAS: Mapping[Kind, Schema] = MappingProxyType(
    {
        "id": {"type": "string", "pattern": "^[0-9]{1,19}$"},
        "text": {"type": "string"},
        "whole": {"type": "integer"},
        "number": {"type": "number"},
        "truth": {"type": "boolean"},
        "time": {"type": "string", "format": "date-time"},
        "texts": {"type": "array", "items": {"type": "string"}},
        "content": {"type": "object"},
        "phone": {"type": "string"},
    }
)
_ERROR: Schema = {
    "type": "object",
    "required": ["error"],
    "additionalProperties": False,
    "properties": {
        "error": {
            "type": "object",
            "required": ["status", "code", "message"],
            "additionalProperties": False,
            "properties": {
                "status": {"type": "integer"},
                "code": {"type": "string", "enum": [code for code, _ in ERRORS.values()]},
                "message": {"type": "string"},
            },
        }
    },
}


def describe() -> Schema:
    """Return the whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Zhaohu",
            "version": "1",
            "description": "What Zhaohu remembers, for the brand's other systems. Read only; see docs/api.md.",
        },
        "servers": [{"url": "/api"}],
        "security": [{"token": []}],
        "paths": {route.path: {"get": _operation(route)} for route in ROUTES},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                **{_schema_name(collection): _record(collection) for collection in COLLECTIONS},
                "Error": _ERROR,
            },
        },
    }


def _operation(route: Route) -> Schema:
    collection = route.collection
    refusals = [status for status in ERRORS if status != 404 or route.single]
    return {
        "operationId": route.name.replace(" ", "_"),
        "summary": f"One {collection.singular}" if route.single else collection.meaning,
        "description": f"Needs the scope `{route.scope}`: {SCOPES[route.scope]}.",
        "x-scope": route.scope,
        "parameters": [_id_parameter()] if route.single else _list_parameters(),
        "responses": {
            "200": _answer("As asked", _reference(collection) if route.single else _page(collection)),
            **{str(status): _answer(ERRORS[status][1], {"$ref": "#/components/schemas/Error"}) for status in refusals},
        },
    }


def _id_parameter() -> Schema:
    return {"name": "id", "in": "path", "required": True, "schema": _SCHEMAS["id"]}


def _list_parameters() -> list[Schema]:
    return [
        {"name": name, "in": "query", "description": parameter.meaning, "schema": dict(parameter.schema)}
        for name, parameter in PARAMETERS.items()
    ]


def _answer(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _page(collection: Collection) -> Schema:
    return {
        "type": "object",
        "required": ["data", "next_cursor"],
        "additionalProperties": False,
        "properties": {
            "data": {"type": "array", "items": _reference(collection)},
            "next_cursor": {"type": ["string", "null"], "description": "null: this is the last page for now"},
        },
    }


def _record(collection: Collection) -> Schema:
    return {
        "type": "object",
        "description": collection.meaning,
        "required": [field.name for field in collection.fields],
        "additionalProperties": False,
        "properties": {field.name: _field(field) for field in collection.fields},
    }


def _field(field: Field) -> Schema:
    schema = {**_SCHEMAS[field.kind], "description": field.meaning}
    if field.choices:
        schema["enum"] = list(field.choices)
    if field.nullable:
        schema["type"] = [schema["type"], "null"]
    return schema


def _reference(collection: Collection) -> Schema:
    return {"$ref": f"#/components/schemas/{_schema_name(collection)}"}


def _schema_name(collection: Collection) -> str:
    return collection.singular.title().replace(" ", "")
