"""Judging the matcher: the figures, the choice of a threshold, and the command around them."""

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.context import Context
from bot.cli.intents import intents_group
from intents.matching.decide import Thresholds, thresholds_for
from intents.matching.evaluation import Described, Sample, choose_threshold, figures, learn
from intents.types import Match
from storage.migrations import migrate
from storage.opening import open_database
from tests.matching.brand import INTENTS, TODAY

TRAIN = [
    Sample(f"{intent.name}-{n}", phrase, intent.name) for intent in INTENTS for n, phrase in enumerate(intent.phrases)
]
DESCRIBED = [
    Described(intent.name, intent.title, tuple(keyword.text for keyword in intent.keywords))
    for intent in INTENTS
    if intent.phrases
]
FOREIGN = [
    Sample(f"f{n}", text, None)
    for n, text in enumerate(("讲个笑话", "今天股市怎么样", "我失恋了", "怎么学英语", "你会做饭吗"))
]
TEST = [
    Sample("t1", "请问怎么领优惠券", "coupon_claim"),
    Sample("t2", "我有几张券", "coupon_mine"),
    Sample("t3", "几点关门呀", "store_hours"),
    Sample("t4", "讲个故事", None),
    Sample("t5", "明天下雨吗", None),
]


def test_figures_count_what_they_say() -> None:
    samples = [
        Sample("1", "", "a"),
        Sample("2", "", "a"),
        Sample("3", "", "b"),
        Sample("4", "", None),
        Sample("5", "", None),
    ]
    matches = [
        Match("a", 0.9, "a"),  # right
        Match(None, 0.4, "a", ("a", "b")),  # right but asked back
        Match("a", 0.8, "a"),  # wrong
        Match("a", 0.5, "a"),  # foreign, answered
        Match(None, 0.2, "b"),  # foreign, refused
    ]
    found = figures(samples, matches)
    assert (found.in_scope, found.foreign) == (3, 2)
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.answered_right == pytest.approx(1 / 3)
    assert found.foreign_recall == pytest.approx(0.5)
    # above 0.5 stands one of three right ones, above 0.2 two of three
    assert found.oscr == pytest.approx((1 / 3 + 2 / 3) / 2)


def test_equal_confidences_count_half() -> None:
    found = figures([Sample("1", "", "a"), Sample("2", "", None)], [Match("a", 0.5, "a"), Match("a", 0.5, "a")])
    assert found.oscr == pytest.approx(0.5)


def test_figures_without_foreign_messages_leave_out_what_needs_them() -> None:
    found = figures([Sample("1", "", "a")], [Match("a", 0.5, "a")])
    assert (found.accuracy, found.foreign_recall, found.oscr) == (1.0, None, None)
    assert figures([], []).accuracy == 0.0


def test_a_threshold_is_chosen_the_same_way_each_time() -> None:
    chosen = choose_threshold(TRAIN + FOREIGN, DESCRIBED)
    assert 0.0 < chosen < 1.0
    assert choose_threshold(TRAIN + FOREIGN, DESCRIBED) == chosen


def test_without_foreign_samples_the_usual_threshold_is_kept() -> None:
    assert choose_threshold(TRAIN, DESCRIBED) == Thresholds().answer


def test_foreign_samples_in_training_set_the_threshold_and_are_never_answers() -> None:
    chosen = choose_threshold(TRAIN + FOREIGN, DESCRIBED)
    matcher = learn(TRAIN + FOREIGN, DESCRIBED, thresholds_for(chosen))
    assert all(matcher.match(sample.text, today=TODAY).intent is None for sample in FOREIGN)


def test_one_intent_alone_can_be_learned() -> None:
    only = [sample for sample in TRAIN if sample.intent == "invoice"]
    assert 0 <= choose_threshold(only, []) <= 1
    assert learn(only, [], thresholds_for(0.5)).match("开发票", today=TODAY).guess == "invoice"


def write(path: Path, samples: list[Sample]) -> Path:
    lines = [
        json.dumps({"id": one.id, "text": one.text, "intent": one.intent, "split": "x"}, ensure_ascii=False)
        for one in samples
    ]
    text = "\n".join(lines) + "\n"
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, "utf-8")
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(intents_group, [str(argument) for argument in arguments], obj=Context())


def test_evaluate_writes_a_prediction_for_each_line_and_prints_the_figures(tmp_path: Path) -> None:
    train, test = write(tmp_path / "train.jsonl.gz", TRAIN), write(tmp_path / "test.jsonl", TEST)
    described = tmp_path / "intents.jsonl"
    described.write_text(
        "\n".join(json.dumps({"id": d.id, "name": d.name, "keywords": list(d.keywords)}) for d in DESCRIBED), "utf-8"
    )
    out = tmp_path / "out.jsonl"
    result = run("evaluate", train, test, "--predictions", out, "--intents", described, "--json")
    assert result.exit_code == 0, result.output
    printed = json.loads(result.output)
    assert printed["accuracy"] == 1.0
    assert printed["foreign_recall"] == 1.0
    assert printed["oscr"] == 1.0
    assert printed["microseconds_per_message"] > 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["t1", "t2", "t3", "t4", "t5"]
    assert all(set(row) == {"id", "intent", "confidence", "guess", "options"} for row in rows)
    assert [row["guess"] for row in rows[:3]] == ["coupon_claim", "coupon_mine", "store_hours"]


def test_a_threshold_given_is_kept_to(tmp_path: Path) -> None:
    train, test, out = write(tmp_path / "a.jsonl", TRAIN), write(tmp_path / "b.jsonl", TEST), tmp_path / "out.jsonl"
    result = run("evaluate", train, test, "--predictions", out, "--threshold", "1.0")
    assert result.exit_code == 0
    assert "1.0000" in result.output
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert all(row["intent"] is None or row["confidence"] == 1.0 for row in rows)


def test_evaluate_does_the_same_twice(tmp_path: Path) -> None:
    train, test = write(tmp_path / "a.jsonl", TRAIN + FOREIGN), write(tmp_path / "b.jsonl", TEST)
    outs = [tmp_path / "1", tmp_path / "2"]
    for out in outs:
        assert run("evaluate", train, test, "--predictions", out).exit_code == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_english_data_is_judged_too(tmp_path: Path) -> None:
    english = {
        "refund": [
            "i want my money back",
            "can i get a refund",
            "how do i return an item",
            "please refund my order",
            "return policy",
        ],
        "hours": [
            "what time do you open",
            "when do you close",
            "are you open on sunday",
            "opening hours please",
            "how late are you open",
        ],
    }
    train = [Sample(f"{name}{n}", text, name) for name, texts in english.items() for n, text in enumerate(texts)]
    test = [
        Sample("1", "what time do you close", "hours"),
        Sample("2", "refund my item please", "refund"),
        Sample("3", "sing a song", None),
    ]
    result = run(
        "evaluate", write(tmp_path / "a", train), write(tmp_path / "b", test), "--predictions", tmp_path / "o", "--json"
    )
    assert result.exit_code == 0
    assert json.loads(result.output)["accuracy"] == 1.0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"id": "1", "text": "a", "intent": "x"}\nnonsense\n', ":2: not JSON"),
        (b'{"id": "1", "text": "a"}\n', ':1: "intent" is missing'),
        (b'{"id": "1", "text": 5, "intent": null}\n', ':1: "text" must be a text'),
        (b'{"id": 1, "text": "a", "intent": null}\n', ':1: "id" must be a text'),
        (b'{"id": "1", "text": "a", "intent": ["x"]}\n', ':1: "intent" must be a text'),
        (b"[1, 2]\n", ":1: not a JSON object"),
        (b"[" * 100_000, ":1: not JSON"),
        (b"\xff\xfe\n", "not UTF-8"),
        (b"", "nothing to learn"),
        (b'{"id": "1", "text": "a", "intent": null}\n', "nothing to learn"),
    ],
)
def test_a_bad_file_is_named_with_line_and_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(content)
    result = run("evaluate", bad, write(tmp_path / "test", TEST), "--predictions", tmp_path / "out")
    assert result.exit_code == 1
    assert f"{bad}" in result.output
    assert reason in result.output
    assert len(result.output.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    test = write(tmp_path / "test", TEST)
    assert "No such file" in run("evaluate", tmp_path / "none", test, "--predictions", tmp_path / "out").output
    broken = tmp_path / "broken.gz"
    broken.write_bytes(gzip.compress(b"x" * 1000)[:30])
    assert run("evaluate", broken, test, "--predictions", tmp_path / "out").exit_code == 1
    (tmp_path / "words").write_text('{"id": "a", "name": "A", "keywords": "k"}', "utf-8")
    result = run("evaluate", test, test, "--predictions", tmp_path / "out", "--intents", tmp_path / "words")
    assert '"keywords" must be a list' in result.output
    result = run("evaluate", test, test, "--predictions", tmp_path / "no" / "out")
    assert result.exit_code == 1


def test_match_prints_the_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'card.db'}"
    database = open_database(url)
    migrate(database)
    database.close()
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    shown = run("match", "我要签到")
    assert shown.exit_code == 0, shown.output
    assert "intent      checkin" in shown.output
    payload = json.loads(run("match", "我在拉萨，怎么领券", "--json").output)
    assert payload["slots"] == {"city": "拉萨"}
    assert payload["intent"] == "coupon_claim"
    assert payload["card"]["steps"]
