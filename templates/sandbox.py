"""Where templates run: an environment of our own with nothing in it but the listed filters, bounded in time and output.

Three walls, each enough by itself for the known escapes: the allow-list over the syntax tree (``templates.allowed``), an environment in which only
the keys of plain mappings can be reached (no attribute of any object, no global), and plain copied values (``templates.values``).
"""

import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, UndefinedError, nodes, pass_context
from jinja2 import Template as Compiled
from jinja2.exceptions import TemplateError as JinjaError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from templates.allowed import LOOP_FACTS, check
from templates.errors import BadTemplate, RenderError
from templates.filters import FILTERS, MAX_ITEMS, TESTS, shown
from templates.values import MAX_INTEGER

MAX_SOURCE_CHARACTERS = 16_384
MAX_OUTPUT_BYTES = 64 * 1024
MAX_SECONDS = 0.5  # of this thread's own processor time: a busy machine must not make a harmless reply fail

_FILENAME = "<reply>"
_EACH = "each item"  # no name that a template could write


class _Bounded(Context):
    """The values of one rendering, and the time it has left."""

    _stops_at: float | None = None

    def spend(self) -> None:
        """Stop the rendering when its time is over."""
        now = time.thread_time()
        if self._stops_at is None:
            self._stops_at = now + MAX_SECONDS
        elif now > self._stops_at:
            raise RenderError("too-slow", limit=MAX_SECONDS)


@pass_context
def _each(context: _Bounded, items: object) -> Iterator[object]:
    """Give the first MAX_ITEMS items of a list, looking at the clock before each."""
    if isinstance(items, Undefined):
        str(items)  # raises, naming the missing variable
    if type(items) is not list:
        raise RenderError("wrong-value", what="for", got=type(items).__name__)
    for item in islice(items, MAX_ITEMS):
        context.spend()
        yield item


class _Missing(StrictUndefined):
    """A value that is not there; its message is its name alone."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        return str(self._undefined_hint or self._undefined_name)


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja without its globals, filters and tests; attributes are keys of mappings and nothing else."""

    context_class = _Bounded
    intercepted_binops = frozenset({"+", "-"})

    def __init__(self) -> None:
        super().__init__(
            undefined=_Missing,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=shown,
            auto_reload=False,
            cache_size=0,
        )
        self.globals.clear()
        self.filters = {name: known.function for name, known in FILTERS.items()} | {_EACH: _each}
        self.tests = dict(TESTS)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return the item of a mapping, or what a loop tells of itself."""
        if type(obj) is dict:
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        if isinstance(obj, Undefined):
            return obj
        if type(obj) is LoopContext and attribute in LOOP_FACTS:
            return getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return the item of a mapping, list or text."""
        if isinstance(obj, Undefined):
            return obj
        if type(obj) in (dict, list, str):
            try:
                return obj[argument]
            except (TypeError, LookupError):
                pass
        return self.undefined(obj=obj, name=argument)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002 - as Jinja calls it
        """Add or subtract numbers, and numbers only, so that nothing can grow."""
        for side in (left, right):
            if isinstance(side, Undefined):
                str(side)  # raises, naming the missing variable
            if type(side) is not int and type(side) is not float:
                raise RenderError("wrong-value", what=operator, got=type(side).__name__)
        result = left + right if operator == "+" else left - right
        if not -MAX_INTEGER <= result <= MAX_INTEGER:
            raise RenderError("bad-values", reason="a number beyond 15 digits")
        return result

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002 - as Jinja calls it
        """Refuse everything: there is nothing to call."""
        return False


ENVIRONMENT = _Environment()

_WHILE_COMPILING = (TemplateSyntaxError, SyntaxError, RecursionError, ValueError, ArithmeticError)
_WHILE_RENDERING = (
    JinjaError,
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    AssertionError,
    RecursionError,
)


class Renderer:
    """One text with placeholders, checked and compiled.

    ``variables`` are the names it reads, each with the line where it is read first.
    """

    __slots__ = ("_compiled", "_first_line", "variables")

    def __init__(self, source: str, first_line: int = 1) -> None:
        """Check and compile a text that begins at ``first_line`` of its file.

        Raises BadTemplate.
        """
        if len(source) > MAX_SOURCE_CHARACTERS:
            raise BadTemplate("too-big", first_line, limit=MAX_SOURCE_CHARACTERS)
        self._first_line = first_line
        try:
            tree = ENVIRONMENT.parse(source)
            self.variables = check(tree, first_line)
            _bound_loops(tree)
            code = ENVIRONMENT.compile(tree, filename=_FILENAME)
        except RenderError as error:  # of a constant: {{ none }}, {{ 'x'|money }}
            raise BadTemplate(error.code, first_line, **error.details) from None
        except RecursionError:
            raise BadTemplate("too-deep", first_line) from None
        except _WHILE_COMPILING as error:
            line = error.lineno + first_line - 1 if isinstance(error, TemplateSyntaxError) else first_line
            raise BadTemplate("syntax", line, reason=getattr(error, "message", None) or str(error)) from None
        self._compiled = Compiled.from_code(ENVIRONMENT, code, {})

    def __call__(self, values: dict[str, object]) -> str:
        """Return the text with these values (made by ``templates.values.plain``), without white space at its ends.

        Raises RenderError.
        """
        try:
            return _gather(self._compiled.root_render_func, _Bounded(ENVIRONMENT, values, None, {}))
        except RenderError as error:
            error.line = error.line or self._line(error)
            raise
        except UndefinedError as error:
            raise RenderError("missing-value", self._line(error), reason=error.message or "") from None
        except UnicodeEncodeError:
            raise RenderError("bad-text", self._first_line) from None
        except _WHILE_RENDERING as error:
            raise RenderError("failed", self._line(error), reason=f"{type(error).__name__}: {error}") from None

    def _line(self, error: Exception) -> int:
        """Return the line of the source that the error came from."""
        line, trace = 1, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == _FILENAME:
                line = self._compiled.get_corresponding_lineno(trace.tb_lineno)
            trace = trace.tb_next
        return line + self._first_line - 1


def _gather(pieces: Callable[[Context], Iterator[str]], context: Context) -> str:
    """Return the pieces as one text; stop as soon as there are too many."""
    gathered: list[str] = []
    characters = 0
    for piece in pieces(context):
        characters += len(piece)
        if characters > MAX_OUTPUT_BYTES:
            raise RenderError("too-much", limit=MAX_OUTPUT_BYTES)
        gathered.append(piece)
    text = "".join(gathered).strip()
    if len(text.encode()) > MAX_OUTPUT_BYTES:
        raise RenderError("too-much", limit=MAX_OUTPUT_BYTES)
    return text


def _bound_loops(tree: nodes.Template) -> None:
    """Make every loop look at the clock, and stop after MAX_ITEMS."""
    for loop in list(tree.find_all(nodes.For)):
        loop.iter = nodes.Filter(loop.iter, _EACH, [], [], None, None, lineno=loop.lineno, environment=ENVIRONMENT)
