"""What an editor is told of a draft."""

from datetime import date

import pytest

from templates.content import Content
from templates.errors import SENTENCES, BadTemplate, RenderError
from templates.lint import lint, preview


def draft(body: str, front: str = "") -> str:
    return f"---\ntitle: 试\nvalue: info\n{front}---\n{body}"


def codes(source: str, **options: object) -> list[tuple[int, str]]:
    return [(finding.line, finding.code) for finding in lint("own_reply", source, **options)]  # type: ignore[arg-type]


def test_a_good_draft_has_no_findings() -> None:
    good = '{{ name }}，您好！\n<a href="https://a.cn/{{ code }}">看看</a> <a href="weixin://bizmsgmenu?msgmenucontent=a&msgmenuid=1">人工</a>'
    assert (
        lint("own_reply", draft(good, "values: {name: 小明, code: 1}\nreview_on: 2026-02-01\n"), today=date(2026, 2, 1))
        == []
    )


def test_a_draft_that_does_not_compile_has_that_one_finding() -> None:
    (finding,) = lint("own_reply", draft("一\n{{ name.upper() }}"))
    assert (finding.line, finding.code, finding.severity) == (6, "not-allowed", "error")
    assert finding.message_zh == "模板里不能使用 ( )。"
    assert finding.message_en == "Templates may not use ( )."


def test_a_variable_that_nothing_passes_is_told_once() -> None:
    assert codes(draft("一\n{{ nmae }}", "values: {name: 小明}\n")) == [(7, "unknown-variable")]


def test_a_variable_in_a_branch_that_the_samples_do_not_reach_is_told_too() -> None:
    assert codes(draft("{% if yes %}好{% else %}{{ oops }}{% endif %}", "values: {yes: true}\n")) == [
        (6, "unknown-variable")
    ]


def test_what_the_intent_passes_counts_not_what_the_draft_claims() -> None:
    claimed = draft("{{ invented }}", "values: {invented: 1}\n")
    assert codes(claimed) == []
    assert codes(claimed, known={"name": "小明"}) == [(6, "unknown-variable")]
    assert [finding.code for finding in lint("fault", claimed)] == ["unknown-variable"]


def test_a_draft_that_fails_with_its_samples_is_told_with_the_reason() -> None:
    (finding,) = lint("own_reply", draft("{{ fen|money }}", "values: {fen: 十二}\n"))
    assert (finding.line, finding.code) == (6, "sample-fails")
    assert "文字" in finding.message_zh
    assert "str" in finding.message_en


def test_a_draft_that_says_nothing_is_told() -> None:
    assert codes(draft("{% if name == '' %}好{% endif %}", "values: {name: 小明}\n")) == [(0, "empty-output")]


@pytest.mark.parametrize(
    ("count", "expected"), [(600, []), (601, [(0, "long")]), (682, [(0, "long")]), (683, [(0, "too-long")])]
)
def test_a_long_draft_is_told(count: int, expected: list[tuple[int, str]]) -> None:
    assert codes(draft("好" * count)) == expected


def test_a_draft_that_eats_the_machine_is_told() -> None:
    heavy = "{% for x in xs %}{% for y in xs %}长长长{% endfor %}{% endfor %}"
    assert codes(draft(heavy, f"values: {{xs: {list(range(200))}}}\n")) == [(6, "sample-fails")]


def test_a_missing_value_tag_is_told() -> None:
    assert codes("---\ntitle: 试\n---\n好") == [(1, "no-value-tag")]


def test_a_review_that_is_due_is_told_from_the_day_after() -> None:
    source = draft("好", "review_on: 2026-02-01\n")
    assert codes(source, today=date(2026, 2, 1)) == []
    assert codes(source, today=date(2026, 2, 2)) == [(4, "review-past")]
    assert codes(source) == []


@pytest.mark.parametrize(
    ("body", "front"),
    [
        ("好\n<a href='http://a.cn'>看</a>", ""),
        ("好\n去 http://a.cn 看看", ""),
        ("好\n<a href='javascript:alert(1)'>看</a>", ""),
        ("好\n{% if false %}<a class=x href=ftp://a.cn>看</a>{% endif %}", ""),
    ],
)
def test_a_link_that_is_not_https_is_told(body: str, front: str) -> None:
    assert codes(draft(body, front)) == [(6, "link-not-https")]


def test_the_addresses_of_news_are_looked_at_when_said() -> None:
    front = "kind: news\nheadline: 好\nlink: '{{ url }}'\npicture_url: //a.cn/1.jpg\nvalues: {url: 'http://a.cn'}\n"
    assert codes(draft("", front)) == [(6, "link-not-https"), (7, "link-not-https")]


@pytest.mark.parametrize(
    "wording",
    [
        "转发本文到朋友圈即可领取优惠券",
        "分享给好友，免费得拿铁一杯",
        "分享朋友圈送20积分",
        "集赞20个送蛋糕",
        "朋友圈集满38个赞有好礼",
        "转发有奖",
        "领取优惠券请先转发本条消息",
        "想领红包？只要分享到微信群就送",
        "分享到群里，\n就送{{ fen|money }}红包",
        "转发，\n马上领券",
        "发朋友圈截图给店员，享8折",
        "好友助力满3人，免单",
    ],
)
def test_wording_that_rewards_forwarding_is_told(wording: str) -> None:
    found = lint("own_reply", draft(wording, "values: {fen: 500}\n"))
    assert [finding.code for finding in found] == ["reward-for-sharing"]
    assert found[0].severity == "error"


@pytest.mark.parametrize(
    "wording",
    [
        "感谢您的分享，我们会送到店长手中。",
        "回复“建议”分享您的想法\n回复“优惠券”领券",
        "外送员已出发，配送约30分钟",
        "签到成功，获得5积分！",
        "把您的专属二维码给好友，好友关注后您得20积分",
        "满30元减5元，领取后7天内有效",
        "这条消息可以转发。优惠券在“我的”里查看。",
        "本店支持配送、外送和自取",
    ],
)
def test_harmless_wording_is_left_alone(wording: str) -> None:
    assert codes(draft(wording)) == []


def test_the_line_of_banned_wording_is_told() -> None:
    assert codes(draft("好\n好\n转发有奖")) == [(7, "reward-for-sharing")]
    assert codes(draft("", "kind: news\nheadline: 转发有礼\nlink: https://a.cn\n")) == [(5, "reward-for-sharing")]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{% trans %}", "没有“trans”这种标签"),
        ("{% if a %}x", "“if”没有用 endif 结束"),
        ("{{ a", "没有写完"),
        ("{{ a b }}", "“b”之前"),
        ("{# a", "注释没有用 #} 结束"),
        ("{{ }}", "空的"),
        ("{{ a ? b }}", "“?”"),
    ],
)
def test_the_usual_slips_are_explained_in_chinese(body: str, words: str) -> None:
    (finding,) = lint("own_reply", draft(body))
    assert finding.code == "syntax"
    assert words in finding.message_zh


def test_every_sentence_is_there_in_both_languages() -> None:
    for code, (chinese, english) in SENTENCES.items():
        assert any("\u4e00" <= character <= "\u9fff" for character in chinese), code
        assert english.isascii() or code == "reward-for-sharing", code


def test_a_preview_says_what_would_be_said() -> None:
    source = draft("您好，{{ name }}", "values: {name: 小明}\n")
    assert preview(source) == Content("text", "您好，小明")
    assert preview(source, {"name": "{{7*7}}"}) == Content("text", "您好，{{7*7}}")
    with pytest.raises(RenderError):
        preview(source, {})
    with pytest.raises(BadTemplate):
        preview("你好")
