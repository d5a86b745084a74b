"""Hostile requests, as one table: what is sent to an account in which mode, and what must come of it."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from bot.wechat.account import Mode
from bot.wechat.outbound_push import Element, event_fields, message_fields, push_xml
from tests.wechat.signing import (
    ACCOUNT_ID,
    APP_ID,
    NOW,
    OPENID,
    PREVIOUS_AES_KEY,
    TOKEN,
    account,
    encrypted,
    enveloped,
    sealed,
    signature,
    signed_query,
    text_document,
)

VICTIM = "oK7sVictimVictimVictimVictim"
TIMESTAMP, NONCE = str(int(NOW.timestamp())), "739105"
RIGHT = signed_query()
DOCUMENT = text_document()


@dataclass(frozen=True, slots=True)
class Row:
    """One request. ``kept`` says that it is signed but not understood, so that it reaches the quarantine; none may reach the turn."""

    name: str
    status: int
    query: str
    body: bytes
    mode: Mode = "plain"
    kept: bool = False


def forged_signatures() -> Iterator[Row]:
    """T1: every variant of every parameter of the signature."""
    right = signature(TOKEN, TIMESTAMP, NONCE)
    parts = {"signature": right, "timestamp": TIMESTAMP, "nonce": NONCE}
    for name, value in parts.items():
        others = "&".join(f"{other}={text}" for other, text in parts.items() if other != name)
        variants = {
            "missing": others,
            "named in capitals": f"{others}&{name.upper()}={value}",
            "without a value": f"{others}&{name}",
            "empty": f"{others}&{name}=",
            "cut": f"{others}&{name}={value[:-1]}",
            "with more behind": f"{others}&{name}={value}0",
            "with more before": f"{others}&{name}=0{value}",
            "blank behind": f"{others}&{name}={value}%20",
            "line end behind": f"{others}&{name}={value}%0A",
            "NUL behind": f"{others}&{name}={value}%00",
            "not ASCII": f"{others}&{name}={quote('签' * 10)}",
            "full width": f"{others}&{name}={quote('１' * len(value))}",
            "in brackets": f"{others}&{name}[]={value}",
            "5,000 long": f"{others}&{name}={value * 500}"[:4000],
        }
        for variant, query in variants.items():
            yield Row(f"{name} {variant}", 403, query, DOCUMENT)
        for variant, second in {"twice": value, "twice, once wrong": "x", "twice, once empty": ""}.items():
            yield Row(f"{name} {variant}", 400, f"{RIGHT}&{name}={second}", DOCUMENT)
            yield Row(f"{name} {variant}, the other first", 400, f"{name}={second}&{RIGHT}", DOCUMENT)
        yield Row(f"{name} twice in percent signs", 400, f"{RIGHT}&%{ord(name[0]):02x}{name[1:]}={value}", DOCUMENT)
        yield Row(f"{name} a lone surrogate", 400, f"{others}&{name}=%ED%A0%80", DOCUMENT)
        yield Row(f"{name} overlong", 400, f"{others}&{name}=%C0%AF", DOCUMENT)
    yield Row("signature in capitals", 403, RIGHT.replace(right, right.upper()), DOCUMENT)
    yield Row("signature of another token", 403, signed_query(token="guess"), DOCUMENT)
    yield Row("signature of an empty token", 403, signed_query(token=""), DOCUMENT)
    yield Row("no query", 403, "", DOCUMENT)
    yield Row("only separators", 403, "&&==&", DOCUMENT)
    yield Row("raw bytes in the query", 400, RIGHT + "&x=\xe4\xbd", DOCUMENT)
    yield Row("a query of 100 kB", 400, RIGHT + "&x=" + "y" * 100_000, DOCUMENT)


def odd_times() -> Iterator[Row]:
    """T2, T3: old requests, and digits moved over the border between timestamp and nonce."""
    for days in (-365, -1, 1):
        yield Row(f"signed {days} days from now", 403, signed_query(NOW + timedelta(days=days)), DOCUMENT)
    for moved, rest in (
        (TIMESTAMP + "7", "39105"),
        (TIMESTAMP[:-1], "0739105"),
        ("", TIMESTAMP + NONCE),
        (TIMESTAMP[:5], TIMESTAMP[5:] + NONCE),
    ):
        yield Row(
            f"border moved to {len(moved)}",
            403,
            signed_query(timestamp=moved, nonce=rest, signature=signature(TOKEN, moved, rest)),
            DOCUMENT,
        )
    for odd in (
        "-769918400",
        "1_69918400",
        "１７６９９１８４００",
        " 769918400",
        "1769918400.0",
        "0x69918400",
        "1e10",
        "9" * 4400,
        "nan",
    ):
        query = signed_query(timestamp=odd, signature=signature(TOKEN, odd, NONCE))
        yield Row(f"timestamp {odd[:12]} rightly signed", 400 if len(query) > 4096 else 403, query, DOCUMENT)
    long = "n" * 129
    yield Row("nonce of 129 rightly signed", 403, signed_query(nonce=long), DOCUMENT)
    yield Row("no nonce rightly signed", 403, signed_query(nonce=""), DOCUMENT)


def wrong_modes() -> Iterator[Row]:
    """T4: the sender does not choose how the account reads."""
    safe_query, safe_body = sealed(DOCUMENT)
    both = DOCUMENT.replace(b"</xml>", f"<Encrypt>{encrypted(DOCUMENT)}</Encrypt></xml>".encode())
    yield Row("plain body to a safe account", 403, RIGHT, DOCUMENT, "safe")
    yield Row("plain body claiming raw", 403, signed_query(encrypt_type="raw"), DOCUMENT, "safe")
    yield Row("encrypted body claiming raw", 403, safe_query.replace("=aes", "=raw"), safe_body, "safe")
    yield Row("plain body with the encrypted query", 403, safe_query, DOCUMENT, "safe")
    yield Row("both without its signature", 403, RIGHT, both, "safe")
    yield Row("claim of another kind", 403, safe_query.replace("=aes", "=rot13"), safe_body, "safe")
    yield Row("claim in capitals", 403, safe_query.replace("=aes", "=AES"), safe_body, "safe")
    yield Row("claim twice", 400, safe_query + "&encrypt_type=raw", safe_body, "safe")
    yield Row("encrypted push to a plain account", 403, safe_query, safe_body)
    yield Row("encrypted body claiming nothing to a plain account", 403, RIGHT, safe_body)
    yield Row("plain body claiming aes to a plain account", 403, signed_query(encrypt_type="aes"), DOCUMENT)
    yield Row("aes claimed, nothing encrypted", 403, safe_query, DOCUMENT, "compatible")
    yield Row("encrypted, unsigned, beside plain", 403, RIGHT, both, "compatible")
    yield Row("claim unknown in compatible mode", 403, signed_query(encrypt_type="x"), DOCUMENT, "compatible")


def broken_envelopes() -> Iterator[Row]:
    """T5: rightly signed around something that was not made with our key, or not as it must be."""
    size = len(DOCUMENT)
    knobs: dict[str, dict[str, Any]] = {
        "another app id": {"app_id": b"wx0000000000000000"},
        "app id and a byte": {"app_id": APP_ID.encode() + b"x"},
        "app id and NUL": {"app_id": APP_ID.encode() + b"\x00"},
        "app id in capitals": {"app_id": APP_ID.upper().encode()},
        "no app id": {"app_id": b""},
        "length 0": {"length": 0},
        "length huge": {"length": 2**32 - 1},
        "length 3 more": {"length": size + 3},
        "length 3 less": {"length": size - 3},
        "length 1 more": {"length": size + 1},
        "padding 0": {"padding": 0},
        "padding 33": {"padding": 33},
        "padding 255": {"padding": 255},
        "padding one wrong": {"padding": 31},
        "half a block gone": {"drop_bytes": 8},
        "a byte gone": {"drop_bytes": 1},
        "two blocks gone": {"drop_bytes": 32},
    }
    for name, knob in knobs.items():
        query, body = sealed(DOCUMENT, **knob)
        yield Row(f"{name}, safe", 403, query, body, "safe")
        yield Row(f"{name}, compatible", 403, query, body, "compatible")
    texts = {
        "empty": "",
        "no base64": "!!!!",
        "not ASCII": "密文",
        "one block": base64.b64encode(b"x" * 16).decode(),
        "random": base64.b64encode(bytes(range(256))).decode(),
        "blank inside": encrypted(DOCUMENT).replace("A", "A ", 1),
        "line end behind": encrypted(DOCUMENT) + "\n",
        "for addresses": encrypted(DOCUMENT).replace("+", "-").replace("/", "_").rstrip("=") + "-_",
        "more behind its end": base64.b64encode(b"x" * 32).decode() + "AAAA",
    }
    for name, text in texts.items():
        query, body = enveloped(text)
        yield Row(f"encrypted text {name}", 403, query, body, "safe")
    query, body = sealed(DOCUMENT, key="AnyOtherKeyThatWeNeverHadAtAll0123456789abc")
    yield Row("another key", 403, query, body, "safe")
    yield from _odd_envelopes()


def _odd_envelopes() -> Iterator[Row]:
    query, body = sealed(DOCUMENT)
    yield Row("Encrypt twice", 403, query, body.replace(b"</xml>", b"<Encrypt>x</Encrypt></xml>"), "safe")
    yield Row("Encrypt nested", 403, query, body.replace(b"<Encrypt>", b"<Encrypt><a/>"), "safe")
    yield Row("no Encrypt", 403, query, b"<xml><ToUserName>x</ToUserName></xml>", "safe")
    yield Row("encrypt in small letters", 403, query, body.replace(b"Encrypt>", b"encrypt>"), "safe")
    yield Row("envelope cut", 400, query, body[:-4], "safe")
    yield Row("envelope with DOCTYPE", 400, query, b"<!DOCTYPE xml>" + body, "safe")
    good = query.split("msg_signature=")[1]
    for name, changed in {
        "gone": "",
        "cut": good[:-1],
        "another": "0" * 40,
        "in capitals": good.upper(),
        "not ASCII": "%E7%AD%BE",
    }.items():
        yield Row(f"msg_signature {name}", 403, query.replace(good, changed), body, "safe")
    yield Row("msg_signature missing", 403, query.replace(f"&msg_signature={good}", ""), body, "safe")
    yield Row("msg_signature twice", 400, f"{query}&msg_signature={good}", body, "safe")
    for name, inner in {
        "broken": DOCUMENT[:-1],
        "empty": b"",
        "with DOCTYPE": b"<!DOCTYPE x>" + DOCUMENT,
        "GBK": "<xml>汉</xml>".encode("gbk"),
    }.items():
        query, body = sealed(inner)
        yield Row(f"inside {name}", 400, query, body, "safe")


def broken_documents() -> Iterator[Row]:
    """F45, F47, T7: rightly signed, but no document."""
    bodies: dict[str, bytes] = {
        "empty": b"",
        "blanks": b" \n\t ",
        "NUL": b"\x00",
        "JSON": b'{"ToUserName": "x"}',
        "form": b"a=1&b=2",
        "HTML": b"<html><body>x</body></html>",
        "HTML unclosed": b"<p>x<br>",
        "text": b"hello",
        "only a mark": b"\xef\xbb\xbf",
        "only a declaration": b'<?xml version="1.0"?>',
        "another root": b"<message/>",
        "root in capitals": b"<XML/>",
        "two roots": b"<xml/><xml/>",
        "root in a root": b"<a><xml/></a>",
        "text behind": DOCUMENT + b"x",
        "declaration late": b"\n<?xml version='1.0'?>" + DOCUMENT,
        "declaration twice": b"<?xml version='1.0'?>" * 2 + DOCUMENT,
        "bare ampersand": b"<xml><a>b & c</a></xml>",
        "bare less-than": b"<xml><a>b < c</a></xml>",
        "unknown entity": b"<xml><a>&nbsp;</a></xml>",
        "reference to NUL": b"<xml><a>&#0;</a></xml>",
        "reference to a control": b"<xml><a>&#x1d;</a></xml>",
        "reference to a surrogate": b"<xml><a>&#xD800;</a></xml>",
        "reference beyond Unicode": b"<xml><a>&#x110000;</a></xml>",
        "reference without end": b"<xml><a>&#65</a></xml>",
        "wrong nesting": b"<xml><a><b></a></b></xml>",
        "unclosed": b"<xml><a>x",
        "attribute twice": b"<xml a='1' a='2'/>",
        "attribute bare": b"<xml a=1/>",
        "name of digits": b"<xml><1/></xml>",
        "comment open": b"<xml><!-- x</xml>",
        "comment with dashes": b"<xml><!-- a -- b --></xml>",
        "CDATA open": b"<xml><a><![CDATA[x</a></xml>",
        "CDATA outside": b"<![CDATA[x]]><xml/>",
        "instruction": b"<xml><?php x ?></xml>",
        "style sheet": b"<?xml-stylesheet href='http://127.0.0.1:9/'?><xml/>",
        "include": b"<xml xmlns:x='http://www.w3.org/2001/XInclude'><x:include href='file:///etc/passwd'/></xml>",
        "DOCTYPE": b"<!DOCTYPE xml>" + DOCUMENT,
        "DOCTYPE outside": b"<!DOCTYPE xml SYSTEM 'http://127.0.0.1:9/x.dtd'>" + DOCUMENT,
        "DOCTYPE with entity": b"<!DOCTYPE xml [<!ENTITY a 'b'>]><xml><a>&a;</a></xml>",
        "DOCTYPE in small letters": b"<!doctype xml>" + DOCUMENT,
        "file entity": b"<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><xml><Content>&f;</Content></xml>",
        "101 levels": b"<xml>" + b"<a>" * 100 + b"</a>" * 100 + b"</xml>",
        "40,000 levels": b"<a>" * 40_000,
        "invalid UTF-8": b"<xml><a>\xff\xfe</a></xml>",
        "cut UTF-8": "<xml><a>汉".encode()[:-1] + b"</a></xml>",
        "overlong": b"<xml><a>\xc0\xaf</a></xml>",
        "surrogate in UTF-8": b"<xml><a>\xed\xa0\x80</a></xml>",
        "surrogate pair in UTF-8": b"<xml><a>\xed\xa0\xbd\xed\xb8\x80</a></xml>",
        "beyond Unicode": b"<xml><a>\xf4\x90\x80\x80</a></xml>",
        "GBK": "<?xml version='1.0' encoding='GBK'?><xml><a>汉字</a></xml>".encode("gbk"),
        "UTF-16": DOCUMENT.decode().encode("utf-16"),
        "UTF-32": DOCUMENT.decode().encode("utf-32"),
        "UTF-7": b"<?xml version='1.0' encoding='UTF-7'?>+ADw-xml/+AD4-",
        "gzip": base64.b64decode("H4sIAAAAAAACA7OpyM3RtwMAKMd2ogYAAAA="),
        "text that breaks it beyond saving": DOCUMENT.replace(b"<MsgId>", b"]]></Content><MsgId>&"),
    }
    for name, body in bodies.items():
        yield Row(f"body {name}", 400, RIGHT, body)
    yield Row("one byte too many", 413, RIGHT, b"x" * (256 * 1024 + 1))
    yield Row("10 MB", 413, RIGHT, b"x" * 10_000_000)


def not_understood() -> Iterator[Row]:
    """T6, F50: signed, a document, but not a message of someone who can be named without doubt."""
    fields = message_fields(account(), OPENID, "text", NOW, Content="你好")
    tap = event_fields(account(), OPENID, "CLICK", NOW, EventKey="K")
    changes: dict[str, dict[str, Element]] = {}
    for name, kind in {"FromUserName": fields, "ToUserName": fields, "MsgType": fields, "Event": tap}.items():
        changes |= {
            f"{name} empty": kind | {name: ""},
            f"{name} missing": {other: value for other, value in kind.items() if other != name},
            f"{name} nested": kind | {name: {"item": "x"}},
            f"{name} nested deep": kind | {name: {"a": {"b": {"c": "x"}}}},
            f"{name} twice": kind | {name: [str(kind[name]), "other"]},
            f"{name} twice the same": kind | {name: [str(kind[name])] * 2},
            f"{name} a thousand times": kind | {name: ["x"] * 1000},
            f"{name} with blanks": kind | {name: f" {kind[name]} "},
            f"{name} of 10,000": kind | {name: "x" * 10_000},
            f"{name} not ASCII": kind | {name: "发送者"},
        }
    for name in ("Content", "MsgId", "bizmsgmenuid"):
        changes |= {f"{name} nested": fields | {name: {"a": "x"}}, f"{name} twice": fields | {name: ["x", "y"]}}
    for odd in ("a'b", 'a"b', "a;b", "a%00b", "../../x", "a\u200bb", "<b>", "o" * 65, "o K"):
        changes[f"sender {odd[:8]}"] = fields | {"FromUserName": odd}
    place = {"Location_X": "30.2", "Location_Y": "120.1"}
    for odd in ("nan", "inf", "1e9", "", "91", "３０", "30,2", "1" * 5000):
        changes[f"latitude {odd[:8]}"] = message_fields(
            account(), OPENID, "location", NOW, **(place | {"Location_X": odd})
        )
    changes["another account"] = fields | {"ToUserName": "gh_000000000000"}
    changes["nothing at all"] = {}
    for odd in ("__class__", "text ", "TEXT", "event", "device_text", "<script>", "x" * 9000):
        changes[f"type {odd[:12]}"] = fields | {"MsgType": odd}
    for name, changed in changes.items():
        yield Row(f"kept: {name}", 200, RIGHT, push_xml(changed), kept=True)
    yield from _forged_by_text()


def _forged_by_text() -> Iterator[Row]:
    for name, value in {
        "FromUserName": VICTIM,
        "MsgType": "event",
        "Event": "subscribe",
        "ToUserName": ACCOUNT_ID,
        "MsgId": "1",
    }.items():
        added = f"<{name}><![CDATA[{value}]]></{name}>"
        if name == "Event":
            added += "<MsgType>event</MsgType>"
        texts = {
            "well-formed": f"x]]></Content>{added}<Content><![CDATA[y",
            "into another element": f"x]]></Content>{added}<Other><![CDATA[y]]></Other><Content><![CDATA[",
            "broken": f"x]]></Content>{added} & <Content><![CDATA[y",
        }
        for how, words in texts.items():
            yield Row(f"text adds {name}, {how}", 200, RIGHT, text_document(words), kept=True)
    yield Row(
        "document twice", 200, RIGHT, DOCUMENT * 2, kept=True
    )  # as if all between the two Contents had been typed
    query, body = sealed(text_document(f"x]]></Content><FromUserName>{VICTIM}</FromUserName><Content><![CDATA[y"))
    yield Row("text adds FromUserName, encrypted", 200, query, body, "safe", kept=True)
    query, body = sealed(
        text_document(f"x]]></Content><FromUserName>{VICTIM}</FromUserName><Content><![CDATA[y"), key=PREVIOUS_AES_KEY
    )
    yield Row("text adds FromUserName, previous key", 200, query, body, "compatible", kept=True)


ROWS = [
    *forged_signatures(),
    *odd_times(),
    *wrong_modes(),
    *broken_envelopes(),
    *broken_documents(),
    *not_understood(),
]

# Odd, but a consumer's: these are answered, in the sender's own name.
ANSWERED: dict[str, bytes] = {
    "control characters": text_document("a\x00b\x1dc\x0b"),
    "only control characters": text_document("\x00\x01"),
    "noncharacters": text_document("\ufffe\uffffx"),
    "end of CDATA raw": text_document("a]]>b"),
    "end of CDATA escaped": text_document("a]]]]><![CDATA[>b"),
    "end of CDATA and markup": text_document("a]]> & <b> &#0; ]]>"),
    "markup as text": text_document("<FromUserName>x</FromUserName> &amp; <!DOCTYPE x> <?php ?>"),
    "20,000 characters": text_document("你" * 20_000),
    "20,000 emoji": text_document("👩‍👩‍👧‍👦" * 5_000),
    "direction marks": text_document("\u202eabc\u2066\u200f"),
    "template": text_document("{{ 7*7 }}{% for x in () %}"),
    "no text": text_document(""),
    "byte order mark": b"\xef\xbb\xbf" + DOCUMENT,
    "declaration": b"<?xml version='1.0' encoding='gb2312'?>" + DOCUMENT,
    "comment": DOCUMENT.replace(b"<MsgId>", b"<!-- <FromUserName>x</FromUserName> --><MsgId>"),
    "an element that may come later": text_document(more="<Future><a><b/></a></Future>"),
    "attributes": DOCUMENT.replace(b"<MsgId>", b"<MsgId a='b'>"),
    **{
        f"id {odd[:20]}": text_document(msg_id=odd)
        for odd in (str(2**63), str(2**64), "9" * 5000, "word", "", "-1", "１")
    },
    **{
        f"time {odd[:20]}": DOCUMENT.replace(b"1769576148", odd.encode())
        for odd in ("-1", "0", "9" * 20, "9" * 5000, "word", "", "1e5", "１７６９５７６１４８", "<a/>")
    },
}
