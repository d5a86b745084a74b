"""The library: the published version, else the one before, else the shipped one, else the apology; never an exception."""

import threading

import pytest

from templates.errors import RenderError
from templates.library import Library, compile_template, load_shipped

SHIPPED = {
    name: compile_template(name, 0, f"---\ntitle: {name}\n---\n{body}")
    for name, body in {"fault": "抱歉", "hello": "您好，{{ name }}", "price": "{{ fen|money }}"}.items()
}


def source(body: str) -> str:
    return f"---\ntitle: 试\n---\n{body}"


def test_the_published_version_is_said_before_the_shipped_one() -> None:
    library = Library([("hello", 4, source("嗨，{{ name }}"))], SHIPPED)
    rendered = library.render("hello", {"name": "小明"})
    assert (rendered.content.text, rendered.template, rendered.version, rendered.fault) == (
        "嗨，小明",
        "hello",
        4,
        None,
    )
    assert library.source("hello") == source("嗨，{{ name }}")


def test_what_nobody_published_is_said_as_shipped() -> None:
    rendered = Library([], SHIPPED).render("hello", {"name": "小明"})
    assert (rendered.content.text, rendered.version, rendered.fault) == ("您好，小明", 0, None)


def test_when_the_published_version_fails_the_shipped_one_is_said_and_the_fault_told() -> None:
    library = Library([("price", 7, source("{{ fen|points|money }}"))], SHIPPED)
    rendered = library.render("price", {"fen": 1200})
    assert (rendered.content.text, rendered.template, rendered.version) == ("¥12.00", "price", 0)
    assert rendered.fault is not None
    assert "price version 7" in rendered.fault
    assert "line 4" in rendered.fault


def test_an_older_version_given_after_a_newer_one_is_tried_second() -> None:
    library = Library([("price", 7, source("{{ oops }}")), ("price", 6, source("六：{{ fen|money }}"))], SHIPPED)
    rendered = library.render("price", {"fen": 1200})
    assert (rendered.content.text, rendered.version) == ("六：¥12.00", 6)


def test_when_every_version_fails_the_apology_is_said() -> None:
    library = Library([("price", 7, source("{{ oops }}"))], SHIPPED)
    rendered = library.render("price", {"fen": "十二"})
    assert (rendered.content.text, rendered.template, rendered.version) == ("抱歉", "fault", 0)
    assert rendered.fault is not None
    assert "version 7" in rendered.fault
    assert "version 0" in rendered.fault


def test_a_value_of_a_forbidden_type_leads_to_the_apology() -> None:
    assert Library([], SHIPPED).render("hello", {"name": object()}).template == "fault"


def test_an_unknown_name_is_answered_with_the_apology() -> None:
    rendered = Library([], SHIPPED).render("../../etc/passwd", {})
    assert (rendered.content.text, rendered.template) == ("抱歉", "fault")
    assert rendered.fault is not None


def test_staff_may_word_the_apology_and_a_broken_wording_falls_back() -> None:
    assert Library([("fault", 1, source("对不起"))], SHIPPED).render("nothing", {}).content.text == "对不起"
    rendered = Library([("fault", 2, source("{{ name }}"))], SHIPPED).render("nothing", {})
    assert (rendered.content.text, rendered.version) == ("抱歉", 0)


def test_a_published_version_that_does_not_compile_is_left_out_and_listed() -> None:
    library = Library(
        [("hello", 2, source("{{ name.upper() }}")), ("bad name", 1, source("x")), ("own", 1, source("自己的"))],
        SHIPPED,
    )
    assert library.render("hello", {"name": "小明"}).content.text == "您好，小明"
    assert [(fault.name, fault.code) for fault in library.faults] == [
        ("hello", "not-allowed"),
        ("bad name", "bad-name"),
    ]
    assert library.names() == ["fault", "hello", "own", "price"]


def test_staff_may_publish_names_that_are_not_shipped() -> None:
    library = Library([("own", 1, source("自己的"))], SHIPPED)
    assert library.render("own", {}).content.text == "自己的"
    template = library.get("own")
    assert template is not None
    assert template.version == 1


def test_a_name_with_only_broken_versions_is_not_there() -> None:
    library = Library([("own", 1, source("{{"))], SHIPPED)
    assert library.get("own") is None
    assert library.source("own") is None
    assert "own" not in library.names()


def test_a_library_without_a_sayable_apology_is_not_made() -> None:
    needy = compile_template("fault", 0, source("{{ name }}"))
    with pytest.raises(RenderError):
        Library([], {"fault": needy})


def test_the_apology_itself_may_be_asked_for_with_values_it_cannot_take() -> None:
    rendered = Library([], SHIPPED).render("fault", {"name": object()})
    assert (rendered.content.text, rendered.template) == ("抱歉", "fault")


def test_the_shipped_apology_is_the_agreed_text() -> None:
    rendered = Library().render("no_such_reply", {})
    assert rendered.content.text == "抱歉，我这边出了点小问题，请稍后再试，或回复“人工”找客服。"


def test_the_shipped_replies_are_read_once() -> None:
    assert load_shipped() is load_shipped()


def test_readers_see_the_old_version_or_the_new_one_whole_during_many_publishes() -> None:
    """A reply of two parts that must agree, published again and again while others read."""
    current = [Library([("pair", 0, source("0 和 {{ sep }} 0"))], SHIPPED)]
    mixed: list[str] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            rendered = current[0].render("pair", {"sep": "|"})
            if rendered.content.text != f"{rendered.version} 和 | {rendered.version}":
                mixed.append(rendered.content.text)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for version in range(1, 301):
        current[0] = Library([("pair", version, source(f"{version} 和 {{{{ sep }}}} {version}"))], SHIPPED)
    stop.set()
    for reader in readers:
        reader.join(timeout=5)
    assert mixed == []
    assert current[0].render("pair", {"sep": "|"}).version == 300
