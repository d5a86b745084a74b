"""Quick apps: every test builds its own, and each would compile the same 140 routes and the same pages again, which is most of its time.

An app is none the less what it is outside of tests: what is compiled is shared, nothing that changes.
"""

from types import CodeType
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Map, Rule

_SET_BY_COMPILE = ("_parts", "_trace", "_converters", "arguments", "_build", "_build_unknown")

_compile = Rule.compile
_compiled: dict[object, dict[str, Any]] = {}


def compile_once() -> None:
    """From now on compile each route and each page once in this process, whatever app it is of."""
    Rule.compile = _compile_rule_once  # type: ignore[assignment,method-assign]
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Pages()}


def _compile_rule_once(rule: Rule) -> None:
    """Compile a rule, or take over what an equal rule of another app was compiled to."""
    routes = rule.map
    assert routes is not None
    if type(rule) is not Rule or type(routes) is not Map or routes.host_matching or rule.subdomain:
        _compile(rule)
        return
    defaults = tuple(sorted((rule.defaults or {}).items()))
    key = (rule.rule, rule.merge_slashes, defaults, tuple(routes.converters.items()))
    if key not in _compiled:
        _compile(rule)
        _compiled[key] = {name: vars(rule)[name] for name in _SET_BY_COMPILE}
    vars(rule).update(_compiled[key])


class _Pages(BytecodeCache):
    """Compiled pages, by the file and what stood in it."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled before."""
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        assert bucket.code is not None
        self._known[bucket.key, bucket.checksum] = bucket.code
