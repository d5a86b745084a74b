"""The reader of documents: like any other on good ones, stricter on dangerous ones, kinder to what real consumers type."""

import contextlib
import socket
import time
from pathlib import Path

import pytest
import xmltodict  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat.errors import Refusal
from bot.wechat.outbound_push import push_xml
from bot.wechat.xml import Fields, cdata, parse

FILES = sorted((Path(__file__).parent / "inbound").glob("*.xml"))
TEXT = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t]><&"), max_size=60)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_another_parser_reads_the_same(path: Path) -> None:
    theirs = xmltodict.parse(path.read_bytes(), strip_whitespace=False)["xml"]
    theirs.pop("#text", None)
    assert parse(path.read_bytes()) == _with_empty_text(theirs)


def _with_empty_text(value: Fields) -> Fields:
    return {name: _with_empty_text(inner) if isinstance(inner, dict) else inner or "" for name, inner in value.items()}


@given(st.dictionaries(st.sampled_from(["Content", "A", "b_1", "EventKey"]), TEXT, min_size=1))
def test_what_is_written_is_read_again(fields: dict[str, str]) -> None:
    expected = {name: text.replace("\ufffe", "").replace("\uffff", "") for name, text in fields.items()}
    assert parse(push_xml(fields)) == expected


@given(st.text(max_size=100))
def test_text_in_cdata_never_adds_an_element(text: str) -> None:
    fields = parse(f"<xml><a>{cdata(text)}</a><b/></xml>".encode())
    assert list(fields) == ["a", "b"]
    assert isinstance(fields["a"], str)


def test_repeated_and_nested_elements_become_lists_and_mappings() -> None:
    document = b"<xml>\n<a>1</a> <b><c>2</c><c>3</c><c/></b><a/><d>x<e/>y</d></xml>"
    assert parse(document) == {"a": ["1", ""], "b": {"c": ["2", "3", ""]}, "d": {"e": ""}}


@pytest.mark.parametrize("control", [chr(code) for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)])
def test_a_forbidden_character_is_removed(control: str) -> None:
    assert parse(f"<xml><Content><![CDATA[a{control}b]]></Content></xml>".encode()) == {"Content": "ab"}


def test_neighbours_of_the_forbidden_characters_stay() -> None:
    words = "\ufffd\uffe5￥\ue000\U0001f600\x7f\x85"
    assert parse(f"<xml><Content><![CDATA[{words}]]></Content></xml>".encode()) == {"Content": words}


@pytest.mark.parametrize("words", ["a]]>b", "]]>", "]]>]]>", "a]]> & <b", "]]><", "x]]>y]]"])
def test_text_that_breaks_its_document_is_saved(words: str) -> None:
    document = f"<xml><A>1</A><Content><![CDATA[{words}]]></Content><B>2</B></xml>"
    assert parse(document.encode()) == {"A": "1", "Content": words, "B": "2"}


def test_text_that_closes_its_element_and_breaks_the_document_adds_none() -> None:
    words = "]]></Content> & <FromUserName>victim</FromUserName><Content><![CDATA["
    fields = parse(f"<xml><FromUserName>me</FromUserName><Content><![CDATA[{words}]]></Content></xml>".encode())
    assert fields["FromUserName"] == "me"
    assert isinstance(fields["Content"], list)


def test_a_doctype_typed_by_a_consumer_is_only_text() -> None:
    document = b"<xml><Content><![CDATA[<!DOCTYPE x> <?php ?>]]></Content></xml>"
    assert parse(document) == {"Content": "<!DOCTYPE x> <?php ?>"}


def test_a_hundred_levels_are_read_and_one_more_is_refused() -> None:
    assert parse(b"<xml>" + b"<a>" * 99 + b"</a>" * 99 + b"</xml>")
    with pytest.raises(Refusal, match="deep"):
        parse(b"<xml>" + b"<a>" * 100 + b"</a>" * 100 + b"</xml>")


def test_the_declaration_does_not_change_the_encoding() -> None:
    assert parse('\ufeff<?xml version="1.0" encoding="GBK"?><xml><a>汉</a></xml>'.encode()) == {"a": "汉"}


def bombs(address: str) -> dict[str, bytes]:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return {
        "laughing entities": f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><xml><a>&l9;</a></xml>'.encode(),
        "one long entity": f'<!DOCTYPE x [<!ENTITY l "{"x" * 50_000}">]><xml>{"&l;" * 20_000}</xml>'.encode(),
        "file": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><a>&f;</a></xml>',
        "address": f'<!DOCTYPE x [<!ENTITY f SYSTEM "{address}/e">]><xml><a>&f;</a></xml>'.encode(),
        "external subset": f'<!DOCTYPE xml SYSTEM "{address}/x.dtd"><xml/>'.encode(),
        "parameter entity": f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{address}/p"> %p;]><xml/>'.encode(),
        "include": f'<xml xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{address}/i"/></xml>'.encode(),
        "style sheet": f'<?xml-stylesheet href="{address}/s"?><xml/>'.encode(),
        "levels": b"<xml>" + b"<a>" * 30_000 + b"</a>" * 30_000 + b"</xml>",
        "open levels": b"<xml>" + b"<a>" * 80_000,
    }


@pytest.mark.parametrize("name", bombs(""))
def test_a_bomb_is_refused_at_once_and_reaches_for_nothing(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0)
        started = time.thread_time()
        with pytest.raises(Refusal) as caught:
            parse(bombs(f"http://127.0.0.1:{canary.getsockname()[1]}")[name])
        assert time.thread_time() - started < 1.0
        assert caught.value.status == 400
        with pytest.raises(BlockingIOError):
            canary.accept()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<xml>" + b"<a/>" * 60_000 + b"</xml>", id="elements"),
        pytest.param(b"<xml " + b" ".join(b'a%d=""' % n for n in range(20_000)) + b"/>", id="attributes"),
        pytest.param(b"<xml><" + b"n" * 100_000 + b"/></xml>", id="a long name"),
        pytest.param(b"<xml>" + b" " * 250_000 + b"</xml>", id="blanks"),
        pytest.param(b"<xml><Content><![CDATA[" + b"]]>" * 80_000 + b"]]></Content></xml>", id="broken text"),
        pytest.param(b"<xml>" + b"<Content><![CDATA[]]></Content>" * 8_000 + b"&</xml>", id="many contents"),
    ],
)
def test_whatever_fits_into_a_body_is_judged_in_time(body: bytes) -> None:
    started = time.thread_time()
    with contextlib.suppress(Refusal):
        parse(body)
    assert time.thread_time() - started < 1.0
