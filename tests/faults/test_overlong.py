"""Ids far longer than the platform's own, signed all the same: met like any other, and nothing waits behind them."""

import secrets
from collections.abc import Callable

import pytest
from flask import Flask

from bot.delivery.by_template import send_by_template
from bot.service import service_of
from bot.wechat.notices import by_template
from storage import permits
from storage.database import Database, Transaction
from storage.errors import Conflict
from storage.exchanges import every
from storage.members import identities_of, member_ids_by_openid
from tests.conftest import Clock
from tests.phone import Phone

LONG = secrets.token_hex(4500)  # which cannot be packed to fit an index of PostgreSQL
AGREED = {"List": {"TemplateId": LONG, "SubscribeStatusString": "accept"}}
PUSHES: dict[str, Callable[[Phone], str]] = {
    "follow": lambda phone: phone.follows(LONG),
    "scan": lambda phone: phone.scans(LONG),
    "consent": lambda phone: phone.does("subscribe_msg_popup_event", SubscribeMsgPopupEvent=AGREED),
    "report": lambda phone: phone.does("TEMPLATESENDJOBFINISH", MsgID=LONG, Status="success"),
}


@pytest.mark.parametrize("push", PUSHES)
def test_a_push_with_an_id_that_is_too_long_is_met_and_holds_up_nothing(
    app: Flask, phone: Phone, database: Database, clock: Clock, push: str
) -> None:
    phone.says("你好")
    [member_id] = member_ids_by_openid(database, phone.openid)
    alice = identities_of(database, [member_id])[member_id]
    ready = by_template("template", "TM00015", {"thing1": "静安寺店"}, text="您的咖啡好了")
    database.write(
        lambda tx: send_by_template(tx, identity=alice, content=ready, author="system", cause="c1", now=clock.now)
    )
    before = len([one for one in every(database) if one.direction == "in"])
    PUSHES[push](phone)
    assert len([one for one in every(database) if one.direction == "in"]) == before + 1
    assert service_of(app).shelter.spool.is_empty()
    assert phone.says("签到")


@pytest.mark.parametrize("engine", ["postgresql"])  # an index of the other takes anything
def test_what_no_index_takes_is_refused_for_good(phone: Phone, database: Database, clock: Clock) -> None:
    phone.says("你好")
    [member_id] = member_ids_by_openid(database, phone.openid)

    def grant(tx: Transaction) -> bool:
        return permits.grant(tx, member_id, "notice", LONG, cause="c", now=clock.now)

    with pytest.raises(Conflict):
        database.write(grant)
