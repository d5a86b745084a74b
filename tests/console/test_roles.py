"""Every route of the console for every role: the table is written out, and a route without a row fails."""

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask

from bot.web.roles import access_of
from storage import conversations
from storage.database import Database
from storage.exchanges import timeline
from storage.users import RoleName, User
from tests.conftest import Clock
from tests.console.conftest import SignIn, member_id_of
from tests.phone import Phone

ALL, EDITING = {"editor", "agent", "supervisor", "admin"}, {"editor", "admin"}
SEEING_MEMBERS = {"agent", "supervisor", "admin"}
WITH_MEMBERS = {"agent", "supervisor"}
TABLE: Mapping[str, set[str]] = {
    "GET overview.index": ALL,
    "POST overview.see_alert": {"supervisor"},
    "GET replies.index": ALL,
    "GET reply_editor.edit": ALL,
    "GET reply_editor.find_people": {"admin"},
    "POST reply_editor.check": EDITING,
    "POST reply_editor.save": EDITING,
    "POST reply_editor.publish": EDITING,
    "GET reply_history.index": ALL,
    "POST reply_history.roll_back": EDITING,
    "GET intents.index": ALL,
    "GET intents.show": ALL,
    "GET intents.new": EDITING,
    "POST intents.add": EDITING,
    "POST intents.attempt": ALL,
    "POST intents.change": EDITING,
    "POST intents.switch": EDITING,
    "GET gym.index": EDITING,
    "POST gym.preview": EDITING,
    "POST gym.teach": EDITING,
    "POST gym.ignore": EDITING,
    "POST gym.ticket": EDITING,
    "POST gym.start": EDITING,
    "POST gym.undo": EDITING,
    "GET examples.index": EDITING,
    "POST examples.decide": EDITING,
    "GET understanding.index": EDITING,
    "GET understanding.figures": EDITING,
    "GET understanding.changes": EDITING,
    "POST understanding.pin": EDITING,
    "GET members.index": SEEING_MEMBERS,
    "GET members.show": SEEING_MEMBERS,
    "GET members.earlier": WITH_MEMBERS,
    "POST members.open_dialogue": SEEING_MEMBERS,
    "POST members.change": WITH_MEMBERS,
    "POST members.reveal": WITH_MEMBERS,
    "GET exchanges.show": ALL,
    "POST exchanges.correct": ALL,
    "GET campaigns.index": ALL,
    "GET campaigns.counter": WITH_MEMBERS,
    "POST campaigns.redeem": WITH_MEMBERS,
    "POST campaigns.start": {"supervisor", "admin"},
    "POST campaigns.pause": {"supervisor", "admin"},
    "GET stores.index": ALL,
    "GET stores.export": ALL,
    "POST stores.take_file": EDITING,
    "GET menu.index": ALL,
    "POST menu.save": EDITING,
    "POST menu.take_file": EDITING,
    "GET menu.show": ALL,
    "GET menu.download": ALL,
    "POST menu.publish": EDITING,
    "POST menu.delete": EDITING,
    "GET codes.index": ALL,
    "POST codes.make": EDITING,
    "GET codes.sheet": ALL,
    "GET codes.picture": ALL,
    "GET mass.index": EDITING,
    "POST mass.prepare": EDITING,
    "GET mass.show": EDITING,
    "GET mass.news": EDITING,
    "POST mass.preview": EDITING,
    "POST mass.send": {"admin"},
    "POST mass.drop": EDITING,
    "GET platform.index": {"admin"},
    "GET platform.quotas": {"admin"},
    "POST platform.fetch_addresses": {"admin"},
    "GET outbox.index": {"supervisor", "admin"},
    "GET outbox.coming": {"supervisor", "admin"},
    "POST outbox.again": {"supervisor", "admin"},
    "POST outbox.drop": {"supervisor", "admin"},
    "GET windows.index": {"admin"},
    "POST windows.add": {"admin"},
    "POST windows.remove": {"admin"},
    "GET notices.index": ALL,
    "POST notices.read": ALL,
    "GET tags.index": SEEING_MEMBERS,
    "POST tags.read": {"supervisor", "admin"},
    "GET tags.reading": SEEING_MEMBERS,
    "POST tags.read_followers": {"supervisor", "admin"},
    "POST tags.add": {"supervisor", "admin"},
    "POST tags.rename": {"supervisor", "admin"},
    "POST tags.delete": {"supervisor", "admin"},
    "GET records.not_understood": {"supervisor", "admin"},
    "GET records.done": {"supervisor", "admin"},
    "GET staff.index": {"admin"},
    "POST staff.add": {"admin"},
    "POST staff.change_role": {"admin"},
    "POST staff.switch": {"admin"},
    "POST staff.renew_link": {"admin"},
}
ABSENT = 404  # for ids and names that are nobody's; 403 is for the role alone


def routes(app: Flask) -> dict[str, tuple[str, str]]:
    """Return each route of the console with its method and an address whose ids lead nowhere."""
    found = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("console."):
            path = re.sub(r"<int:\w+>", "77", re.sub(r"<any\(\w+.*?>", "svg", re.sub(r"<name>", "thanks", rule.rule)))
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                found[f"{method} {rule.endpoint.removeprefix('console.')}"] = (method, path)
    return found


def test_every_route_has_a_row_and_a_mark(app: Flask) -> None:
    assert set(routes(app)) == set(TABLE)
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("console."):
            assert access_of(app.view_functions[rule.endpoint]) is not None, rule.endpoint


def test_each_role_enters_exactly_what_the_table_says(app: Flask, signed_in: SignIn) -> None:
    entered = defaultdict(set)
    for role in sorted(ALL):
        browser = signed_in(role)
        for name, (method, path) in routes(app).items():
            page = browser.get(path) if method == "GET" else browser.post(path)
            assert page.status < 500, (role, name)
            if page.status != 403:
                entered[name].add(role)
    assert entered == TABLE


@pytest.mark.parametrize("role", sorted(ALL))
def test_every_link_that_a_role_is_shown_leads_somewhere(signed_in: SignIn, phone: Phone, role: RoleName) -> None:
    for words in ("你好", "建议 早点开门", "量子纠缠怎么退", "人工"):
        phone.says(words)
    browser, seen, waiting = signed_in(role), set[str](), ["/console/"]
    while waiting:
        path = unescape(waiting.pop(0))
        kind = re.sub(r"\d{5,}|(?<=replies/|intents/)\w+", "x", path.partition("?")[0])
        if kind not in seen:
            seen.add(kind)
            page = browser.get(path)
            assert page.status == 200, path
            waiting += re.findall(r'<a [^>]*href="(/console[^"#]*)', page.text)
    assert len(seen) >= 10


def test_nobody_enters_anything_without_signing_in(app: Flask) -> None:
    client = app.test_client()
    for name, (method, path) in routes(app).items():
        status = client.open(path, method=method).status_code
        assert status == 302, name


def test_no_form_counts_without_its_token(app: Flask, signed_in: SignIn) -> None:
    browser = signed_in("admin")
    for name, (method, path) in routes(app).items():
        if method == "POST":
            assert browser.post(path, token="wrong").status == 403, name


def test_an_agent_sees_the_members_they_have_to_do_with_and_no_others(
    signed_in: SignIn, phone: Phone, database: Database, clock: Clock, staff: dict[RoleName, User]
) -> None:
    phone.says("你好")
    bob = phone.named("oBob")
    bob.says("你好")
    alice_id, bob_id = member_id_of(database, "oAlice"), member_id_of(database, "oBob")
    agent, supervisor = signed_in("agent"), signed_in("supervisor")
    [foreign] = [one.id for one in timeline(database, bob_id) if one.direction == "out"]
    for path in (f"/console/members/{bob_id}", f"/console/members/{bob_id}/dialogue", f"/console/exchanges/{foreign}"):
        assert agent.get(path).status == ABSENT == agent.get(path.replace(str(bob_id), "12345")).status
        assert supervisor.get(path).status == 200
    for path in ("", "/phone", "/dialogue"):
        assert agent.post(f"/console/members/{bob_id}{path}", {"reason": "我想看看"}).status == ABSENT
    assert "oBob" not in agent.get("/console/members/?q=oBob").text.partition("<table")[2]

    database.write(
        lambda tx: conversations.take(
            tx, alice_id, agent_id=staff["agent"].id, lease=timedelta(minutes=30), now=clock()
        )
    )
    assert agent.get(f"/console/members/{alice_id}").status == 200
    listed = agent.get("/console/members/").text
    assert f"/console/members/{alice_id}" in listed
    assert f"/console/members/{bob_id}" not in listed
    database.write(lambda tx: conversations.hand_back(tx, alice_id, agent_id=staff["agent"].id, note="", now=clock()))
    assert agent.get(f"/console/members/{alice_id}").status == 200  # whom they served stays theirs to look up


def test_somebody_who_waits_may_be_looked_at_by_whoever_could_take_them(
    signed_in: SignIn, phone: Phone, database: Database
) -> None:
    phone.says("人工")
    assert signed_in("agent").get(f"/console/members/{member_id_of(database, 'oAlice')}").status == 200


def test_an_editor_reads_what_was_missed_but_not_whose_words_they_are(
    signed_in: SignIn, phone: Phone, database: Database
) -> None:
    phone.says("量子纠缠怎么退订单杯子")
    member_id = member_id_of(database, "oAlice")
    [missed] = [one for one in timeline(database, member_id) if one.direction == "in"]
    page = signed_in("editor").get(f"/console/exchanges/{missed.id}")
    assert page.status == 200
    assert "量子纠缠" in page.words
    for known in (str(member_id), "oAlice"):
        assert known not in page.text
    assert signed_in("agent").get(f"/console/exchanges/{missed.id}").status == ABSENT


def test_what_was_said_to_a_person_is_no_editors_business(
    signed_in: SignIn, phone: Phone, database: Database, staff: dict[RoleName, User], clock: Clock
) -> None:
    phone.says("人工")
    phone.says("我的地址是幸福路 1 号")
    phone.says("在吗")
    held = [one for one in timeline(database, member_id_of(database, "oAlice")) if one.status == "held"]
    assert held
    for one in held:
        assert signed_in("editor").get(f"/console/exchanges/{one.id}").status == ABSENT
        assert signed_in("admin").get(f"/console/exchanges/{one.id}").status == ABSENT
        assert signed_in("supervisor").get(f"/console/exchanges/{one.id}").status == 200
