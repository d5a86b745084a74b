"""Quick apps: every test builds its own, and each would compile the same 140 routes and pages and learn the same phrases again, which is most of its time.

An app is none the less what it is outside of tests: what is compiled or learned is shared, nothing that changes.
"""

from collections import deque
from types import CodeType
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Map, Rule

from bot.conversation.knowledge import Learnable
from intents.matching.matcher import Matcher

_MOST_LEARNED = 12  # matchers kept of those that were learned last; each takes some megabytes
_SET_BY_COMPILE = ("_parts", "_trace", "_converters", "arguments", "_build", "_build_unknown")

_learn, _making = Learnable.matcher, Matcher.__init__
_learned: deque[tuple[Learnable, Matcher]] = deque(maxlen=_MOST_LEARNED)

_compile = Rule.compile
_compiled: dict[object, dict[str, Any]] = {}


def compile_once() -> None:
    """From now on compile each route and each page once in this process, whatever app it is of."""
    Rule.compile = _compile_rule_once  # type: ignore[assignment,method-assign]
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Pages()}


def learn_once() -> None:
    """From now on give the matcher that was learned of the same in this process already, unless a test changes how one is made."""
    Learnable.matcher = _learned_before  # type: ignore[assignment,method-assign]


def _learned_before(learnable: Learnable) -> Matcher:
    if Matcher.__init__ is not _making:
        return _learn(learnable)
    known = next((one[1] for one in tuple(_learned) if learnable.same_as(one[0])), None)
    if known is None:
        known = _learn(learnable)
        _learned.append((learnable, known))  # forgets whichever was learned first
    return known


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
