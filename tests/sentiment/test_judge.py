"""How single messages sound, each with the reason why it is here."""

import pytest

from intents.sentiment.judge import CLEAR, STRONG, Judge
from intents.sentiment.learned import Label

JUDGE = Judge()

TABLE: tuple[tuple[str, Label, str], ...] = (
    ("垃圾", "negative", "a word of feeling"),
    ("垃圾桶在哪", "neutral", "a longer word takes its characters away"),
    ("不好喝", "negative", "praise denied"),
    ("不难喝", "positive", "blame denied"),
    ("不是很满意", "negative", "a denial reaches over a degree"),
    ("没有漏", "neutral", "a fault denied is no praise"),
    ("咖啡凉了", "negative", "a fault without any word of feeling"),
    ("送到家会不会凉了", "neutral", "a fault only supposed"),
    ("要是漏了怎么办", "neutral", "a fault only supposed, asked about"),
    ("凉茶多少钱", "neutral", "a name"),
    ("等了一小时还没送到", "negative", "waiting"),
    ("我一个小时后到", "neutral", "a time that is no waiting"),
    ("一般要等多久", "neutral", "a question about waiting"),
    ("怎么退款", "neutral", "a question about money back"),
    ("退钱！", "negative", "a demand for money back"),
    ("可以投诉吗", "neutral", "a question about complaints"),
    ("投诉电话是多少", "neutral", "a question about complaints"),
    ("我要投诉你们", "negative", "a complaint"),
    ("怎么还没发货", "negative", "asked in anger"),
    ("什么时候发货", "neutral", "asked to know"),
    ("就这？", "negative", "asked in anger"),
    ("凭什么不给退", "negative", "asked in anger"),
    ("这么难吃怎么卖得出去", "negative", "a degree makes the question an outcry"),
    ("好喝吗", "neutral", "praise asked about"),
    ("味道不错，请问还有别的口味吗", "positive", "praise, then a question"),
    ("东西还行，就是送得太慢了", "negative", "what comes after the turn counts more"),
    ("虽然远了点，但真的好吃", "positive", "what comes after the turn counts more"),
    ("谢谢", "neutral", "politeness"),
    ("请问营业时间，谢谢", "neutral", "politeness in a question"),
    ("谢谢你们，问题解决了", "positive", "thanks for something"),
    ("真是谢谢你们啊，等了两小时", "negative", "thanks beside a fault"),
    ("可真行", "negative", "irony"),
    ("呵呵", "negative", "irony"),
    ("服務態度惡劣", "negative", "Traditional characters"),
    ("Ｔｅｒｒｉｂｌｅ ｓｅｒｖｉｃｅ", "negative", "wide letters, English"),
    ("not good", "negative", "an English denial"),
    ("lowland coffee please", "neutral", "a piece of a word is no word"),
    ("😡", "negative", "a face"),
    ("", "neutral", "nothing"),
    ("1", "neutral", "an answer"),
)


@pytest.mark.parametrize(("text", "label", "reason"), TABLE)
def test_a_message_sounds_as_people_hear_it(text: str, label: Label, reason: str) -> None:
    found = JUDGE.judge(text)
    assert found.label == label, f"{reason}: {found}"


def test_evidence_has_the_words_as_they_were_typed_in_their_place() -> None:
    text = "服務態度Ｔｅｒｒｉｂｌｅ，垃圾"
    found = JUDGE.judge(text)
    assert [one.words for one in found.evidence] == ["Ｔｅｒｒｉｂｌｅ", "垃圾"]
    assert all(text[one.start :].startswith(one.words) and one.weight < 0 for one in found.evidence)


def test_the_score_says_how_much() -> None:
    faint, plain, strong = (JUDGE.judge(text).score for text in ("有点慢", "难吃", "垃圾骗子，退钱，恶心"))
    assert strong <= STRONG < plain <= -CLEAR < 0
    assert plain < faint < 0
    assert strong > -1


def test_what_staff_said_counts_for_the_equal_text_whatever_its_marks_and_script() -> None:
    corrected = Judge([("這個還可以", "negative"), ("垃圾", "negative"), ("垃圾", "neutral")])
    assert corrected.judge("这个还可以！").label == "negative"
    assert corrected.judge("垃圾").label == "neutral"
    assert [one.words for one in corrected.judge("垃圾").evidence] == ["垃圾"]
    assert corrected.judge("这个还可以吗").label == "neutral"


@pytest.mark.parametrize("text", ["İ" * 50, "\ud800", "?" * 700, "没" * 5000, "！" * 900, "\x00坏了", "ﷺ不好"])
def test_any_text_is_accepted(text: str) -> None:
    found = JUDGE.judge(text)
    assert -1 < found.score < 1
    assert all(text[one.start :].startswith(one.words) for one in found.evidence)
