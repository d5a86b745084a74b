"""SQL that both engines understand: no words of one engine alone, every value bound by name, and nothing but our own constants put into the text."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from storage.migrations import all_migrations

STORAGE = Path(__file__).parents[2] / "storage"
OF_ONE_ENGINE = {
    *("sqlite.py", "backups.py", "integrity.py"),
    *(
        "postgres.py",
        "postgres_connections.py",
        "postgres_listener.py",
        "placeholders.py",
        "moving.py",
        "postgres_copies.py",
    ),
}
READ_FROM_FILES = "migrations.py"  # runs the statements of the schema, which are looked at here too
RUNS_SQL = {"query", "one", "execute", "lock", "query_unlocked"}
ENGINE_ONLY = re.compile(
    r"INSERT OR|REPLACE INTO|AUTOINCREMENT|WITHOUT ROWID|\browid\b|\bPRAGMA\b|\bGLOB\b|\bREGEXP\b|\bVACUUM\b|sqlite_master|"
    r"\b(strftime|datetime|julianday|unixepoch|json_extract|json_each|group_concat|ifnull|iif|instr|typeof|last_insert_rowid|changes|total)\(|"
    r"\bCOLLATE NOCASE\b|\bILIKE\b|::|\bAS MATERIALIZED\b|\bLIMIT \d+ ?, ?\d+|\bLIMIT -1",
    re.IGNORECASE,
)
# Words that PostgreSQL keeps for itself: no table, column or alias may be called so without quotes.
RESERVED = frozenset(
    re.findall(
        r"\w+",
        """
        all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create current_date current_role
        current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign from grant
        group having in initially intersect into lateral leading limit localtime localtimestamp not null offset on only or order placing
        primary references returning select session_user some symmetric table then to trailing true union unique user using variadic when
        where window with
        """,
    )
)
ALIAS = re.compile(r"\bAS (\w+)", re.IGNORECASE)


@dataclass
class Module:
    """One module of storage: what is defined in it, and whether the texts it is made of are its own constants."""

    name: str
    tree: ast.Module
    functions: Mapping[str, ast.FunctionDef] = field(init=False)
    asked: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.functions = {node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)}

    def statements(self) -> Iterator[tuple[ast.FunctionDef | None, ast.Call]]:
        """Yield every call that runs SQL, with the innermost function it is in."""
        for function in self.functions.values():
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RUNS_SQL:
                    yield function, node

    def is_fixed(self, text: ast.expr, inside: ast.FunctionDef | None) -> bool:
        """Return whether a text is made of nothing but literals and constants of modules."""
        match text:
            case ast.Constant():
                return True
            case ast.JoinedStr():
                return all(
                    self.is_fixed(part.value, inside) for part in text.values if isinstance(part, ast.FormattedValue)
                )
            case ast.BinOp(op=ast.Add()):
                return self.is_fixed(text.left, inside) and self.is_fixed(text.right, inside)
            case ast.IfExp():
                return self.is_fixed(text.body, inside) and self.is_fixed(text.orelse, inside)
            case ast.Attribute():
                return text.attr.isupper()
            case ast.Name():
                return text.id.isupper() or (inside is not None and self._local_is_fixed(text.id, inside))
            case ast.GeneratorExp():
                return self.is_fixed(text.elt, inside)
            case ast.Call(func=ast.Attribute(value=begin, attr="join" | "split")):
                return all(self.is_fixed(part, inside) for part in (begin, *text.args))
            case ast.Call(func=ast.Name(id=called)) if called in self.functions:
                return self._call_is_fixed(text, self.functions[called], inside)
        return False

    def _call_is_fixed(self, call: ast.Call, function: ast.FunctionDef, inside: ast.FunctionDef | None) -> bool:
        returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value]
        return all(self.is_fixed(argument, inside) for argument in call.args) and all(
            self.is_fixed(value, function) for value in returned
        )

    def _local_is_fixed(self, name: str, inside: ast.FunctionDef) -> bool:
        if (inside.name, name) in self.asked:
            return True
        self.asked.add((inside.name, name))
        given = [*self._assigned(name, inside), *self._passed(name, inside)]
        fixed = bool(given) and all(self.is_fixed(value, where) for value, where in given)
        self.asked.discard((inside.name, name))
        return fixed

    def _assigned(self, name: str, inside: ast.FunctionDef) -> Iterator[tuple[ast.expr, ast.FunctionDef]]:
        for node in ast.walk(inside):
            targets: list[ast.expr] = []
            if isinstance(node, ast.Assign):
                targets, value = node.targets, node.value
            elif isinstance(node, ast.AugAssign | ast.comprehension | ast.For):
                targets, value = [node.target], node.value if isinstance(node, ast.AugAssign) else node.iter
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                yield value, inside

    def _passed(self, name: str, inside: ast.FunctionDef) -> Iterator[tuple[ast.expr, ast.FunctionDef | None]]:
        """Yield what the module's own calls pass as a parameter; a public function may be passed anything, which is not fixed."""
        names = [argument.arg for argument in inside.args.args]
        if name not in names:
            return
        if not inside.name.startswith("_"):
            yield ast.List([]), None
            return
        place = names.index(name)
        for caller in self.functions.values():
            for node in ast.walk(caller):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == inside.name:
                    yield node.args[place], caller


def module(source: str, name: str = "x.py") -> Module:
    return Module(name, ast.parse(source))


MODULES = [
    module(file.read_text("utf-8"), file.name)
    for file in sorted(STORAGE.glob("*.py"))
    if file.name not in OF_ONE_ENGINE
]


def texts(tree: ast.AST) -> Iterator[str]:
    """Yield every text of a module but its docstrings."""
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.value


def loose_statements(one: Module) -> list[str]:
    """Return the calls that run SQL of which a part comes from elsewhere."""
    return sorted(
        {
            f"{one.name}:{call.lineno} {ast.unparse(call.args[0])}"
            for inside, call in one.statements()
            if call.args and not one.is_fixed(call.args[0], inside)
        }
    )


def engine_words(one: Module) -> list[str]:
    return [match[0] for text in texts(one.tree) if (match := ENGINE_ONLY.search(text))]


def is_sql(text: str) -> bool:
    return re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|CREATE)\b", text) is not None


def reserved_aliases(text: str) -> set[str]:
    return {match[1].lower() for match in ALIAS.finditer(text)} & RESERVED


@pytest.mark.parametrize("one", MODULES, ids=lambda one: one.name)
def test_nothing_but_constants_is_put_into_sql(one: Module) -> None:
    found = [loose.split(" ", 1)[1] for loose in loose_statements(one)]
    assert found == (["statement"] if one.name == READ_FROM_FILES else [])


@pytest.mark.parametrize("one", MODULES, ids=lambda one: one.name)
def test_no_word_of_one_engine_alone_is_used(one: Module) -> None:
    assert engine_words(one) == []


@pytest.mark.parametrize("one", MODULES, ids=lambda one: one.name)
def test_every_value_is_bound_by_name(one: Module) -> None:
    for text in filter(is_sql, texts(one.tree)):
        assert "?" not in text
        assert "%s" not in text
        assert "%(" not in text


@pytest.mark.parametrize("one", MODULES, ids=lambda one: one.name)
def test_no_alias_is_a_word_an_engine_keeps_for_itself(one: Module) -> None:
    found = {
        word for text in texts(one.tree) if "SELECT" in text or " FROM " in text for word in reserved_aliases(text)
    }
    assert found == set()


@pytest.mark.parametrize("one", MODULES, ids=lambda one: one.name)
def test_values_written_out_are_only_numbers_and_words_of_the_schema(one: Module) -> None:
    for text in filter(is_sql, texts(one.tree)):
        for literal in re.findall(r"'([^']*)'", text):
            assert re.fullmatch(r"[a-z_.%\\]*", literal), literal
        assert '"' not in text, "a double quote means a name here and a text there"


def test_the_schema_is_portable_too() -> None:
    for migration in all_migrations():
        for statement in migration.statements:
            assert not ENGINE_ONLY.search(statement), statement
            assert '"' not in statement


def test_no_table_or_column_is_called_by_a_reserved_word() -> None:
    for migration in all_migrations():
        for statement in migration.statements:
            table = re.match(r"CREATE TABLE (\w+) \(\n", statement)
            if table:
                columns = {line.split()[0].rstrip(",") for line in statement.splitlines()[1:-1]}
                names = {table[1], *(column for column in columns if column.islower())}
                assert len(names) > 1
                assert names & RESERVED == set(), table[1]


def test_the_room_was_read() -> None:
    assert len(MODULES) > 25
    assert sum(1 for one in MODULES for _ in one.statements()) > 100


@pytest.mark.parametrize(
    "source",
    [
        "def f(tx, name):\n    tx.query(f'SELECT {name} FROM t')",
        "def f(tx, name):\n    tx.query('SELECT 1 FROM ' + name)",
        "def f(tx, name):\n    tx.execute('SELECT 1 FROM {}'.format(name))",
        "def f(tx, name):\n    tx.one('SELECT 1 FROM %s' % name)",
        "def f(tx, name):\n    sql = 'SELECT 1'\n    sql += name\n    tx.one(sql)",
        "def f(tx, name):\n    where = 'a = 1' if name else name\n    tx.one(f'SELECT 1 WHERE {where}')",
        "def _f(tx, name):\n    tx.one(f'SELECT {name}')\ndef g(tx, name):\n    _f(tx, 'a')\n    _f(tx, name)",
        "def _f(name):\n    return f'{name} = 1'\ndef g(tx, name):\n    tx.one('SELECT ' + _f(name))",
        "def f(tx, names):\n    tx.one(f\"SELECT {', '.join(names)}\")",
        "def f(tx):\n    tx.one(input())",
    ],
)
def test_what_is_put_together_from_elsewhere_is_found(source: str) -> None:
    assert loose_statements(module(source)) != []


@pytest.mark.parametrize(
    "source",
    [
        "def f(tx):\n    tx.query(f'SELECT {COLUMNS} FROM {members.TABLE}')",
        "def f(tx, name):\n    where = 'a = :a' if name else ''\n    tx.one(f'SELECT 1 WHERE {where}', {'a': name})",
        "def _f(tx, name):\n    tx.one(f'SELECT {name}')\ndef g(tx):\n    _f(tx, 'a')",
        "def _of(names):\n    return ', '.join(f'm.{n}' for n in names.split(', '))\ndef g(tx):\n    tx.one('SELECT ' + _of(COLUMNS))",
    ],
)
def test_what_is_made_of_constants_is_not_reported(source: str) -> None:
    assert loose_statements(module(source)) == []


@pytest.mark.parametrize(
    "text", ["INSERT OR IGNORE INTO t", "SELECT strftime('%s')", "pragma x", "SELECT rowid FROM t", "SELECT a::text"]
)
def test_words_of_one_engine_are_known(text: str) -> None:
    assert engine_words(module(f"A = {text!r}")) != []
