"""What is learned: from what was shipped, and from what staff corrected."""

import json
from itertools import pairwise
from pathlib import Path

from intents.sentiment.evaluation import figures
from intents.sentiment.judge import Judge
from intents.sentiment.learned import LABELS, learn_from, learned_as_shipped, shipped
from intents.sentiment.lexicon import lexicon
from intents.sentiment.patterns import patterns
from intents.sentiment.text import fold

HELD_OUT = Path(__file__).parents[2] / "bench" / "sentiment_zh" / "held_out.jsonl"


def test_the_same_examples_give_the_same_weights() -> None:
    assert learn_from(shipped()) == learned_as_shipped()


def test_messages_held_out_are_heard_rightly() -> None:
    rows = [json.loads(line) for line in HELD_OUT.read_text("utf-8").splitlines()]
    judge = Judge()
    found = figures([row["label"] for row in rows], [judge.judge(row["text"]) for row in rows])
    assert found.macro_f1 > 0.95
    assert found.rates["negative"].precision > 0.97
    assert found.rates["negative"].recall > 0.9
    assert found.false_alarms < 0.01


def test_held_out_messages_are_none_of_those_that_are_learned() -> None:
    learned = {text for text, _ in shipped()}
    assert not [row for row in map(json.loads, HELD_OUT.read_text("utf-8").splitlines()) if row["text"] in learned]
    assert {label for _, label in shipped()} == set(LABELS)


def test_a_correction_is_heard_in_texts_that_are_like_it() -> None:
    said = "这波操作属实下头"
    plain = Judge()
    assert plain.judge("你们这操作真下头").label == "neutral"
    corrections = [(said, "negative"), ("太下头了", "negative"), ("好下头啊这家店", "negative")]
    taught = Judge(corrections, learn_from(shipped(), corrections))  # type: ignore[arg-type]
    found = taught.judge("你们这操作真下头")
    assert found.label == "negative"
    assert found.evidence[0].words in said
    assert taught.judge("怎么退款").label == "neutral"


def test_every_word_of_the_list_is_found_and_every_pattern_can_match_where_it_must() -> None:
    assert len(lexicon()) > 3000
    assert all(word == fold(word) and word.strip() for word in lexicon())
    assert all(len(pattern.needs) == 1 for pattern in patterns())
    missing = [one.expression.pattern for one in patterns() if one.needs not in one.expression.pattern]
    assert missing == []


def test_scores_follow_what_is_said() -> None:
    judge = Judge()
    ordered = ("垃圾骗子，退钱", "难喝", "有点慢", "几点开门", "还行", "好喝", "太好喝了，爱了爱了")
    scores = [judge.judge(text).score for text in ordered]
    assert all(lower < higher for lower, higher in pairwise(scores)), scores
