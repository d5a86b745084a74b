"""Whatever is typed into the editor, it compiles, or is refused with a TemplateError; nothing else comes out."""

from hypothesis import given, settings
from hypothesis import strategies as st

from templates.errors import TemplateError
from templates.library import Library, compile_template, load_shipped
from templates.limits import measure
from templates.lint import lint

PIECES = [
    *(
        "{{ ",
        " }}",
        "{% ",
        " %}",
        "{# ",
        " #}",
        "{%- ",
        "if ",
        "elif ",
        "else",
        "endif",
        "for ",
        "in ",
        "endfor",
        "set ",
        "raw",
        "endraw",
    ),
    *(
        "is ",
        "not ",
        "and ",
        "or ",
        "a",
        "b.c",
        "a['x']",
        "a[0]",
        "a[1:2]",
        "loop.index",
        "self",
        "none",
        "true",
        "'t'",
        '"',
        "1",
        "1.5",
    ),
    *(
        "1e400",
        "-",
        "+",
        "*",
        "**",
        "~",
        "|",
        "|date",
        "|join(', ')",
        "|default(",
        "|truncate(2)",
        "|money",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
    ),
    *(
        ",",
        "==",
        "<",
        "\n",
        "好",
        "\\",
        "'\\ud800'",
        "namespace()",
        "recursive",
        ".__class__",
        ".format(",
        "include 'x'",
        "macro m()",
    ),
]
YAML_PIECES = [
    *(
        "title: 好",
        "kind: text",
        "kind: news",
        "kind: ",
        "values:",
        "  a: 1",
        "  a: {x: 1}",
        "values: {a: [1, 2], b: {c: x}}",
        "value: fun",
    ),
    *(
        "review_on: 2026-01-01",
        "review_on: 1",
        "headline: '{{ a }}'",
        "link: https://a.cn",
        "media_id: {{ a }}",
        "- x",
        "&a b",
        "*a",
    ),
    *(
        "!!int x",
        "? x",
        "<<: {a: 1}",
        "|",
        ">",
        "\t",
        ": :",
        "%YAML 1.1",
        "...",
        "---",
        "0b_",
        "1:30",
        "=",
        "~",
        "''",
        '"',
        "#",
        "{",
        "[",
    ),
]
CHAINS = [
    *(
        "date",
        "date('short')",
        "time",
        "weekday",
        "money",
        "yuan",
        "points",
        "distance",
        "join",
        "length",
        "upper",
        "lower",
        "trim",
    ),
    *(
        "truncate(3)",
        "round",
        "round(2)",
        "int",
        "first",
        "last",
        "urlencode",
        "default('x')",
        "upper|lower|trim|urlencode",
        "int|money",
    ),
    *("first|last", "join|truncate(5)"),
]
BODIES = st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=60)
FRONTS = st.lists(st.sampled_from(YAML_PIECES) | st.text(max_size=12), max_size=6).map("\n".join)
SOURCES = (
    st.text(max_size=80)
    | BODIES.map(lambda body: f"---\ntitle: 好\nvalues: {{a: 1, b: {{c: x}}}}\n---\n{body}")
    | st.tuples(FRONTS, BODIES).map(lambda parts: f"---\n{parts[0]}\n---\n{parts[1]}")
)


@settings(max_examples=1_500, deadline=None)
@given(SOURCES)
def test_any_source_compiles_or_is_refused_in_order(source: str) -> None:
    try:
        template = compile_template("trial", 1, source)
        said = template.render(template.samples)
    except TemplateError as error:
        refused = error
    else:
        assert measure(said).bytes_used <= 64 * 1024
        return
    assert refused.english
    assert refused.chinese


@settings(max_examples=300, deadline=None)
@given(SOURCES)
def test_any_source_can_be_linted_and_published_without_harm(source: str) -> None:
    for finding in lint("trial", source):
        assert finding.message_zh
        assert finding.message_en
    library = Library([("fault", 1, source)])
    assert library.render("fault", {}).content.to_payload()
    assert library.render("no_such_reply", {}).content.to_payload()


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
FILTERED = compile_template(
    "filtered",
    1,
    "---\ntitle: 好\n---\n"
    + "".join(
        f"{{% if pick == {number} %}}{{{{ value|{chain} }}}}{{% endif %}}" for number, chain in enumerate(CHAINS)
    ),
)


@settings(max_examples=800, deadline=None)
@given(VALUES, st.integers(min_value=0, max_value=len(CHAINS) - 1))
def test_any_value_through_any_filter_is_said_or_refused_in_order(value: object, pick: int) -> None:
    try:
        said = FILTERED.render({"value": value, "pick": pick})
    except TemplateError:
        return
    assert said.text


def test_every_shipped_reply_is_sound() -> None:
    """Each compiles, says something with its sample values, fits the platform's limit, and has nothing for the lint to say."""
    shipped = load_shipped()
    assert "fault" in shipped
    for name, template in shipped.items():
        assert measure(template.render(template.samples)).comfortable, name
        assert lint(name, template.source, known=template.samples) == [], name
        assert template.purpose, name
