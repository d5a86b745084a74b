"""Help: what one can do, in the registry's order, a person last."""

from intents import help as help_
from intents.types import Intent
from storage.database import Database
from templates.limits import TEXT_ADVISED_BYTES
from tests.intents.spoken import intents, labels, spoken
from tests.intents.turns import answer


def test_help_offers_what_can_be_offered_and_a_person_last(database: Database) -> None:
    known = intents()
    reply = answer(database, help_.handle, "帮助", intents=known)
    offered = labels(reply)
    assert offered[-1] == "human"
    assert len(offered) == len(set(offered)) == help_.MOST_CHOICES
    assert all(known[name].offered for name in offered)
    assert "help" not in offered
    assert offered[:-1] == [name for name in known if name in offered[:-1]]


def test_help_with_its_links_fits_in_one_message(database: Database) -> None:
    reply = answer(database, help_.handle, "帮助", intents=intents())
    link_bytes = sum(
        len(f'👉 <a href="weixin://bizmsgmenu?msgmenucontent=&msgmenuid=zh%3A{one.intent}"></a>\n'.encode())
        for one in reply.choices
    )
    label_bytes = sum(4 * len(one.label.encode()) for one in reply.choices)  # percent-encoded, then as it is
    assert len(spoken(reply).encode()) + link_bytes + label_bytes < TEXT_ADVISED_BYTES


def test_few_intents_are_all_offered(database: Database) -> None:
    known = {name: intents()[name] for name in ("help", "greeting", "suggestion")}
    assert labels(answer(database, help_.handle, "帮助", intents=known)) == ["suggestion"]


def test_an_intent_of_staff_is_offered_by_its_title(database: Database) -> None:
    own = Intent("parking", "停车", help_.handle, phrases=("停哪",))
    reply = answer(database, help_.handle, "帮助", intents={"parking": own})
    assert [choice.label for choice in reply.choices] == ["停车"]
