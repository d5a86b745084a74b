"""Examples: what taps told is confirmed, put right or refused; what is confirmed is understood from then on."""

import pytest

from storage import audit, examples
from storage.database import Database
from storage.examples import Status
from tests.conftest import Clock
from tests.console.conftest import Browser, SignIn
from tests.phone import Phone

PAGE = "/console/examples/"
SAID = "给爷整一个"


@pytest.fixture(autouse=True)
def proposed(database: Database, clock: Clock) -> None:
    """What two members meant, and what a third one did."""
    for number, (text, intent) in enumerate(
        [(SAID, "coupon_claim"), (SAID, "coupon_claim"), ("你们老板是谁", "human")], 1
    ):
        database.write(
            lambda tx, number=number, text=text, intent=intent: examples.propose(  # type: ignore[misc]
                tx,
                text=text,
                intent=intent,
                source="tap",
                now=clock(),
                member_id=number,
                exchange_id=number,
                offered=("coupon_claim", "human"),
            )
        )


def listed(database: Database, status: Status) -> list[tuple[str, str | None]]:
    return [(one.text, one.intent) for one in examples.list_examples(database, status=status)]


def test_examples_are_listed_by_intent_with_how_often_and_what_was_offered(editor: Browser) -> None:
    page = editor.get(PAGE).words
    assert page.index("领优惠券") < page.index(SAID) < page.index("你们老板是谁")
    for told in ("2 人次", "当时可选：领优惠券、人工客服", "待确认 <span>2</span>"):
        assert told in page


def test_what_is_confirmed_is_understood_from_then_on(editor: Browser, phone: Phone, database: Database) -> None:
    missed = phone.says(SAID)
    form = {"text": SAID, "intent": "coupon_claim", "act": "confirm", "as": ""}
    assert editor.post(PAGE, form).location.endswith(f"{PAGE}?status=proposed")
    assert "已确认" in editor.get(PAGE).words
    assert listed(database, "confirmed") == [(SAID, "coupon_claim")]
    editor.get("/console/intents/")  # waits until it is learned
    assert phone.says(SAID) != missed
    assert [(entry.action, entry.target) for entry in audit.list_audit(database, 9)] == [
        ("example.confirmed", "coupon_claim")
    ]


@pytest.mark.parametrize(("chosen", "becomes"), [("coupon_mine", "coupon_mine"), ("-", None)])
def test_it_may_be_another_intents_or_none_of_ours(
    editor: Browser, database: Database, chosen: str, becomes: str | None
) -> None:
    editor.post(PAGE, {"text": SAID, "intent": "coupon_claim", "act": "move", "as": chosen})
    assert listed(database, "confirmed") == [(SAID, becomes)]
    assert SAID in editor.get(f"{PAGE}?status=confirmed").words


def test_what_is_refused_teaches_nothing_and_may_be_taken_up_again(editor: Browser, database: Database) -> None:
    editor.post(PAGE, {"text": SAID, "intent": "coupon_claim", "act": "refuse", "as": ""})
    assert listed(database, "refused") == [(SAID, "coupon_claim")]
    assert examples.published(database).phrases == {}
    editor.post(f"{PAGE}?status=refused", {"text": SAID, "intent": "coupon_claim", "act": "confirm", "as": ""})
    assert examples.published(database).phrases == {"coupon_claim": (SAID,)}


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"act": "move", "as": ""}, "请先选"),
        ({"act": "move", "as": "nonsense"}, "已经不在了"),
        ({"act": "confirm", "as": "", "text": "没人说过"}, "刚被别人处理过"),
    ],
)
def test_what_cannot_be_decided_is_told(editor: Browser, database: Database, form: dict[str, str], told: str) -> None:
    editor.post(PAGE, {"text": SAID, "intent": "coupon_claim", **form})
    assert told in editor.get(PAGE).words
    assert listed(database, "confirmed") == []


@pytest.mark.parametrize(
    "form", [{"act": "burn"}, {"act": "confirm", "more": "1"}, {"act": "refuse", "text": "长" * 101}]
)
def test_what_the_page_cannot_send_is_refused(editor: Browser, form: dict[str, str]) -> None:
    assert editor.post(PAGE, {"text": SAID, "intent": "coupon_claim", "as": "", **form}).status == 400


def test_words_are_shown_as_the_text_they_are(editor: Browser, database: Database, clock: Clock) -> None:
    database.write(lambda tx: examples.propose(tx, text="<b>券</b>", intent="coupon_claim", source="tap", now=clock()))
    assert "&lt;b&gt;券" in editor.get(PAGE).text


def test_agents_have_no_business_here(signed_in: SignIn) -> None:
    assert signed_in("agent").get(PAGE).status in (403, 404)
