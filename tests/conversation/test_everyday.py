"""Talk of every day, from outside, with the demo brand's stores: what people really say one after another, and what they then read."""

from datetime import timedelta

import pytest

from bot.demo.brand import demo_stores
from storage import cases, conversations, coupons, exchanges, members
from storage.database import Database
from storage.exchanges import Exchange
from storage.stores import import_stores
from tests.conftest import Clock
from tests.phone import Phone
from tests.storage.people import campaign


@pytest.fixture(autouse=True)
def brand(database: Database) -> None:
    database.write(lambda tx: import_stores(tx, demo_stores()))
    campaign(database)


def last(database: Database) -> Exchange:
    """Return what was said last."""
    [member_id] = members.member_ids_by_openid(database, "oAlice")
    return exchanges.timeline(database, member_id, limit=1)[-1]


# --- giving up, and waiting ---


def test_who_gives_up_leaves_no_suggestion_behind(phone: Phone, database: Database) -> None:
    assert "想到什么说什么" in phone.says("我有个建议")
    assert "先不说这个了" in phone.says("算了不说了")
    assert cases.cases_of(database, last(database).member_id) == []


def test_a_question_put_before_the_suggestion_is_answered_and_not_recorded(phone: Phone, database: Database) -> None:
    phone.says("我有个建议")
    assert "08:00-22:00" in phone.says("等下先问个问题，湖滨店几点关门")
    assert cases.cases_of(database, last(database).member_id) == []
    assert "记下了" in phone.says("希望多出点热饮")


@pytest.mark.parametrize("words", ["不等了", "算了不等了", "不用了送到了", "不用等了", "never mind"])
def test_who_no_longer_waits_leaves_the_queue(phone: Phone, database: Database, words: str) -> None:
    phone.says("人工")
    assert "已为您取消排队" in phone.says(words)
    assert conversations.count_waiting(database) == 0


@pytest.mark.parametrize("words", ["还要等多久", "人呢", "怎么还没有人啊"])
def test_who_asks_where_the_person_is_is_told_the_place_in_the_queue(phone: Phone, words: str) -> None:
    phone.says("人工")
    assert "您已经在排队了" in phone.says(words)


def test_goodbye_from_the_queue_is_answered_by_goodbye(phone: Phone) -> None:
    phone.says("人工")
    assert phone.says("拜拜👋").startswith("再见")


# --- hours of another day ---


def test_a_day_that_only_changes_asks_the_same_of_that_day(phone: Phone) -> None:
    assert "现在" not in phone.says("会展中心店几点关门")
    assert "后天（周六）休息" in phone.says("周六呢")
    assert "明天（周五） 07:30–20:30" in phone.says("那明天呢")
    assert "明天（周五） 08:30–22:30" in phone.says("海岸城店呢")


def test_the_time_that_was_asked_for_is_told(phone: Phone) -> None:
    assert "14:30 不营业，15:00 开门" in phone.says("昆明店下午两点半开吗")
    assert "01:00 不营业" in phone.says("长沙店凌晨一点还开吗")
    assert "后天（周六） 08:00 不营业" in phone.says("国贸店周六早上8点开门吗")


# --- coupons, by what people call them ---


@pytest.fixture
def two(database: Database, clock: Clock) -> None:
    """Two campaigns beside the one of all tests, one of them over."""
    campaign(database, "HALF", name="周三第二杯半价", offer="拿铁系列第二杯半价")
    over = clock() - timedelta(days=1)
    campaign(
        database,
        "AUTUMN",
        name="桂花季尝鲜",
        offer="桂花拿铁立减 8 元",
        starts_at=over - timedelta(days=9),
        ends_at=over,
    )


def held(database: Database, clock: Clock) -> list[str]:
    """Return what the coupons are called that are held."""
    return sorted(coupon.name for coupon in coupons.coupons_of(database, last(database).member_id, clock()))


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("words", ["周三半价的", "周三那张", "我要第二張", "the second one", "周三拿铁系列的吧"])
def test_a_coupon_is_picked_by_what_it_is_called_too(
    phone: Phone, database: Database, clock: Clock, words: str
) -> None:
    assert "2. 周三第二杯半价" in phone.says("领券")
    assert "领到啦" in phone.says(words)
    assert held(database, clock) == ["周三第二杯半价"]


@pytest.mark.usefixtures("two")
def test_what_stands_for_several_or_for_none_picks_nothing(phone: Phone, database: Database, clock: Clock) -> None:
    phone.says("领券")
    for words in ("好的", "都可以", "这些券的"):
        phone.says(words)
    assert held(database, clock) == []


@pytest.mark.usefixtures("two")
def test_a_campaign_in_short_is_known_also_when_it_is_over(phone: Phone) -> None:
    assert "「桂花季尝鲜」" in phone.says("桂花季还能领吗")
    assert "结束" in phone.says("桂花季还能领吗")
    assert "领到啦" in phone.says("周三半价的")
    assert "领到啦" not in phone.says("第二杯")


@pytest.mark.usefixtures("two")
def test_what_is_asked_of_a_campaign_is_answered_and_claims_nothing(
    phone: Phone, database: Database, clock: Clock
) -> None:
    assert "点单时把券码给店员看" in phone.says("周三第二杯半价怎么用")
    assert "还剩" in phone.says("周三第二杯半价还有多少张")
    assert "正在进行的优惠" in phone.says("周三第二杯半价是什么意思")
    assert held(database, clock) == []
    phone.says("周三第二杯半价")
    assert "您的「周三第二杯半价」" in phone.says("周三第二杯半价怎么用")


def test_whoever_asks_for_a_birthday_coupon_is_given_no_other(phone: Phone, database: Database, clock: Clock) -> None:
    assert "没有找到“生日券”" in phone.says("生日有券吗")
    assert held(database, clock) == []
    assert "领到啦" in phone.says("你们今天有券吗")


def test_who_asks_after_the_gift_of_following_is_shown_it(phone: Phone, database: Database, clock: Clock) -> None:
    campaign(database, "HELLO", name="关注有礼", offer="任意饮品立减 5 元", kind="welcome")
    phone.follows()
    for words in ("关注有礼怎么没收到", "见面礼在哪里领"):
        assert "任意饮品立减 5 元" in phone.says(words)
    assert held(database, clock) == ["关注有礼"]


# --- what a message leaves out ---


def test_what_leaves_its_subject_out_is_about_the_same_store(phone: Phone) -> None:
    phone.says("湖滨店在哪")
    assert "0571-0000-0018" in phone.says("电话号码多少")
    assert "明天（周五） 06:00 不营业" in phone.says("早上六点钟开不开呀")
    assert "东坡路 47 号" in phone.says("地址")


def test_hours_in_general_are_those_of_the_store_just_named(phone: Phone) -> None:
    assert "各门店" in phone.says("营业时间")
    phone.says("湖滨店在哪")
    assert "湖滨店" in phone.says("营业时间")
    assert "明天（周五） 08:00–22:00" in phone.says("聽日開唔開？")
    assert "24 小时营业中" in phone.says("徐家汇是24小时的吗")


def test_hours_that_interrupt_a_question_are_no_answer_to_it(phone: Phone, database: Database) -> None:
    phone.says("湖滨店在哪")
    phone.says("意见反馈")
    assert "湖滨店" in phone.says("营业时间")
    assert cases.cases_of(database, last(database).member_id) == []


def test_what_may_be_of_points_is_of_coupons_after_those(phone: Phone, database: Database, clock: Clock) -> None:
    phone.says("领券")
    assert "券过了有效期" in phone.says("会过期吗")
    phone.says("我的积分")
    assert "会不会过期" in phone.says("会过期吗")
    assert held(database, clock) == ["新年拿铁券"]


def test_nothing_is_given_out_by_a_guess(phone: Phone, database: Database, clock: Clock) -> None:
    phone.says("我的券")
    phone.says("关于优惠券")
    assert held(database, clock) == []


def test_a_store_of_the_list_is_pointed_at_by_its_place(phone: Phone) -> None:
    listed = phone.says("上海有店吗")
    second = next(line for line in listed.splitlines() if line.startswith("2. ")).removeprefix("2. ")
    assert phone.says("第二家电话多少").startswith(second)
    assert phone.says("第二家几点关门").startswith(second)
    assert not phone.says("第一家几点关门").startswith(second)
    assert phone.says("第二家").startswith(second)
    phone.says("上海有店吗")
    assert phone.says("那第2家呢").startswith(second)


def test_two_cities_are_told_together(phone: Phone) -> None:
    told = phone.says("西安和成都都有店吗")
    assert "钟楼店" in told
    assert "春熙路店" in told
    assert "钟楼店" not in phone.says("不是西安，是成都")


def test_the_nearest_are_pointed_at_too(phone: Phone) -> None:
    assert "1. 汀禾咖啡（静安寺店）" in phone.shares_location(31.2290, 121.4550)
    assert phone.says("第一家几点关门").startswith("汀禾咖啡（静安寺店）")


def test_a_place_that_the_list_does_not_have_points_at_nothing(phone: Phone) -> None:
    phone.says("杭州有店吗")
    assert "汀禾咖啡" in phone.says("第一家几点关门")
    assert "哪家门店" in phone.says("第五家几点关门")


def test_a_campaign_to_come_is_told_when_it_begins(phone: Phone, database: Database, clock: Clock) -> None:
    begins = clock() + timedelta(days=3)
    campaign(
        database,
        "WINTER",
        name="冬日热饮季",
        offer="热饮减 12 元",
        starts_at=begins,
        ends_at=begins + timedelta(days=9),
    )
    assert "1月4日" in phone.says("冬日热饮季什么时候开始")
    assert held(database, clock) == []


def test_praise_is_thanked_for(phone: Phone) -> None:
    assert phone.says("你们家咖啡真好喝").startswith("谢谢夸奖")
    assert phone.says("谢谢").startswith("不客气")


def test_who_no_longer_complains_complains_not_again(phone: Phone, database: Database) -> None:
    phone.says("不投诉了，钱到了")
    assert cases.cases_of(database, last(database).member_id) == []
    assert conversations.count_waiting(database) == 0


# --- anger ---


@pytest.mark.parametrize("words", ["你好垃圾", "呵呵谢谢你们的垃圾服务"])
def test_a_hello_in_anger_gets_a_person_and_no_pleasantry(phone: Phone, database: Database, words: str) -> None:
    assert "已经请客服同事来处理" in phone.says(words)
    assert conversations.count_waiting(database) == 1


def test_who_is_upset_reads_the_same_answer_only_once(phone: Phone, database: Database) -> None:
    assert "原路退回" in phone.says("退款怎么还没到")
    assert "已经请客服同事来处理" in phone.says("到底什么时候退")
    assert conversations.count_waiting(database) == 1


def test_a_word_put_right_is_no_anger(phone: Phone) -> None:
    phone.says("湖滨店几点关门")
    assert "钱江新城店" in phone.says("错了，是钱江新城店")


def test_who_is_not_upset_may_read_it_again(phone: Phone) -> None:
    assert phone.says("怎么申请退款") == phone.says("退款流程")
