"""The learned rung: what it sees, that it learns the same each time, and that its confidence means what it says."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from intents.matching.classifier import Classifier, Example
from intents.matching.clauses import around_keywords, clauses
from intents.matching.concepts import concepts
from intents.matching.features import readable_feature, views
from intents.matching.foreign import shipped_foreign
from intents.matching.fuzzy import PhraseList
from intents.matching.likelihood import OFFSET, STEEPNESS, Calibration, fitted
from intents.matching.matcher import Matcher
from intents.matching.rules import KeywordRule, KeywordRules
from intents.matching.softmax import Row, Samples, learn, probabilities
from intents.matching.sounds import blurred, sounds, spelt_by_ear, typed
from intents.matching.vocabulary import VIEW_WEIGHTS, Vocabulary
from tests.matching.brand import INTENTS, MATCHER, PLACES, TODAY, intent

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("优惠券", "悠会全"),
        ("发票", "哈飘"),
        ("签到", "千倒"),
        ("投诉", "头酥"),
        ("门店", "闷电"),
        ("人工", "仍公"),
        ("转", "赚"),
        ("牛奶", "流赖"),
        ("积分", "几风"),
    ],
)
def test_what_sounds_alike_is_heard_alike(one: str, other: str) -> None:
    assert sounds(one) == sounds(other)
    assert spelt_by_ear(one) == spelt_by_ear(other)


def test_what_sounds_different_stays_different() -> None:
    assert spelt_by_ear("退款") != spelt_by_ear("退货")
    assert blurred("zhong") != blurred("zen")


@pytest.mark.parametrize(
    ("word", "characters"), [("youhuiquan", "优惠券"), ("tuikuan", "退款"), ("lv", "绿"), ("xian", "先")]
)
def test_pinyin_typed_is_heard_as_the_characters(word: str, characters: str) -> None:
    assert [list(typed(word))] == sounds(characters) == sounds(word)


@pytest.mark.parametrize("word", ["hello", "coupon", "wifi", "x", "vip", "a" * 25])
def test_words_that_are_no_pinyin_are_not_heard(word: str) -> None:
    assert typed(word) == ()


def test_readings_are_those_of_pypinyin() -> None:
    for character in "优惠券签到积分门店退款发票投诉人工会员外卖配送营业时间":
        [syllable] = lazy_pinyin(character, v_to_u=False)
        assert sounds(character) == [[blurred(syllable)]]


@given(st.text())
def test_any_text_can_be_heard_and_seen(text: str) -> None:
    sounds(text)
    assert len(views(text)) == len(VIEW_WEIGHTS)
    assert len(views(text, chinese=False)) == 2


def test_words_of_one_wish_share_a_concept() -> None:
    assert set(concepts("我要退钱")) & set(concepts("这单不想要了"))
    assert concepts("月亮很圆") == []


def test_features_are_readable() -> None:
    shown = {readable_feature(feature) for view in views("退款abc") for feature in view}
    assert {"退款", "abc", "/tui-kuan/", "[退款]"} <= shown


def test_a_row_gives_each_view_its_weight() -> None:
    documents = [views("怎么领优惠券"), views("hello 你好")]
    vocabulary, rows = Vocabulary.of(documents, many=100)
    made = vocabulary.row(documents[0])
    assert np.array_equal(made.columns, rows[0].columns)
    assert np.array_equal(made.values, rows[0].values)
    present = [weight for weight, features in zip(VIEW_WEIGHTS, documents[0], strict=True) if features]
    assert float((made.values**2).sum()) == pytest.approx(sum(weight**2 for weight in present), rel=1e-5)


@given(st.lists(st.text("券领门店哪wifi 12", max_size=12), min_size=1, max_size=6))
def test_rows_learned_together_are_the_rows_of_messages(texts: list[str]) -> None:
    documents = [views(text) for text in texts]
    vocabulary, rows = Vocabulary.of(documents, many=100)
    for document, row in zip(documents, rows, strict=True):
        alone = dict(zip(vocabulary.row(document).columns.tolist(), vocabulary.row(document).values, strict=True))
        assert sorted(alone) == sorted(row.columns.tolist())
        assert np.allclose([alone[column] for column in row.columns.tolist()], row.values)


def test_of_many_documents_features_seen_once_are_left_out() -> None:
    documents = [(["ca", "cb"],), (["ca"],)]
    assert len(Vocabulary.of(documents, many=3)[0]) == 2
    assert len(Vocabulary.of(documents, many=2)[0]) == 1


def separable() -> Samples:
    rows = [Row(np.array([number % 2, 2], np.int32), np.array([1.0, 0.5], np.float32)) for number in range(40)]
    classes = np.array([number % 2 for number in range(40)])
    return Samples(rows, classes, np.ones(40, np.float32), np.array([number // 2 % 4 for number in range(40)]))


def test_what_can_be_told_apart_is_learned() -> None:
    samples = separable()
    [weights] = learn(samples, columns=3, classes=2, epochs=8)
    assert [int(weights.scores(row).argmax()) for row in samples.rows] == samples.classes.tolist()


def test_a_blind_copy_knows_nothing_of_its_part() -> None:
    rows = [Row(np.array([number], np.int32), np.ones(1, np.float32)) for number in range(8)]
    samples = Samples(rows, np.array([0, 1] * 4), np.ones(8, np.float32), np.array([0, 0, 0, 0, 1, 1, 1, 1]))
    whole, first, second = learn(samples, columns=8, classes=2, epochs=8, parts=2)
    assert np.abs(whole.by_column).min() > 0
    assert not first.by_column[:4].any()
    assert first.by_column[4:].any()
    assert second.by_column[:4].any()
    assert not second.by_column[4:].any()


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=9))
def test_probabilities_add_up(scores: list[float]) -> None:
    chances = probabilities(np.array(scores, np.float32))
    assert float(chances.sum()) == pytest.approx(1.0, abs=1e-4)
    assert (chances >= 0).all()


def test_confidence_is_how_often_it_is_right() -> None:
    odds = [-2.0] * 200 + [2.0] * 200
    right = [number % 10 < 1 for number in range(200)] + [number % 10 < 9 for number in range(200)]
    fit = fitted(odds, right, [1.0 / 40] * 400)
    assert fit.confidence(2.0) == pytest.approx(0.9, abs=0.03)
    assert fit.confidence(-2.0) == pytest.approx(0.1, abs=0.03)


def test_without_much_to_go_by_the_shipped_calibration_stays() -> None:
    few = Matcher([intent("wifi", "无线网", "密码多少|怎么连")], PLACES)
    assert few.match("连不上", today=TODAY).confidence >= 0
    assert fitted([0.0], [True], [1e-9]).steepness == pytest.approx(STEEPNESS)
    assert Calibration().confidence(-OFFSET / STEEPNESS) == pytest.approx(0.5)


def test_the_nearest_phrase_is_found_by_writing_and_by_sound() -> None:
    phrases = PhraseList([("怎么开发票", "invoice"), ("我要退款", "refund")])
    near = phrases.nearest("怎么开哈飘", ["invoice", "refund", "none"])
    assert [one.phrase for one in near] == ["怎么开发票", "我要退款", ""]
    assert near[0].ratio == 1.0
    assert phrases.nearest("怎么开发票", ["invoice"], {"怎么开发票"})[0].ratio == 0.0


def test_the_shipped_foreign_messages_are_many_and_each_its_own() -> None:
    folder = ROOT / "intents" / "matching"
    chinese = (folder / "foreign_zh.txt").read_text("utf-8").splitlines()
    english = (folder / "foreign_en.txt").read_text("utf-8").splitlines()
    assert len(set(chinese)) == len(chinese) >= 600
    assert len(set(english)) == len(english) >= 300
    assert all(line.strip() == line and line for line in chinese + english)
    assert len(shipped_foreign()) == len(chinese) + len(english)


def test_clauses_are_parted_where_one_wish_ends() -> None:
    assert clauses("优惠券怎么领 顺便问下几点关门") == ["优惠券怎么领", "几点关门"]
    assert clauses("怎么退款另外发票怎么开") == ["怎么退款", "发票怎么开"]
    assert clauses("我要退款") == []
    assert clauses("what time do you open") == []


def test_a_long_message_is_looked_at_around_its_keywords() -> None:
    rules = KeywordRules([KeywordRule("发票", "invoice")])
    long = "我昨天在你们店里买了一个蛋糕想要报销能帮忙开个发票吗"
    assert around_keywords(long, rules.find(long)) == ["能帮忙开个发票吗"[-8:]]
    assert around_keywords("开个发票", rules.find("开个发票")) == []


def test_several_wishes_are_all_named() -> None:
    match = MATCHER.match("优惠券怎么领，顺便问下几点关门", today=TODAY)
    assert (match.intent, match.also) == ("coupon_claim", ("store_hours",))
    assert [step.intent for step in match.card.steps if step.rule == "clause"] == ["coupon_claim", "store_hours"]
    assert MATCHER.match("谢谢，怎么开发票", today=TODAY).also == ()


def test_the_card_tells_what_spoke_for_the_answer() -> None:
    match = MATCHER.match("帮忙查下积分余额呗", today=TODAY)
    learned = next(step for step in match.card.steps if step.rule == "learned")
    assert learned.intent == "points"
    assert "积分" in learned.found


def test_messages_marked_foreign_are_foreign() -> None:
    said = "你们家的猫叫什么名字"
    plain = Matcher(INTENTS, PLACES).match(said, today=TODAY)
    told = Matcher(INTENTS, PLACES, foreign=[said, "店里的猫几岁了", "能摸摸你家猫吗"]).match(said, today=TODAY)
    assert told.intent is None
    assert told.confidence < plain.confidence


def test_the_same_phrases_make_the_same_model_in_every_process() -> None:
    code = (
        "import json; from tests.matching.brand import MATCHER, TODAY; m = MATCHER.match('查下积分余额呗', today=TODAY); "
        "print(json.dumps([MATCHER.fingerprint, m.confidence]))"
    )
    first, second = (
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    )
    assert first == second


def test_linear_algebra_is_held_to_one_thread_also_when_another_part_loaded_it_first() -> None:
    code = (
        "import sqlite_utils, numpy, intents.matching.matcher; from threadpoolctl import threadpool_info; "
        "print([one['num_threads'] for one in threadpool_info() if one['user_api'] == 'blas'])"
    )
    environment = {"PATH": os.environ["PATH"], "OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True)
    assert done.stdout.strip() == b"[1]"


def test_a_model_learned_again_is_the_same_to_the_bit() -> None:
    examples = tuple(Example(phrase, one.name) for one in INTENTS for phrase in one.phrases)
    assert Classifier(examples, ()).fingerprint == Classifier(examples, ()).fingerprint


def test_other_phrases_make_another_model() -> None:
    assert Matcher(INTENTS[:-2], PLACES).fingerprint != MATCHER.fingerprint
