"""The head of a template file: what it may say, and the line and reason when it says something else."""

from datetime import date

import pytest

from templates.content import Content
from templates.errors import BadTemplate, RenderError
from templates.library import compile_template


def test_a_whole_file_is_read() -> None:
    template = compile_template(
        "checkin_done",
        3,
        "---\n"
        "kind: text\n"
        "title: 签到成功\n"
        "purpose: 今天第一次签到\n"
        "value: fun\n"
        "review_on: 2026-12-31\n"
        "values:\n"
        "  streak: 3\n"
        "  rate: 0.5\n"
        "  first: true\n"
        "  day: 2026-01-02\n"
        "  opens: 10:30\n"
        "  code: 0012\n"
        "  answer: yes\n"
        "  gift:\n"
        "  stores: [静安店, {name: 徐汇店}]\n"
        "---\n"
        "连续 {{ streak }} 天\n",
    )
    assert (template.name, template.version, template.kind, template.title) == ("checkin_done", 3, "text", "签到成功")
    assert (template.purpose, template.value, template.review_on) == ("今天第一次签到", "fun", date(2026, 12, 31))
    assert dict(template.samples) == {
        "streak": 3,
        "rate": 0.5,
        "first": True,
        "day": "2026-01-02",
        "opens": "10:30",
        "code": "0012",
        "answer": "yes",
        "gift": None,
        "stores": ["静安店", {"name": "徐汇店"}],
    }
    assert template.render({"streak": 4}) == Content("text", "连续 4 天")


def test_windows_line_ends_and_a_byte_order_mark_are_read_as_well() -> None:
    template = compile_template("x", 1, "\ufeff---\r\ntitle: 好\r\n---\r\n一\r\n二\r\n")
    assert template.render({}).text == "一\n二"


@pytest.mark.parametrize(
    ("front", "values", "said"),
    [
        ("kind: image\nmedia_id: '{{ id }}'", {"id": "M1"}, Content("image", media_id="M1")),
        ("kind: voice\nmedia_id: M2", {}, Content("voice", media_id="M2")),
        ("kind: video\nmedia_id: M\nheadline: 新品", {}, Content("video", media_id="M", title="新品")),
        (
            "kind: music\nthumb_media_id: T\nheadline: 歌\nmusic_url: https://a.cn/m.mp3",
            {},
            Content("music", title="歌", thumb_media_id="T", music_url="https://a.cn/m.mp3"),
        ),
        (
            "kind: news\nheadline: '{{ name }}上新'\ndescription: 看看\nlink: 'https://a.cn/?c={{ code|urlencode }}'\npicture_url: https://a.cn/1.jpg",
            {"name": "拿铁", "code": "a&b"},
            Content(
                "news",
                title="拿铁上新",
                description="看看",
                link="https://a.cn/?c=a%26b",
                picture_url="https://a.cn/1.jpg",
            ),
        ),
        ("kind: transfer", {}, Content("transfer")),
        ("kind: transfer\nagent_account: a@b", {}, Content("transfer", agent_account="a@b")),
    ],
)
def test_each_kind_takes_its_fields(front: str, values: dict[str, object], said: Content) -> None:
    assert compile_template("x", 1, f"---\ntitle: 好\n{front}\n---\n").render(values) == said


def test_a_field_that_comes_out_empty_is_not_said() -> None:
    template = compile_template("x", 1, "---\ntitle: 好\nkind: image\nmedia_id: '{{ id }}'\n---\n")
    with pytest.raises(RenderError):
        template.render({"id": ""})


@pytest.mark.parametrize(
    ("source", "code", "line"),
    [
        ("", "no-front-matter", 1),
        ("你好", "no-front-matter", 1),
        ("---\ntitle: 好\n你好", "no-front-matter", 1),
        ("\n---\ntitle: 好\n---\n你好", "no-front-matter", 1),
        ("---\n---\n你好", "bad-yaml", 2),
        ("---\n- 好\n---\n你好", "bad-yaml", 2),
        ("---\ntitle: 好\nvalue: [fun\n---\n你好", "bad-yaml", 3),
        ("---\ntitle: 好\n\tvalue: fun\n---\n你好", "bad-yaml", 3),
        ("---\ntitle: 好\n? [a]\n: b\n---\n你好", "bad-yaml", 3),
        ("---\ntitle: 好\n1: b\n---\n你好", "bad-yaml", 3),
        ("---\ntitle: " + "[" * 16_000 + "\n---\n你好", "bad-yaml", 2),
        ("---\ntitle: \x07\n---\n你好", "bad-yaml", 2),
        ("---\ntitle: &a 好\npurpose: *a\n---\n你好", "yaml-feature", 2),
        ("---\ntitle: 好\npurpose: !!python/object/apply:os.system [id]\n---\n你好", "yaml-feature", 3),
        ("---\ntitle: 好\nvalues: !!timestamp x\n---\n你好", "yaml-feature", 3),
        ("---\ntitle: 好\ntitle: 坏\n---\n你好", "repeated-key", 3),
        ("---\ntitle: 好\nvalues:\n  a: 1\n  a: 2\n---\n你好", "repeated-key", 5),
        ("---\ntitle: 好\ncolour: red\n---\n你好", "unknown-key", 3),
        ("---\npurpose: 好\n---\n你好", "missing-key", 2),
        ("---\ntitle:\n---\n你好", "wrong-type", 2),
        ("---\ntitle: 3\n---\n你好", "wrong-type", 2),
        ("---\ntitle: ''\n---\n你好", "missing-key", 2),
        ("---\ntitle: 好\nkind: poem\n---\n你好", "wrong-type", 3),
        ("---\ntitle: 好\nkind: [text]\n---\n你好", "wrong-type", 3),
        ("---\ntitle: 好\nvalue: money\n---\n你好", "wrong-type", 3),
        ("---\ntitle: 好\nreview_on: 明天\n---\n你好", "wrong-type", 3),
        ("---\ntitle: 好\nreview_on: 2026-02-30\n---\n你好", "wrong-type", 3),
        ("---\ntitle: 好\nvalues: [a]\n---\n你好", "wrong-type", 3),
        ("---\ntitle: 好\nvalues:\n  名: 1\n---\n你好", "bad-variable", 3),
        ("---\ntitle: 好\nvalues:\n  self: 1\n---\n你好", "bad-variable", 3),
        ("---\ntitle: 好\nheadline: 好\n---\n你好", "key-not-used", 3),
        ("---\ntitle: 好\nkind: image\n---\n", "missing-key", 2),
        ("---\ntitle: 好\nkind: news\nlink: https://a.cn\n---\n", "missing-key", 2),
        ("---\ntitle: 好\nkind: news\nheadline: 好\n---\n", "missing-key", 2),
        ("---\ntitle: 好\nkind: image\nmedia_id: {{ id }}\n---\n", "bad-yaml", 4),
        ("---\ntitle: 好\nkind: image\nmedia_id: M\n---\n你好", "body-not-used", 6),
        ("---\ntitle: 好\nkind: image\nmedia_id: '{{ id.x() }}'\n---\n", "not-allowed", 4),
        ("---\ntitle: 好\n---\n \n", "body-missing", 4),
        ("---\ntitle: 好\n---\n一\n{% if %}\n", "syntax", 5),
        ("---\ntitle: 好\n---\n你好\0", "bad-text", 0),
        ("---\ntitle: 好\n---\n你好\ud800", "bad-text", 0),
        ("---\ntitle: 好\n---\n" + "长" * 40_000, "too-big", 0),
    ],
)
def test_a_fault_in_a_file_names_its_line_and_reason(source: str, code: str, line: int) -> None:
    with pytest.raises(BadTemplate) as refused:
        compile_template("trial", 1, source)
    assert (refused.value.code, refused.value.line) == (code, line)
    assert str(refused.value).startswith("trial")
    assert refused.value.chinese


@pytest.mark.parametrize(
    "name",
    ["", "../../etc/passwd", "/etc/passwd", "a\0b", "a\\b", "A", "签到", "a.j2", "a b", "x\n", "x" * 65, "'+id+'"],
)
def test_a_name_is_an_id_and_never_a_path(name: str) -> None:
    with pytest.raises(BadTemplate) as refused:
        compile_template(name, 1, "---\ntitle: 好\n---\n你好")
    assert refused.value.code == "bad-name"
