"""Rendering: strict about what is missing, plain about what is given, bounded in time and output."""

import enum
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType

import pytest
from markupsafe import Markup

from templates.errors import RenderError
from templates.library import Template, compile_template
from templates.sandbox import Renderer
from templates.values import plain
from tests.memory import most_at_once


class Drink(enum.StrEnum):
    LATTE = "拿铁"


class Size(enum.IntEnum):
    LARGE = 3


class Record:
    """Something with methods, as a database row would be."""

    name = "小明"


def template(body: str, front: str = "") -> Template:
    return compile_template("trial", 1, f"---\ntitle: 试\n{front}---\n{body}")


@pytest.mark.parametrize(
    ("body", "values", "code"),
    [
        ("{{ name }}", {}, "missing-value"),
        ("{{ coupon.title }}", {"coupon": {}}, "missing-value"),
        ("{{ coupon.title }}", {}, "missing-value"),
        ("{{ stores[3] }}", {"stores": []}, "missing-value"),
        ("{{ name.title }}", {"name": "x"}, "missing-value"),
        ("{% if name %}x{% endif %}", {}, "missing-value"),
        ("{% for s in stores %}x{% endfor %}", {}, "missing-value"),
        ("{{ count + 1 }}", {}, "missing-value"),
        ("{{ fen|money }}", {}, "missing-value"),
        ("{{ fen|money }}", {"fen": "12"}, "wrong-value"),
        ("{{ fen|money }}", {"fen": True}, "wrong-value"),
        ("{{ day|date }}", {"day": "明天"}, "wrong-value"),
        ("{{ text|urlencode }}", {"text": "x" * 1001}, "wrong-value"),
        ("{{ xs|first }}", {"xs": []}, "wrong-value"),
        ("{{ n|int }}", {"n": "1" * 30}, "wrong-value"),
        ("{{ n|int }}", {"n": "--1"}, "wrong-value"),
        ("{% for c in name %}{{ c }}{% endfor %}", {"name": "abc"}, "wrong-value"),
        ("{{ name + 'x' }}", {"name": "a"}, "wrong-value"),
        ("{{ count + 1 }}", {"count": 10**15}, "bad-values"),
        ("{{ x }}", {"x": None}, "cannot-show"),
        ("{{ x }}", {"x": True}, "cannot-show"),
        ("{{ x }}", {"x": [1]}, "cannot-show"),
        ("{{ x }}", {"x": {"a": 1}}, "cannot-show"),
        ("{{ x < 'a' }}", {"x": 1}, "failed"),
        ("{{ x }}", {"x": " \n "}, "empty-output"),
        ("{{ x }}", {"x": "a\ud800"}, "bad-text"),
        ("{{ x }}", {"x": Record()}, "bad-values"),
        ("{{ x }}", {"x": b"bytes"}, "bad-values"),
        ("{{ x }}", {"x": {1, 2}}, "bad-values"),
        ("{{ x }}", {"x": str.upper}, "bad-values"),
        ("{{ x }}", {"x": {1: "a"}}, "bad-values"),
        ("{{ x }}", {"x": float("nan")}, "bad-values"),
        ("{{ x }}", {"x": 10**16}, "bad-values"),
        ("{{ x }}", {"x": "长" * 20_001}, "bad-values"),
        ("{{ x }}", {"x": ["长" * 10_001] * 2}, "bad-values"),
        ("{{ x }}", {"x": [0] * 5_001}, "bad-values"),
        ("{{ x }}", {"x": [[[[[[1]]]]]]}, "bad-values"),
    ],
)
def test_a_value_that_is_missing_or_unfit_is_an_error_with_a_code(
    body: str, values: Mapping[str, object], code: str
) -> None:
    with pytest.raises(RenderError) as failed:
        template(body).render(values)
    assert failed.value.code == code
    assert failed.value.english
    assert failed.value.chinese


def test_the_line_of_a_fault_while_rendering_is_that_of_the_file() -> None:
    with pytest.raises(RenderError) as failed:
        template("一\n二\n{% if yes %}\n{{ missing }}\n{% endif %}").render({"yes": True})
    assert failed.value.line == 7
    assert "missing" in str(failed.value)


def test_what_a_template_gets_is_a_copy_in_plain_types() -> None:
    inner = ["a"]
    copied = plain(
        {
            "drink": Drink.LATTE,
            "size": Size.LARGE,
            "marked": Markup("<b>"),
            "frozen": MappingProxyType({"xs": (1, inner)}),
        }
    )
    assert copied == {"drink": "拿铁", "size": 3, "marked": "<b>", "frozen": {"xs": [1, ["a"]]}}
    assert [type(value) for value in copied.values()] == [str, int, str, dict]
    inner.append("b")
    assert copied["frozen"] == {"xs": [1, ["a"]]}


def test_a_value_that_holds_itself_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(RenderError):
        plain({"loop": loop})


@pytest.mark.parametrize(
    "typed",
    ["{{7*7}}", "{% for x in y %}", "{{ name }}", "{# x #}", "{{", "%}", "{{ ''.__class__ }}", "]]>", "<b>&amp;"],
)
def test_what_a_consumer_typed_stays_as_typed(typed: str) -> None:
    body = "{{ name }}|{{ deep.list[0].text }}|{{ name|truncate(400) }}|{{ xs|join('+') }}|{{ missing|default(name) }}"
    values = {"name": typed, "deep": {"list": [{"text": typed}]}, "xs": [typed, typed]}
    said = template(body).render(values).text
    assert said == f"{typed}|{typed}|{typed}|{typed}+{typed}|{typed}"
    again = template("{{ said }}").render({"said": said}).text
    assert again == said


HEAVY = {"text": "ß" * 9_000, "xs": [{"n": number} for number in range(200)]}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (
            "{% for x in xs %}{% for y in xs %}{% if text|upper|lower == text %}{% endif %}{% endfor %}{% endfor %}",
            "too-slow",
        ),
        ("{% for x in xs %}{% for y in xs %}{{ '' if x.n == y.n else '' }}{% endfor %}{% endfor %}" * 150, "too-slow"),
        ("{% for x in xs %}{% for y in xs if text|upper == y.n %}x{% endfor %}{% endfor %}", "too-slow"),
        ("{{ text }}" * 1_600, "too-much"),
        ("{% for x in xs %}{{ text }}{% endfor %}", "too-much"),
        ("{% for x in xs %}{% for y in xs %}太长了{% endfor %}{% endfor %}", "too-much"),
    ],
)
def test_a_template_that_eats_the_machine_is_stopped(body: str, code: str) -> None:
    heavy, began = template(body), time.thread_time()
    with pytest.raises(RenderError) as stopped:
        heavy.render(HEAVY)
    assert stopped.value.code == code
    assert time.thread_time() - began < 1.0
    assert template("好").render({}).text == "好"


def test_a_template_that_would_fill_the_memory_is_stopped_on_the_way() -> None:
    filling = template("{{ text }}{{ text|lower }}{{ text|upper }}" * 300)

    def fill() -> None:
        with pytest.raises(RenderError):
            filling.render(HEAVY)

    assert most_at_once(fill, enough=2_000_000) < 2_000_000


def test_the_worst_straight_template_still_ends_in_time() -> None:
    worst = Renderer("{% if text|upper|lower == text %}{% endif %}" * 370 + "好")
    began = time.thread_time()
    assert worst(plain({"text": "ß" * 19_000})) == "好"
    assert time.thread_time() - began < 1.0


def test_a_loop_runs_over_the_first_two_hundred_items() -> None:
    said = template("{% for n in xs %}{{ '.' }}{% endfor %}{{ xs|length }}").render({"xs": list(range(300))}).text
    assert said == "." * 200 + "300"


def test_two_hundred_threads_at_once_each_get_their_own_answer() -> None:
    shared = template("{% for x in xs %}{{ loop.index }}:{{ x }} {% endfor %}{{ name }} {{ fen|money }}")
    ready = threading.Barrier(200)

    def render(number: int) -> bool:
        values = {"xs": [number, number + 1], "name": f"会员{number}", "fen": number}
        wanted = f"1:{number} 2:{number + 1} 会员{number} ¥{number // 100}.{number % 100:02}"
        ready.wait(timeout=20)
        return all(shared.render(values).text == wanted for _ in range(20))

    with ThreadPoolExecutor(max_workers=200) as threads:
        assert all(threads.map(render, range(200)))
