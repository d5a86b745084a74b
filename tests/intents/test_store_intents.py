"""The store intents: what is answered to a shared place, a typed one, none at all; that every reply fits and says what it should."""

from dataclasses import replace
from datetime import date, datetime
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from intents import store_hours, store_nearest
from intents.matching.matcher import Matcher
from intents.matching.places import Places
from intents.messages import LocationMessage
from intents.registry import all_intents
from intents.store_facts import FITTING_BYTES, fitting, map_link, store_values
from intents.types import Intent, Reply
from storage.database import Database
from storage.stores import Store, import_stores
from templates.library import Library
from templates.lint import lint
from tests.intents.turns import ACCOUNT, NOON, OPENID, answer

SHANGHAI_NOON = NOON.astimezone(ZoneInfo("Asia/Shanghai"))  # Thursday
JINGAN = Store("SH1", "静安寺店", "上海", "静安区", "南京西路 1 号", "021-0000-0101", 31.2235, 121.4453, "07:30-22:00")
STORES = (
    JINGAN,
    Store("SH2", "外滩店", "上海", "黄浦区", "中山东一路 2 号", "", 31.2400, 121.4900, "18:00-02:00"),
    Store("SH3", "虹桥店", "上海", "闵行区", "申虹路 3 号", "021-0000-0103", 31.1940, 121.3180, "24小时"),
    Store("SH4", "徐家汇店", "上海", "徐汇区", "漕溪北路 4 号", "", 31.1940, 121.4360, "07:30-22:00", open=False),
    Store("SH5", "陆家嘴店", "上海", "浦东新区", "世纪大道 5 号", "", 31.2380, 121.5010, "07:30-22:00"),
    Store("SH6", "前滩店", "上海", "浦东新区", "东育路 6 号", "", 31.1560, 121.4660, "07:30-22:00"),
    Store("HZ1", "西湖店", "杭州", "西湖区", "曙光路 1 号", "", 30.2590, 120.1300, "工作日 08:00-20:00"),
)


@pytest.fixture
def stores(database: Database) -> Database:
    database.write(lambda tx: import_stores(tx, STORES))
    return database


def location(latitude: float, longitude: float) -> LocationMessage:
    return LocationMessage(
        account_id=ACCOUNT, openid=OPENID, key="m:9", sent_at=NOON, latitude=latitude, longitude=longitude
    )


def said(reply: Reply) -> str:
    """Return the words of the reply as shipped, which must render without a fault and fit."""
    rendered = Library().render(reply.template, reply.values)
    assert rendered.fault is None
    assert rendered.template == reply.template
    assert len(rendered.content.text.encode()) <= 1_800
    return rendered.content.text


def test_a_shared_place_gets_the_three_nearest_with_all_one_needs(stores: Database) -> None:
    words = said(answer(stores, store_nearest.handle, location(31.2238, 121.4470)))
    assert [line for line in words.splitlines() if line[:2] in ("1.", "2.", "3.")] == [
        "1. 静安寺店 · 170米",
        "2. 外滩店 · 4.5公里",
        "3. 陆家嘴店 · 5.4公里",
    ]
    assert "营业中，到 22:00" in words
    assert "休息中，今天 18:00 开门" in words
    assert "📞021-0000-0101" in words
    assert words.count("查看地图</a>") == 3
    assert "None" not in words


def test_a_place_far_from_all_stores_gets_the_nearest_city(stores: Database) -> None:
    words = said(answer(stores, store_nearest.handle, location(39.9, 116.4)))
    assert "50 公里内还没有" in words
    assert "上海" in words


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(91.0, 0.0), (0.0, 181.0), (float("nan"), 0.0), (0.0, float("inf"))]
)
def test_a_place_that_is_none_is_asked_for_again(stores: Database, latitude: float, longitude: float) -> None:
    assert answer(stores, store_nearest.handle, location(latitude, longitude)).template == "store_ask"


def test_a_place_shared_before_there_are_stores_is_answered(database: Database) -> None:
    assert "整理中" in said(answer(database, store_nearest.handle, location(31.2, 121.4)))


def test_a_city_gets_a_list_that_says_how_many_more(stores: Database) -> None:
    words = said(answer(stores, store_nearest.handle, "上海", slots={"city": "上海"}))
    assert "上海有 6 家门店" in words
    assert "还有 1 家" in words
    assert "位置" in words


def test_several_cities_are_told_together_and_which_of_them_has_none(stores: Database) -> None:
    slots = {"city": "拉萨", "cities": "拉萨 杭州 上海"}
    words = said(answer(stores, store_nearest.handle, "拉萨、杭州和上海有店吗", slots=slots))
    assert words.startswith("杭州、上海有 7 家门店")
    assert "📍杭州西湖区 曙光路" in words
    assert "拉萨还没有我们的门店" in words
    hours = said(answer(stores, store_hours.handle, "拉萨、杭州和上海几点关门", slots=slots))
    assert "西湖店" in hours
    assert "拉萨还没有我们的门店" in hours
    none = said(answer(stores, store_nearest.handle, "拉萨和绍兴", slots={"city": "拉萨", "cities": "拉萨 绍兴"}))
    assert none.startswith("拉萨还没有我们的门店")


def test_a_city_is_found_with_or_without_its_last_character(stores: Database) -> None:
    assert "西湖店" in said(answer(stores, store_nearest.handle, "杭州市", slots={"city": "杭州市"}))


def test_a_district_counts_more_than_its_city(stores: Database) -> None:
    slots = {"city": "上海", "district": "浦东新区"}
    words = said(answer(stores, store_nearest.handle, "上海浦东新区", slots=slots))
    assert "上海浦东新区有 2 家门店" in words
    assert "还有" not in words


def test_a_city_and_a_district_elsewhere_gets_the_district(stores: Database) -> None:
    reply = answer(stores, store_nearest.handle, "上海西湖区", slots={"city": "上海", "district": "西湖区"})
    assert "西湖店" in said(reply)


def test_a_named_store_is_shown_alone_with_its_map(stores: Database) -> None:
    words = said(answer(stores, store_nearest.handle, "静安寺店", slots={"store": "SH1", "city": "上海"}))
    assert words.startswith("静安寺店\n营业中，到 22:00\n📍上海静安区南京西路 1 号\n")
    assert "查看地图" in words


def test_a_store_that_does_not_trade_says_so(stores: Database) -> None:
    assert "暂停营业" in said(answer(stores, store_nearest.handle, "徐家汇店", slots={"store": "SH4"}))


def test_a_city_without_stores_names_the_nearest_that_have_some(stores: Database) -> None:
    words = said(answer(stores, store_nearest.handle, "绍兴", slots={"city": "绍兴"}))
    assert "绍兴还没有" in words
    assert "杭州、上海" in words
    for handle in (store_nearest.handle, store_hours.handle):
        words = said(answer(stores, handle, "火星", slots={"city": "火星"}))
        assert "有门店的城市：上海、杭州" in words
        assert "离得近" not in words
        assert "杭州、上海" in said(answer(stores, handle, "绍兴", slots={"city": "绍兴"}))


def test_no_place_is_asked_for_and_sharing_it_is_shown(stores: Database) -> None:
    reply = answer(stores, store_nearest.handle, "附近有店吗")
    assert reply.ask is not None
    assert reply.ask.slot == "city"
    assert "＋ → 位置" in said(reply)


def test_a_store_no_longer_known_is_asked_for_again(stores: Database) -> None:
    assert answer(stores, store_nearest.handle, "那家店", slots={"store": "GONE"}).template == "store_ask"


@pytest.mark.parametrize(
    ("hour", "words"),
    [(12, "营业中，到 22:00"), (23, "休息中，明天 07:30 开门"), (6, "休息中，今天 07:30 开门")],
)
def test_hours_say_whether_it_is_open_now(stores: Database, hour: int, words: str) -> None:
    now = SHANGHAI_NOON.replace(hour=hour)
    assert words in said(answer(stores, store_hours.handle, "静安寺店几点关门", now=now, slots={"store": "SH1"}))


def test_hours_past_midnight_belong_to_the_evening_before(stores: Database) -> None:
    slots = {"store": "SH2"}
    late, later = SHANGHAI_NOON.replace(hour=23), SHANGHAI_NOON.replace(hour=1)
    assert "到 次日 02:00" in said(answer(stores, store_hours.handle, "外滩店", now=late, slots=slots))
    assert "营业中，到 02:00" in said(answer(stores, store_hours.handle, "外滩店", now=later, slots=slots))
    assert "24 小时营业中" in said(answer(stores, store_hours.handle, "虹桥店", slots={"store": "SH3"}))


def test_a_weekend_off_is_told_by_the_day_it_ends(stores: Database) -> None:
    friday_night = datetime(2026, 1, 2, 21, 0, tzinfo=SHANGHAI_NOON.tzinfo)
    reply = answer(stores, store_hours.handle, "杭州的店", now=friday_night, slots={"city": "杭州"})
    assert "休息中，周一 08:00 开门" in said(reply)


def test_hours_of_a_city_list_open_stores_first(stores: Database) -> None:
    words = said(answer(stores, store_hours.handle, "上海的店开着吗", slots={"city": "上海"}))
    assert words.index("虹桥店") < words.index("外滩店")
    assert "还有 1 家" in words


def test_hours_without_a_place_are_asked_about(stores: Database) -> None:
    reply = answer(stores, store_hours.handle, "几点开门")
    assert reply.ask is not None
    assert "哪家门店" in said(reply)
    assert "拉萨还没有" in said(answer(stores, store_hours.handle, "拉萨的店", slots={"city": "拉萨"}))


@pytest.mark.parametrize(
    ("store", "slots", "words"),
    [
        ("SH1", {"date": "2026-01-02"}, "明天（周五） 07:30–22:00"),
        ("SH1", {"date": "2026-01-08"}, "1月8日（周四） 07:30–22:00"),
        ("SH2", {"date": "2026-01-03"}, "后天（周六） 18:00–次日 02:00"),
        ("SH3", {"date": "2026-01-02"}, "明天（周五） 24 小时营业"),
        ("HZ1", {"date": "2026-01-03"}, "后天（周六）休息"),
        ("SH1", {"time": "14:30"}, "今天（周四） 14:30 营业，到 22:00"),
        ("SH1", {"time": "06:00"}, "明天（周五） 06:00 不营业，07:30 开门"),
        ("SH2", {"time": "01:00"}, "明天（周五） 01:00 营业，到 02:00"),
        ("SH2", {"time": "23:00"}, "今天（周四） 23:00 营业，到 次日 02:00"),
        ("SH3", {"time": "03:00", "date": "2026-01-03"}, "后天（周六） 03:00 营业\n"),
        ("HZ1", {"time": "09:00", "date": "2026-01-03"}, "后天（周六） 09:00 不营业，1月5日（周一） 08:00 开门"),
    ],
)
def test_a_day_or_a_time_that_is_asked_for_is_answered(
    stores: Database, store: str, slots: dict[str, str], words: str
) -> None:
    told = said(answer(stores, store_hours.handle, "那家店开吗", slots={"store": store, **slots}))
    assert told.splitlines()[1] == words.strip()
    assert "\n现在" in told


@pytest.mark.parametrize(
    ("store", "slots"),
    [
        ("SH1", {"date": "2026-01-01"}),
        ("SH1", {"date": "2025-12-31"}),
        ("SH1", {"date": "2026-01-01", "time": "08:00"}),
        ("SH4", {"date": "2026-01-02"}),
    ],
)
def test_of_today_of_the_past_and_of_a_closed_store_no_more_is_told_than_how_it_stands(
    stores: Database, store: str, slots: dict[str, str]
) -> None:
    asked = answer(stores, store_hours.handle, "那家店开吗", slots={"store": store, **slots})
    assert said(asked) == said(answer(stores, store_hours.handle, "那家店开吗", slots={"store": store}))


def test_a_weekend_is_both_its_days_and_a_holiday_has_a_word_of_care(stores: Database) -> None:
    slots = {"store": "HZ1", "date": "2026-01-03"}
    told = said(answer(stores, store_hours.handle, "西湖店周末几点开", slots=slots))
    assert "后天（周六）休息，1月4日（周日）休息" in told
    assert "节假日" not in told
    slots = {"city": "上海", "date": "2026-10-01"}
    told = said(answer(stores, store_hours.handle, "国庆上海的店几点开", slots=slots))
    assert "10月1日（周四） 07:30–22:00" in told
    assert "节假日可能调整" in told


def test_the_day_is_kept_while_the_store_is_asked_for(stores: Database) -> None:
    reply = answer(stores, store_hours.handle, "明天几点开门", slots={"date": "2026-01-02"})
    assert reply.ask is not None
    assert reply.ask.slots == {"date": "2026-01-02"}


def test_hours_that_cannot_be_read_are_shown_as_they_are(database: Database) -> None:
    database.write(lambda tx: import_stores(tx, [replace(JINGAN, hours="看心情")]))
    words = said(answer(database, store_hours.handle, "静安寺店", slots={"store": "SH1"}))
    assert words.count("看心情") == 1
    assert "营业中" not in words


def test_the_map_link_marks_the_store_whatever_its_name_holds() -> None:
    link = urlsplit(map_link(replace(JINGAN, name='"><b>&;店', address="x" * 99)))
    assert link.geturl().startswith("https://apis.map.qq.com/uri/v1/marker?marker=coord:31.223500,121.445300;title:")
    assert not set('"<> ') & set(link.query)
    marker = parse_qs(link.query)["marker"][0]
    assert 'title:"><b>&;店;addr:上海静安区xxxxxxx' in marker
    assert parse_qs(link.query)["referer"] == ["zhaohu"]


def test_even_the_longest_stores_fit(database: Database) -> None:
    wordy = [
        replace(JINGAN, code=f"W{number}", name="长" * 30, address="址" * 60, phone="0" * 30, hours="07:30-22:00")
        for number in range(6)
    ]
    database.write(lambda tx: import_stores(tx, wordy))
    for said_so, slots in ((location(31.2235, 121.4453), {}), ("上海", {"city": "上海"})):
        for handle in (store_nearest.handle, store_hours.handle):
            if said_so == "上海" or handle is store_nearest.handle:
                said(answer(database, handle, said_so, slots=slots))


def test_at_least_one_store_is_kept_and_no_more_than_fit() -> None:
    long = store_values(replace(JINGAN, address="址" * FITTING_BYTES), SHANGHAI_NOON)
    short = store_values(JINGAN, SHANGHAI_NOON)
    assert fitting([long, short]) == [long]
    assert fitting([short, long]) == [short]
    assert fitting([]) == []


@pytest.mark.parametrize("intent", [store_nearest.INTENT, store_hours.INTENT], ids=lambda intent: str(intent.name))
def test_every_reply_of_the_intents_is_shipped_without_findings(intent: Intent) -> None:
    library = Library()
    for name in intent.replies:
        source = library.source(name)
        assert source is not None
        assert lint(name, source, date(2026, 1, 1)) == []


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("附近哪有店啊", "store_nearest"),
        ("上海", "store_nearest"),
        ("静安区", "store_nearest"),
        ("你们店在哪", "store_nearest"),
        ("静安寺店几点关门", "store_hours"),
        ("外滩店现在开门吗", "store_hours"),
    ],
)
def test_people_are_understood(words: str, intent: str) -> None:
    matcher = Matcher(all_intents(()), Places(STORES))
    assert matcher.match(words, today=date(2026, 1, 1)).intent == intent
