"""Members: found, shown whole, their words kept as words, and every look that matters on record."""

import pytest

from storage import audit, members
from storage.database import Database
from tests.conftest import Clock
from tests.console.conftest import Browser, SignIn, member_id_of
from tests.phone import Phone

HOSTILE = '<script>alert("x")</script>{{7*7}}'


@pytest.fixture
def alice(phone: Phone, database: Database) -> int:
    """A member who followed, said hello and is known by name and phone."""
    phone.follows("store_SH001")
    phone.says("你好")
    member_id = member_id_of(database, "oAlice")
    database.write(
        lambda tx: members.update_profile(
            tx, member_id, name="林晓", phone="13812345678", city="上海", remark="靠窗", tags=("老客", "学生")
        )
    )
    return member_id


@pytest.fixture
def supervisor(signed_in: SignIn) -> Browser:
    """The browser of a supervisor."""
    return signed_in("supervisor")


def actions(database: Database) -> list[tuple[str, str, str]]:
    """Return what is on record about members: who, what, why."""
    entries = audit.list_audit(database, 50)
    return [
        (entry.actor, entry.action, entry.detail)
        for entry in entries
        if entry.action.startswith(("member", "dialogue"))
    ]


@pytest.mark.parametrize("words", ["林晓", "13812345678", "5678", "oAlice", "学生", "store_SH", "靠窗"])
def test_a_member_is_found_by_what_is_known_of_them(supervisor: Browser, alice: int, words: str) -> None:
    assert f"/console/members/{alice}" in supervisor.get(f"/console/members/?q={words}", fragment=True).text


@pytest.mark.parametrize("words", ["1381234", "12345", "234", "%", "'", "1381%", "138_2345678"])
def test_a_masked_phone_is_not_to_be_guessed_by_searching(supervisor: Browser, alice: int, words: str) -> None:
    assert f"/console/members/{alice}" not in supervisor.get(f"/console/members/?q={words}").text


def test_the_list_goes_on_where_it_ended(supervisor: Browser, phone: Phone, database: Database) -> None:
    for number in range(45):
        phone.named(f"oNumber{number:02}").says("你好")
    first = supervisor.get("/console/members/").text
    assert "oNumber" not in first
    cursor = first.partition("before=")[2].partition('"')[0]
    second = supervisor.get(f"/console/members/?before={cursor}").text
    listed = [page.count('class="member-code"') for page in (first, second)]
    assert listed == [40, 5]


def test_the_profile_shows_facts_and_dialogue_with_its_cards(supervisor: Browser, alice: int) -> None:
    page = supervisor.get(f"/console/members/{alice}").words
    for told in ("林晓", "上海", "学生", "扫码：store_SH001", "你好", "为什么这样回答", "oAlice"):
        assert told in page
    assert "138****5678" in page
    assert "13812345678" not in page


def test_a_phone_is_shown_for_a_reason_that_is_kept(supervisor: Browser, alice: int, database: Database) -> None:
    path = f"/console/members/{alice}/phone"
    for reason in ("", "看"):
        page = supervisor.post(path, {"reason": reason}).words
        assert "13812345678" not in page
        assert "至少 4 个字" in page
        assert f'value="{reason}"' in page  # what was typed stands there still
    assert actions(database) == []
    assert "13812345678" in supervisor.post(path, {"reason": "回电确认退款"}).text
    assert actions(database) == [("user:supervisor", "member.phone_revealed", "reason=回电确认退款")]


def test_an_admin_opens_a_dialogue_only_for_a_reason_that_is_kept(
    signed_in: SignIn, alice: int, database: Database
) -> None:
    admin, path = signed_in("admin"), f"/console/members/{alice}"
    assert "你好" not in admin.get(path).words
    shut = admin.post(f"{path}/dialogue", {"reason": "查一下"}).words
    assert "你好" not in shut
    assert 'value="查一下"' in shut
    assert actions(database) == []
    assert "你好" in admin.post(f"{path}/dialogue", {"reason": "核实一起投诉"}).words
    assert actions(database) == [("user:admin", "dialogue.opened", "reason=核实一起投诉")]


def test_a_long_dialogue_is_read_in_parts(supervisor: Browser, phone: Phone, database: Database, clock: Clock) -> None:
    for number in range(60):
        clock.forward(seconds=30)
        phone.says(f"第{number:02}句闲聊")
    member_id = member_id_of(database, "oAlice")
    page = supervisor.get(f"/console/members/{member_id}").text
    assert "第59句" in page
    assert "第00句" not in page
    more = page.partition('hx-get="/console/members/')[2].partition('"')[0].replace("&amp;", "&")
    earlier = supervisor.get(f"/console/members/{more}", fragment=True).text
    assert "第00句" in earlier
    assert "第59句" not in earlier


def test_a_profile_is_changed_for_a_reason_and_the_phone_kept(
    supervisor: Browser, alice: int, database: Database
) -> None:
    form = {
        "name": "林小晓",
        "phone": "",
        "city": "杭州",
        "remark": "",
        "tags": "老客，常来、老客",
        "reason": "本人更正",
    }
    assert supervisor.post(f"/console/members/{alice}", {**form, "reason": ""}).status == 422
    assert supervisor.post(f"/console/members/{alice}", form).status == 302
    member = members.member_by_id(database, alice)
    assert member is not None
    assert (member.name, member.phone, member.city, member.tags) == ("林小晓", "13812345678", "杭州", ("老客", "常来"))
    assert actions(database) == [("user:supervisor", "member.changed", "fields=name,city,remark,tags reason=本人更正")]


@pytest.mark.parametrize(
    "field", ["id", "source", "subscribed", "follows", "created_at", "points", "balance", "openid", "role", "agent_id"]
)
def test_fields_that_the_form_has_not_are_refused(
    supervisor: Browser, alice: int, database: Database, field: str
) -> None:
    form = {"name": "x", "phone": "", "city": "", "remark": "", "tags": "", "reason": "本人更正", field: "1"}
    assert supervisor.post(f"/console/members/{alice}", form).status == 400
    member = members.member_by_id(database, alice)
    assert member is not None
    assert member.name == "林晓"


def test_whatever_a_member_is_called_or_says_stays_text(supervisor: Browser, phone: Phone, database: Database) -> None:
    phone.follows(HOSTILE[:60])
    phone.says(HOSTILE)
    member_id = member_id_of(database, "oAlice")
    database.write(
        lambda tx: members.update_profile(
            tx, member_id, name=HOSTILE, phone=HOSTILE, city=HOSTILE, remark=HOSTILE, tags=(HOSTILE,)
        )
    )
    for path in (
        "/console/members/",
        f"/console/members/?q={HOSTILE[:8]}",
        f"/console/members/{member_id}",
        "/console/",
    ):
        page = supervisor.get(path)
        assert page.status == 200
        assert "<script>alert" not in page.text
        assert 'alert("x")' not in page.text
    assert "{{7*7}}" in supervisor.get(f"/console/members/{member_id}").words


def test_an_exchange_tells_why_and_with_which_version(supervisor: Browser, phone: Phone, database: Database) -> None:
    phone.says("优惠券怎么用呀")
    page = supervisor.get(f"/console/members/{member_id_of(database, 'oAlice')}").text
    path = page.partition('said-why" href="')[2].partition('"')[0]
    shown = supervisor.get(path).words
    for told in ("优惠券怎么用", "依据", "决定", "出厂版本", "把握"):
        assert told in shown
    assert supervisor.get("/console/exchanges/12345").status == 404
    assert supervisor.get(f"/console/exchanges/{2**64}").status == 404
