"""What a message says beside its intent."""

import time
from datetime import date

import pytest

from intents.matching.dates import find_date
from intents.matching.normalise import normalise
from intents.matching.numbers import chinese_number, find_number
from intents.matching.places import Places, shipped_cities, shipped_districts
from intents.matching.slots import find_slots
from tests.matching.brand import PLACES, TODAY, Shop


@pytest.mark.parametrize(
    ("typed", "slots"),
    [
        # cities: the shipped list, the brand's own spelling, aliases
        ("你们在拉萨有店吗", {"city": "拉萨"}),
        ("上海", {"city": "上海"}),
        ("上海市有几家", {"city": "上海"}),
        ("我在杭州呢", {"city": "杭州市"}),
        ("杭州市", {"city": "杭州市"}),
        ("魔都的店", {"city": "上海"}),
        ("帝都有吗", {"city": "北京"}),
        ("羊城", {"city": "广州"}),
        ("西双版纳有门店吗", {"city": "西双版纳"}),
        ("呼和浩特呢", {"city": "呼和浩特"}),
        ("乌鲁木齐市", {"city": "乌鲁木齐"}),
        ("重慶有店嗎", {"city": "重庆"}),
        ("朝阳市在哪", {"city": "朝阳"}),
        ("三明治多少钱", {}),
        ("三明有店吗", {"city": "三明"}),
        ("阿里巴巴楼下", {}),
        ("长治久安", {}),
        ("大理石桌面", {}),
        ("端午安康", {"date": "2026-06-19"}),
        # districts and stores
        ("朝阳区有店吗", {"district": "朝阳区"}),
        ("北京朝阳", {"city": "北京", "district": "朝阳区"}),
        ("浦东有吗", {"district": "浦东新区"}),
        ("上海浦東新區", {"city": "上海", "district": "浦东新区"}),
        ("国贸店几点关门", {"store": "BJ01"}),
        ("国贸", {"store": "BJ01"}),
        ("麦屿烘焙(静安嘉里店)电话", {"store": "SH01"}),
        ("静安嘉里在哪", {"store": "SH01"}),
        ("五道口华联店开门吗", {"store": "BJ02"}),
        ("五道口花联店开门吗", {"store": "BJ02"}),
        ("陆家咀正大店", {"store": "SH02"}),
        ("西湖银泰", {"store": "HZ01"}),
        ("锅贸店几点关门", {"store": "BJ01"}),  # by its sound
        ("西胡银太怎么走", {"store": "HZ01"}),
        ("我要过冒", {}),
        ("北京国贸店", {"city": "北京", "store": "BJ01"}),
        ("麦屿烘焙", {}),
        # phones
        ("13800138000", {"phone": "13800138000"}),
        ("我手机138 0013 8000", {"phone": "13800138000"}),
        ("138-0013-8000谢谢", {"phone": "13800138000"}),
        ("电话：１３８００１３８０００", {"phone": "13800138000"}),
        ("+8613800138000", {"phone": "13800138000"}),
        ("86 13800138000", {"phone": "13800138000"}),
        ("138001380001", {"number": "138001380001"}),
        ("12345678901", {"number": "12345678901"}),
        ("订单号2138001380009", {"order": "2138001380009"}),
        ("12800138000", {"number": "12800138000"}),
        # days
        ("今天开门吗", {"date": "2026-01-01"}),
        ("明天", {"date": "2026-01-02"}),
        ("后天下午", {"date": "2026-01-03"}),
        ("大后天呢", {"date": "2026-01-04"}),
        ("昨天的订单", {"date": "2025-12-31"}),
        ("今晚几点关", {"date": "2026-01-01"}),
        ("周四营业吗", {"date": "2026-01-01"}),
        ("周三营业吗", {"date": "2026-01-07"}),
        ("这周三去的", {"date": "2025-12-31"}),
        ("星期天开吗", {"date": "2026-01-04"}),
        ("礼拜六", {"date": "2026-01-03"}),
        ("下周一", {"date": "2026-01-05"}),
        ("下周日", {"date": "2026-01-11"}),
        ("下下周五", {"date": "2026-01-16"}),
        ("上周五", {"date": "2025-12-26"}),
        ("5月1日放假吗", {"date": "2026-05-01"}),
        ("五月一号", {"date": "2026-05-01"}),
        ("12月25号买的", {"date": "2025-12-25"}),
        ("十月十二号", {"date": "2025-10-12"}),
        ("2026-03-08", {"date": "2026-03-08"}),
        ("2026/3/8", {"date": "2026-03-08"}),
        ("2027年12月3日", {"date": "2027-12-03"}),
        ("二〇二六年三月八日", {"date": "2026-03-08"}),
        # numbers
        ("3", {"number": "3"}),
        ("给3号", {"number": "3"}),
        ("满100减20", {"number": "100"}),
        ("满1,200减20", {"number": "1200"}),
        ("9.9元", {"number": "9.9"}),
        ("3千", {"number": "3000"}),
        ("1.5万积分", {"number": "15000"}),
        ("十二个", {"number": "12"}),
        ("两张券", {"number": "2"}),
        ("两百积分", {"number": "200"}),
        ("三千五", {"number": "3500"}),
        ("一百零五块", {"number": "105"}),
        ("等一下", {}),
        ("一起去", {}),
        ("我想要一点糖", {}),
        ("统一", {}),
        ("十分好吃", {}),
        ("千万别", {}),
        ("百度地图", {}),
        ("两百三十五块", {"number": "235"}),
        ("两百三十五", {"number": "235"}),
        ("花了一百二", {"number": "120"}),
        ("1.5万", {"number": "15000"}),
        ("十万八千分", {"number": "108000"}),
        # shipped districts: with their city when only one has such a district
        ("石景山有店吗", {"district": "石景山区", "city": "北京"}),
        ("我在深圳福田", {"city": "深圳", "district": "福田区"}),
        ("天河区哪家近", {"district": "天河区", "city": "广州"}),
        ("鼓楼区有店吗", {"district": "鼓楼区"}),
        ("南京鼓楼区", {"city": "南京", "district": "鼓楼区"}),
        ("昆山有吗", {"district": "昆山市", "city": "苏州"}),
        ("义乌", {"district": "义乌市", "city": "金华"}),
        ("萧山区", {"district": "萧山区", "city": "杭州市"}),  # the city as the brand spells it
        ("我在郑东新区", {"district": "郑东新区", "city": "郑州"}),
        ("浙江宁波", {"city": "宁波"}),
        ("浙江都有哪些店", {}),
        ("宝宝安全座椅有吗", {}),
        ("优惠东西多吗", {}),
        ("从化妆品店出来", {}),
        # pinyin, as words of their own
        ("shanghai you dian ma", {"city": "上海"}),
        ("在Beijing的店", {"city": "北京"}),
        ("xian", {"city": "西安"}),
        ("chongqing", {"city": "重庆"}),
        ("hangzhou", {"city": "杭州市"}),
        ("shanghainese", {}),
        ("prague", {}),
        # what is put right
        ("不是北京，是上海", {"city": "上海"}),
        ("不在北京", {"city": "北京"}),
        # more days
        ("三天后", {"date": "2026-01-04"}),
        ("3天前买的", {"date": "2025-12-29"}),
        ("两周后", {"date": "2026-01-15"}),
        ("再过一个星期后", {"date": "2026-01-08"}),
        ("一个月后过期吗", {"date": "2026-02-01"}),
        ("月底前能用吗", {"date": "2026-01-31"}),
        ("这个月底", {"date": "2026-01-31"}),
        ("下个月底", {"date": "2026-02-28"}),
        ("上月末", {"date": "2025-12-31"}),
        ("下月初", {"date": "2026-02-01"}),
        ("月中发货吗", {"date": "2026-01-15"}),
        ("下个月5号", {"date": "2026-02-05"}),
        ("上个月二十号", {"date": "2025-12-20"}),
        ("下个月30号", {"number": "30"}),
        ("年底", {"date": "2026-12-31"}),
        ("周末开门吗", {"date": "2026-01-03"}),
        ("下周末", {"date": "2026-01-10"}),
        ("上周末去的", {"date": "2025-12-27"}),
        ("下周五", {"date": "2026-01-09"}),
        # holidays
        ("国庆营业吗", {"date": "2026-10-01"}),
        ("国庆第二天", {"date": "2026-10-02"}),
        ("国庆节第三天还开吗", {"date": "2026-10-03"}),
        ("国庆后两天", {"date": "2026-10-03"}),
        ("国庆前一天", {"date": "2026-09-30"}),
        ("五一放假吗", {"date": "2026-05-01"}),
        ("五一第二天", {"date": "2026-05-02"}),
        ("五一广场店在哪", {}),
        ("十一开门吗", {"date": "2026-10-01"}),
        ("中秋", {"date": "2026-09-25"}),
        ("中秋节前夕", {"date": "2026-09-24"}),
        ("春节开不开", {"date": "2026-02-17"}),
        ("除夕几号", {"date": "2026-02-16"}),
        ("大年三十营业吗", {"date": "2026-02-16"}),
        ("大年初三", {"date": "2026-02-19"}),
        ("元宵节", {"date": "2026-03-03"}),
        ("正月十五", {"date": "2026-03-03"}),
        ("清明", {"date": "2026-04-05"}),
        ("端午有活动吗", {"date": "2026-06-19"}),
        ("七夕套餐", {"date": "2026-08-19"}),
        ("重阳节", {"date": "2026-10-18"}),
        ("双十一", {"date": "2026-11-11"}),
        ("圣诞节那天", {"date": "2025-12-25"}),  # a week ago: the one just over
        ("元旦", {"date": "2026-01-01"}),
        # times of day
        ("下午三点", {"time": "15:00"}),
        ("后天下午三点", {"date": "2026-01-03", "time": "15:00"}),
        ("明天早上8点半去", {"date": "2026-01-02", "time": "08:30"}),
        ("晚上八点一刻", {"time": "20:15"}),
        ("今晚10点还开吗", {"date": "2026-01-01", "time": "22:00"}),
        ("15:30到", {"time": "15:30"}),
        ("9:05", {"time": "09:05"}),
        ("中午12点", {"time": "12:00"}),
        ("中午一点", {"time": "13:00"}),
        ("凌晨两点", {"time": "02:00"}),
        ("晚上12点", {"time": "00:00"}),
        ("夜里1点", {"time": "01:00"}),
        ("三点钟", {"time": "15:00"}),
        ("九点二十五分", {"time": "09:25"}),
        ("十一点", {"time": "11:00"}),
        ("24点关门吗", {"time": "00:00"}),
        ("8pm", {"time": "20:00"}),
        ("10:30 am", {"time": "10:30"}),
        ("下午三点 2个人", {"time": "15:00", "number": "2"}),
        ("几点关门", {}),
        ("便宜一点", {}),
        ("25点", {"number": "25"}),
        ("有3点建议", {"number": "3"}),
        ("3小时", {"number": "3"}),
        # codes
        ("券码 7KQM-2XWD-9HTR-V4BN 怎么用", {"coupon": "7KQM-2XWD-9HTR-V4BN"}),
        ("7kqm2xwd9htrv4bn", {"coupon": "7KQM-2XWD-9HTR-V4BN"}),
        ("７ＫＱＭ－２ＸＷＤ－９ＨＴＲ－Ｖ４ＢＮ", {"coupon": "7KQM-2XWD-9HTR-V4BN"}),
        ("7KQM-2XWD-9HTR", {}),
        ("订单号：AB20260101-0007", {"order": "AB20260101-0007"}),
        ("订单4200001234202601011234567890", {"order": "4200001234202601011234567890"}),
        ("4200001234202601011234567890到哪了", {"order": "4200001234202601011234567890"}),
        ("单号是 SF1234567890", {"order": "SF1234567890"}),
        ("订单号在哪看", {}),
        # several at once
        (
            "明天上海国贸店给我留2个，电话13800138000",
            {"date": "2026-01-02", "city": "上海", "store": "BJ01", "number": "2", "phone": "13800138000"},
        ),
        ("优惠券怎么领", {}),
    ],
)
def test_what_is_found_in_a_message(typed: str, slots: dict[str, str]) -> None:
    assert find_slots(normalise(typed).text, PLACES, TODAY).slots == slots


def test_the_same_words_mean_another_day_on_another_day() -> None:
    assert find_slots("下周一", PLACES, date(2026, 3, 1)).slots == {"date": "2026-03-02"}
    assert find_slots("5月1日", PLACES, date(2026, 12, 1)).slots == {"date": "2027-05-01"}


@pytest.mark.parametrize("typed", ["2月30日", "2026-13-01", "13月1日", "0月0日", "2026-02-29"])
def test_a_day_that_does_not_exist_is_no_day(typed: str) -> None:
    assert find_date(typed, TODAY) is None


def test_days_at_the_end_of_the_calendar_are_left_alone() -> None:
    assert find_date("大后天", date(9999, 12, 31)) is None
    assert find_date("1月1日", date(1, 1, 1)) is not None


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("十", 10),
        ("二十", 20),
        ("一百一十", 110),
        ("一千零一", 1001),
        ("一万", 10_000),
        ("三万五", 35_000),
        ("一亿二千万", 120_000_000),
        ("二〇二六", 2026),
    ],
)
def test_chinese_numerals_are_read(word: str, value: int) -> None:
    assert chinese_number(word) == value


def test_what_is_no_numeral_is_none() -> None:
    assert chinese_number("") is None
    assert chinese_number("三x") is None
    assert chinese_number("亿" * 50) is None
    assert find_number("9" * 40) is None


@pytest.mark.parametrize(
    "piece",
    [
        "国庆第",
        "下午三点",
        "1234-",
        "订单号",
        "7kqm-",
        "上海",
        "一百",
        "下个月",
        "1:",
        "不是",
        "过1天",
        "shanghai",
        "五一",
        "12点",
        "月的",
    ],
)
def test_hostile_text_is_read_in_time_that_grows_with_its_length(piece: str) -> None:
    def seconds(length: int) -> float:
        text = normalise(piece * (length // len(piece))).text
        begun = time.thread_time()
        find_slots(text, PLACES, TODAY)
        return time.thread_time() - begun

    seconds(600)
    assert min(seconds(600) for _ in range(3)) < 0.01


def test_every_number_is_bounded() -> None:
    for typed in ("999999天后", "99999个月后", "初99", "第99天", "99:99", "农历99月"):
        assert find_slots(normalise(typed).text, PLACES, TODAY).slots.keys() <= {"number"}
    assert find_date("一百个月后", date(9999, 12, 1)) is None
    assert find_date("春节", date(2040, 1, 1)) is None  # beyond the table


def test_shipped_districts_belong_to_shipped_cities() -> None:
    named = [district for _, districts in shipped_districts() for district, _ in districts]
    assert {city for city, _ in shipped_districts()} <= set(shipped_cities())
    assert len(named) > 500
    for city, districts in shipped_districts():
        assert len({name for name, _ in districts}) == len(districts), city


def test_all_prefectures_are_known_once() -> None:
    cities = shipped_cities()
    assert len(cities) == len(set(cities))
    assert 330 <= len(cities) <= 350
    assert {"拉萨", "三沙", "巴音郭楞", "齐齐哈尔", "防城港"} <= set(cities)


def test_a_name_that_two_stores_share_names_neither() -> None:
    places = Places([Shop("A", "万达店", "北京"), Shop("B", "万达店", "上海"), Shop("C", "银泰店", "上海")])
    assert places.find("万达店在哪") == []
    assert [place.value for place in places.find("银泰店在哪")] == ["C"]


def test_a_typo_between_two_stores_decides_for_neither() -> None:
    places = Places([Shop("A", "东门大街店", "北京"), Shop("B", "西门大街店", "北京")])
    assert places.similar_store("南门大街店") is None
    found = places.similar_store("东门大阶店")
    assert found is not None
    assert found.value == "A"


def test_a_brand_without_stores_still_knows_cities() -> None:
    assert [place.value for place in Places().find("成都和武汉市")] == ["成都", "武汉"]


@pytest.mark.parametrize(
    ("typed", "only_places", "only_values"),
    [
        ("上海", True, False),
        ("我在上海", True, False),
        ("那国贸店呢", True, False),
        ("上海几点开门", False, False),
        ("13800138000", False, True),
        ("明天", False, True),
        ("12", False, True),
        ("明天 3个", False, False),
        ("你好", False, False),
    ],
)
def test_it_is_said_when_there_is_nothing_but_places_or_values(
    typed: str, only_places: bool, only_values: bool
) -> None:
    found = find_slots(typed, PLACES, TODAY)
    assert (found.only_places, found.only_values) == (only_places, only_values)


@pytest.mark.parametrize(
    ("typed", "case", "alone"),
    [
        ("C260101ZYGG", "C260101ZYGG", True),
        ("我的投诉 c260101-zygg 处理好了吗", "C260101ZYGG", True),
        ("单号：S260101K7QM", "S260101K7QM", True),
        ("C260101ZYGG 我要退款", "C260101ZYGG", False),
        ("C269901ZYGG", None, False),
        ("C260101ZYGG1", None, False),
        ("AC260101ZYGG", None, False),
    ],
)
def test_the_number_of_a_case_is_found_and_whether_it_is_only_asked_after(
    typed: str, case: str | None, *, alone: bool
) -> None:
    found = find_slots(normalise(typed).text, PLACES, TODAY)
    assert (found.slots.get("case"), found.only_case) == (case, alone)
    assert "order" not in found.slots or case is None
