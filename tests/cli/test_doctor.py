"""``zhaohu doctor``: what it finds, what it advises, and that it changes nothing."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.diagnosis.findings import Finding
from bot.diagnosis.surroundings import check_clock, check_settings, is_public
from bot.settings import read_settings
from bot.wechat.self_description import ADDRESS_CALLS, QUOTA
from storage import outbox, reply_versions, scripted_intents, users
from storage.database import Database, Transaction
from storage.ids import new_id
from storage.members import add_member
from tests.cli.conftest import Zhaohu
from tests.conftest import ENVIRONMENT
from tests.wechat_api import Failure, FarSide, closed_port_url, far_side

NOW = datetime.now(UTC)


def states(zhaohu: Zhaohu, *words: str) -> dict[str, list[str]]:
    """Run the doctor and return the states it found by check; its exit status must fit them."""
    done = zhaohu("doctor", "--json", *words)
    told = json.loads(done.stdout)
    found: dict[str, list[str]] = {}
    for finding in told["checks"]:
        found.setdefault(finding["check"], []).append(finding["state"])
        assert bool(finding["advice"]) == (finding["state"] != "ok")
    failed = any("failed" in of_check for of_check in found.values())
    assert (told["ok"], done.exit_code) == (not failed, int(failed))
    return found


@pytest.fixture
def staffed(brand: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A brand with which nothing is wrong."""
    monkeypatch.setenv("SECRET_KEY", "kF3vQx8zLw5mTn2rYb7pJc4g")
    monkeypatch.setenv("WECHAT_TOKEN", "Qx8zLw5mTn2rYb7p")
    monkeypatch.setenv("BASE_URL", "https://wechat.example.com")
    monkeypatch.setenv("WECHAT_MODE", "safe")

    def work(tx: Transaction) -> None:
        for name, role in (("boss", "admin"), ("mei", "agent")):
            user = users.add_user(tx, name, role, "", NOW)  # type: ignore[arg-type]
            users.set_password_hash(tx, user.id, "a hash")

    brand.write(work)
    return brand


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> Iterator[FarSide]:
    with far_side() as running:
        monkeypatch.setenv("WECHAT_API_URL", running.url)
        yield running


def test_a_brand_in_good_order_passes(staffed: Database, far: FarSide, zhaohu: Zhaohu) -> None:
    far.answers[QUOTA] = {"quota": {"daily_limit": 500000, "used": 12, "remain": 499988}}
    found = states(zhaohu)
    assert set(found) == {
        *(
            "settings",
            "disk",
            "database",
            "integrity",
            "clock",
            "figures",
            "replies",
            "intents",
            "worker",
            "users",
            "wechat",
            "quota",
        )
    }
    assert {state for of_check in found.values() for state in of_check} == {"ok"}
    assert all(line.startswith("✓ ") for line in zhaohu("doctor").stdout.splitlines())


def test_nothing_at_all_is_told_step_by_step(zhaohu: Zhaohu, folder: Path) -> None:
    done = zhaohu("doctor", "--offline")
    assert done.exit_code == 1
    assert "✗ database: there is no database at brand.db\n    → zhaohu migrate makes an empty one\n" in done.stdout
    assert not list(folder.iterdir())


def test_a_wrong_setting_is_named_and_a_secret_never_shown(zhaohu: Zhaohu, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WECHAT_ENCODING_AES_KEY", "too-short-but-secret")
    done = zhaohu("doctor")
    assert done.exit_code == 1
    assert "✗ settings: WECHAT_ENCODING_AES_KEY must be" in done.stdout
    assert "too-short-but-secret" not in done.output


def test_the_output_holds_no_secret(staffed: Database, far: FarSide, zhaohu: Zhaohu) -> None:
    far.token_failure = 40125
    shown = zhaohu("doctor").output + zhaohu("doctor", "--json").output
    for secret in (
        "kF3vQx8zLw5mTn2rYb7pJc4g",
        "Qx8zLw5mTn2rYb7p",
        ENVIRONMENT["WECHAT_APP_SECRET"],
        ENVIRONMENT["WECHAT_ENCODING_AES_KEY"],
    ):
        assert secret not in shown


def test_credentials_that_wechat_refuses_are_explained(staffed: Database, far: FarSide, zhaohu: Zhaohu) -> None:
    far.token_failure = 40164
    done = zhaohu("doctor")
    assert done.exit_code == 1
    assert "✗ wechat: no access token: 40164" in done.stdout
    assert "not on the account's allow-list" in done.stdout
    assert "wechat" not in states(zhaohu, "--offline")


@pytest.mark.parametrize(
    ("failure", "states_found"), [(48001, []), (76021, []), ("500", ["warning"]), (None, ["warning"] * 10)]
)
def test_a_quota_that_is_nearly_used_up_or_unreadable_is_told(
    staffed: Database, far: FarSide, zhaohu: Zhaohu, failure: Failure | None, states_found: list[str]
) -> None:
    far.answers[QUOTA] = {"quota": {"daily_limit": 100, "used": 99, "remain": 1}}
    far.always = failure
    assert states(zhaohu).get("quota", []) == states_found


def test_a_list_of_addresses_that_is_not_there_is_told_until_it_is_fetched(
    staffed: Database, far: FarSide, zhaohu: Zhaohu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WECHAT_CALLBACK_ONLY", "on")
    far.answers[ADDRESS_CALLS["callback_addresses"]] = {"ip_list": ["101.226.103.0/25"]}
    assert states(zhaohu, "--offline")["addresses"] == ["warning"]
    assert zhaohu("wechat", "addresses").stdout == "101.226.103.0/25\n"
    assert states(zhaohu, "--offline")["addresses"] == ["ok"]


def test_a_platform_out_of_reach_fails_and_nothing_is_stored(
    staffed: Database, zhaohu: Zhaohu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WECHAT_API_URL", closed_port_url())
    assert states(zhaohu)["wechat"] == ["failed"]
    assert "DNS, firewall, proxy" in zhaohu("doctor").output
    assert staffed.query("SELECT * FROM access_tokens") == []


def test_a_database_of_an_older_release_is_found(staffed: Database, zhaohu: Zhaohu) -> None:
    staffed.write(lambda tx: tx.execute("DELETE FROM schema_migrations"))
    found = states(zhaohu, "--offline")
    assert found["database"] == ["failed"]
    assert "users" not in found


@pytest.mark.parametrize("content", [b"words, no database at all" * 99])
def test_a_file_that_is_no_database_is_found(zhaohu: Zhaohu, folder: Path, content: bytes) -> None:
    (folder / "brand.db").write_bytes(content)
    assert states(zhaohu, "--offline")["database"] == ["failed"]


def test_figures_that_do_not_agree_fail(staffed: Database, zhaohu: Zhaohu) -> None:
    def work(tx: Transaction) -> None:
        member = add_member(tx, account_id="gh_1", openid="oA", source="", now=NOW)
        tx.execute("INSERT INTO balances (member_id, points) VALUES (:id, 7)", {"id": member})

    staffed.write(work)
    assert states(zhaohu, "--offline")["figures"] == ["failed"]


def test_a_published_reply_that_cannot_be_said_fails(staffed: Database, zhaohu: Zhaohu) -> None:
    def work(tx: Transaction) -> None:
        tx.execute(
            "INSERT INTO reply_versions (id, name, version, source, author, created_at) VALUES (1, 'greeting', 1, '{{ broken', 'x', 1)"
        )
        reply_versions.publish(tx, "greeting", 1, by="x", now=NOW)

    staffed.write(work)
    assert states(zhaohu, "--offline")["replies"] == ["failed"]


def test_a_scripted_intent_that_is_left_out_fails(staffed: Database, zhaohu: Zhaohu) -> None:
    staffed.write(
        lambda tx: scripted_intents.add(
            tx, name="greeting", title="问候", phrases=["您好呀"], keywords=[], by="x", now=NOW
        )
    )
    assert states(zhaohu, "--offline")["intents"] == ["failed"]


def test_messages_that_nobody_sends_fail(staffed: Database, zhaohu: Zhaohu) -> None:
    def work(tx: Transaction) -> None:
        member, then = add_member(tx, account_id="gh_1", openid="oA", source="", now=NOW), NOW - timedelta(minutes=5)
        outbox.add(
            tx, member_id=member, openid="oA", exchange_id=new_id(), content="{}", cause="c", author="bot", due_at=then, now=then
        )  # fmt: skip

    staffed.write(work)
    assert states(zhaohu, "--offline")["worker"] == ["failed"]
    staffed.write(lambda tx: tx.execute("UPDATE outbox SET state = 'unknown'"))
    assert states(zhaohu, "--offline")["worker"] == ["ok", "warning"]


def test_without_an_admin_it_fails_and_without_an_agent_it_warns(brand: Database, zhaohu: Zhaohu) -> None:
    assert states(zhaohu, "--offline")["users"] == ["failed", "warning"]
    brand.write(lambda tx: users.add_user(tx, "boss", "admin", "", NOW))
    assert states(zhaohu, "--offline")["users"] == ["warning", "warning"]


def findings(**changed: str) -> dict[str, str]:
    """Return what the check of settings says, by state."""
    good = {"SECRET_KEY": "kF3vQx8zLw5mTn2rYb7pJc4g", "WECHAT_TOKEN": "Qx8zLw5mTn2rYb7p", "WECHAT_MODE": "safe"}
    settings = read_settings({**ENVIRONMENT, **good, "BASE_URL": "https://wechat.example.com", **changed})
    return {finding.message: finding.state for finding in check_settings(settings)}


def test_names_that_no_setting_has_are_told_with_the_one_that_is_meant(
    staffed: Database, zhaohu: Zhaohu, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".env").write_text("TIME_ZONE=Asia/Tokyo\nDESK_HOURS=09:00-18:00\n", "utf-8")
    monkeypatch.setenv("WECHAT_APPID", "wx1")
    told = zhaohu("doctor", "--offline").output
    assert "! settings: TIME_ZONE is no setting" in told
    assert "perhaps TIMEZONE is meant" in told
    assert "! settings: WECHAT_APPID is no setting" in told
    assert "perhaps WECHAT_APP_ID is meant" in told
    assert told.count("is no setting") == 2


def test_settings_in_good_order_are_without_remark() -> None:
    assert findings() == {}


@pytest.mark.parametrize(
    ("changed", "state", "words"),
    [
        ({"BASE_URL": "http://wechat.example.com"}, "failed", "not https"),
        ({"BASE_URL": "http://localhost:8000", "HOST": "0.0.0.0"}, "failed", "not https"),
        ({"BASE_URL": ""}, "warning", "BASE_URL is missing"),
        ({"SIMULATOR": "on"}, "failed", "simulator"),
        ({"SIMULATOR": "on", "BASE_URL": "", "HOST": "0.0.0.0"}, "failed", "simulator"),
        ({"SECRET_KEY": "changemechangeme"}, "failed", "SECRET_KEY can be guessed"),
        ({"SECRET_KEY": "0000000000000000000"}, "failed", "SECRET_KEY can be guessed"),
        ({"WECHAT_TOKEN": "weixin"}, "failed", "WECHAT_TOKEN can be guessed"),
        ({"SECRET_KEY": "", "DATABASE_URL": "postgresql://db/brand"}, "failed", "SECRET_KEY is missing"),
        ({"SHEET_FONT": "/absent.ttf"}, "warning", "no file /absent.ttf"),
        ({"WECHAT_TOKEN": ""}, "failed", "WECHAT_TOKEN is missing"),
        ({"WECHAT_APP_SECRET": ""}, "warning", "WECHAT_APP_SECRET is missing"),
        ({"WECHAT_MODE": "plain"}, "warning", "unencrypted"),
    ],
)
def test_each_unwise_setting_is_told(changed: dict[str, str], state: str, words: str) -> None:
    found = findings(**changed)
    assert [seen for message, seen in found.items() if words in message] == [state], found


@pytest.mark.parametrize(
    ("host", "base_url", "public"),
    [
        ("127.0.0.1", "", False),
        ("127.0.0.1", "http://localhost:8000", False),
        ("::1", "http://[::1]:8000", False),
        ("127.0.0.1", "https://wechat.example.com", True),
        ("0.0.0.0", "", True),
        ("10.1.2.3", "", True),
    ],
)
def test_an_address_is_public_when_others_can_reach_it(host: str, base_url: str, public: bool) -> None:
    assert is_public(read_settings({**ENVIRONMENT, "HOST": host, "BASE_URL": base_url})) is public


@pytest.mark.parametrize(
    ("now", "newest", "state"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), None, "ok"),
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 59, tzinfo=UTC), "ok"),
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 2, tzinfo=UTC), "failed"),
        (datetime(1970, 1, 1, tzinfo=UTC), None, "failed"),
        (datetime(2095, 1, 1, tzinfo=UTC), None, "failed"),
    ],
)
def test_the_clock_is_judged(now: datetime, newest: datetime | None, state: str) -> None:
    [finding] = check_clock(read_settings(ENVIRONMENT), now, newest)
    assert isinstance(finding, Finding)
    assert finding.state == state
