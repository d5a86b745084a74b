"""What a template may be made of: an allow-list over its syntax tree, looked at when it is saved and again whenever it is loaded.

Whatever is not named here is refused: calls, macros, includes, imports, inheritance, assignment, namespaces, ``*``, ``/``, ``//``, ``**``, ``%``, ``~``,
mappings, keyword arguments, and any new construct of a later Jinja.
"""

import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from jinja2 import nodes

from templates.errors import BadTemplate
from templates.filters import FILTERS, TESTS
from templates.values import MAX_INTEGER

MAX_LOOPS = 2
MAX_DEPTH = 40
MAX_LIST = 50

LOOP_FACTS = frozenset({"index", "index0", "first", "last", "length"})

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_TAKEN = frozenset({"self", "super", "caller", "varargs", "kwargs", "loop"})  # Jinja gives these a meaning of its own

_PLAIN: frozenset[type[nodes.Node]] = frozenset(
    {
        nodes.Template,
        nodes.Output,
        nodes.TemplateData,
        nodes.If,
        nodes.And,
        nodes.Or,
        nodes.Not,
        nodes.Compare,
        nodes.Operand,
        nodes.Add,
        nodes.Sub,
    }
)

_WHAT = {
    nodes.Call: "( )",
    nodes.CallBlock: "call",
    nodes.Macro: "macro",
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "import",
    nodes.Extends: "extends",
    nodes.Block: "block",
    nodes.Assign: "set",
    nodes.AssignBlock: "set",
    nodes.NSRef: "namespace",
    nodes.With: "with",
    nodes.FilterBlock: "filter",
    nodes.Scope: "autoescape",
    nodes.Mul: "*",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Mod: "%",
    nodes.Pow: "**",
    nodes.Concat: "~",
    nodes.Dict: "{ }",
}


class _Place(NamedTuple):
    """A node, where it stands, and the names that loops around it have bound."""

    node: nodes.Node
    line: int
    depth: int
    loops: int
    bound: frozenset[str]

    def inner(self, node: nodes.Node) -> "_Place":
        """Return the place of a node inside this one."""
        return self._replace(node=node, depth=self.depth + 1)


def is_name(text: str) -> bool:
    """Tell whether this may be the name of a variable."""
    return bool(_NAME.fullmatch(text)) and text not in _TAKEN


def check(tree: nodes.Template, first_line: int) -> dict[str, int]:
    """Return the names of the variables that the template reads, each with the first line where it does.

    ``first_line`` is the line of the source that the tree begins at. Raises BadTemplate for whatever is not allowed.
    """
    read: dict[str, int] = {}
    waiting = [_Place(tree, first_line, 0, 0, frozenset())]
    while waiting:
        place = waiting.pop()
        if place.node.lineno:  # some inner nodes have none: theirs is that of the node around them
            place = place._replace(line=place.node.lineno + first_line - 1)
        try:
            if place.depth > MAX_DEPTH:
                raise BadTemplate("too-deep")
            if isinstance(place.node, nodes.Name) and place.node.name not in place.bound:
                read[place.node.name] = min(place.line, read.get(place.node.name, place.line))
            waiting.extend(_children(place))
        except BadTemplate as error:
            error.line = place.line
            raise
    return read


def _children(place: _Place) -> Iterator[_Place]:
    """Check one node and give the nodes in it that must be checked."""
    node = place.node
    if isinstance(node, nodes.For):
        yield from _loop(node, place)
        return
    if type(node) not in _PLAIN:
        look = _LOOKS.get(type(node))
        if look is None:
            raise BadTemplate("not-allowed", what=_WHAT.get(type(node), type(node).__name__))
        look(node)
        if isinstance(node, nodes.Name) and node.name != "loop" and not is_name(node.name):
            raise BadTemplate("bad-variable", name=node.name)
    for child in _parts(node):
        yield place.inner(child)


def _parts(node: nodes.Node) -> Iterator[nodes.Node]:
    if isinstance(node, nodes.If):  # elif stands beside if, however many there are
        yield from (node.test, *node.body, *node.elif_, *node.else_)
    elif isinstance(node, nodes.Getitem):
        yield node.node
    elif not isinstance(node, nodes.List | nodes.Tuple):
        yield from node.iter_child_nodes()


def _loop(node: nodes.For, place: _Place) -> Iterator[_Place]:
    if node.recursive:
        raise BadTemplate("not-allowed", what="recursive")
    if place.loops >= MAX_LOOPS:
        raise BadTemplate("loops-too-deep", limit=MAX_LOOPS)
    if not isinstance(node.target, nodes.Name):
        raise BadTemplate("not-allowed", what="for a, b")
    if not is_name(node.target.name):
        raise BadTemplate("bad-variable", name=node.target.name)
    if not isinstance(node.iter, nodes.Name | nodes.Getattr | nodes.Getitem):
        raise BadTemplate("loop-over")
    yield place.inner(node.iter)
    looped = place._replace(loops=place.loops + 1, bound=place.bound | {node.target.name})
    if node.test is not None:
        yield looped.inner(node.test)
    looped = looped._replace(bound=looped.bound | {"loop"})
    yield from map(looped.inner, node.body)
    yield from map(place.inner, node.else_)


def _const(node: nodes.Const) -> None:
    value = node.value
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        raise BadTemplate("bad-text")
    if isinstance(value, int | float) and not (math.isfinite(value) and abs(value) <= MAX_INTEGER):
        raise BadTemplate("not-allowed", what="numbers beyond 15 digits")


def _negative(node: nodes.Neg) -> None:
    if not (isinstance(node.node, nodes.Const) and type(node.node.value) in (int, float)):
        raise BadTemplate("not-allowed", what="-( )")


def _attribute(node: nodes.Getattr) -> None:
    if not _NAME.fullmatch(node.attr):
        raise BadTemplate("bad-variable", name=node.attr)


def _item(node: nodes.Getitem) -> None:
    if isinstance(node.arg, nodes.Slice):
        ends = (node.arg.start, node.arg.stop)
        if node.arg.step is None and all(end is None or _constant(end, int) for end in ends):
            return
    elif _constant(node.arg, int) or (_constant(node.arg, str) and _NAME.fullmatch(_value(node.arg))):
        return
    raise BadTemplate("not-allowed", what="[ ]")


def _constant(node: nodes.Node, kind: type) -> bool:
    if isinstance(node, nodes.Neg) and kind is int:
        node = node.node
    return isinstance(node, nodes.Const) and type(node.value) is kind


def _value(node: nodes.Node) -> Any:
    return node.value if isinstance(node, nodes.Const) else None


def _choice(node: nodes.CondExpr) -> None:
    if node.expr2 is None:
        raise BadTemplate("inline-if")


def _list(node: nodes.List | nodes.Tuple) -> None:
    if len(node.items) > MAX_LIST or not all(isinstance(item, nodes.Const) for item in node.items):
        raise BadTemplate("not-allowed", what="[ ] with anything but plain values")
    for item in node.items:
        if isinstance(item, nodes.Const):
            _const(item)


def _filter(node: nodes.Filter) -> None:
    known = FILTERS.get(node.name)
    if known is None or node.node is None:
        raise BadTemplate("filter-not-allowed", name=node.name)
    wanted = _arguments_missing(node, known.arguments)
    if wanted or node.kwargs or node.dyn_args or node.dyn_kwargs:
        raise BadTemplate("filter-arguments", name=node.name, wanted=wanted or "no named arguments")


def _arguments_missing(node: nodes.Filter, kind: str) -> str:
    """Return what arguments the filter takes when it was given others, else nothing."""
    count, given = len(node.args), [_value(argument) for argument in node.args]
    match kind:
        case "none":
            fits, wanted = count == 0, "no argument"
        case "any":
            fits, wanted = count == 1, "one argument"
        case "separator":
            fits, wanted = (
                count == 0 or (count == 1 and type(given[0]) is str and len(given[0]) <= 20),
                "at most one text of 20 characters",
            )
        case "length":
            fits, wanted = count == 1 and type(given[0]) is int and 1 <= given[0] <= 500, "one number from 1 to 500"
        case "digits":
            fits, wanted = (
                count == 0 or (count == 1 and type(given[0]) is int and 0 <= given[0] <= 4),
                "at most one number from 0 to 4",
            )
        case _:
            fits, wanted = count == 0 or (count == 1 and given[0] in ("full", "short")), "nothing, or 'short'"
    return "" if fits else wanted


def _test(node: nodes.Test) -> None:
    if node.name not in TESTS or node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
        raise BadTemplate("test-not-allowed", name=node.name)


def _name(node: nodes.Name) -> None:
    if node.ctx != "load":
        raise BadTemplate("not-allowed", what="set")


_LOOKS: dict[type[nodes.Node], Any] = {
    nodes.Name: _name,
    nodes.Const: _const,
    nodes.Neg: _negative,
    nodes.Getattr: _attribute,
    nodes.Getitem: _item,
    nodes.CondExpr: _choice,
    nodes.List: _list,
    nodes.Tuple: _list,
    nodes.Filter: _filter,
    nodes.Test: _test,
}
