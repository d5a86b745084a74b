"""Clusters of unanswered messages: one wish in many wordings together, others apart, the same every time, and fast whatever is sent."""

import random
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.matching.clusters import MOST_WORDINGS, Cluster, Unanswered, cluster, key_of, subject_of
from intents.matching.naming import name_of, title_of

DAY = date(2026, 1, 1)
WISHES = {
    "电影": "你们放电影吗|电影票怎么买|周末有什么电影|电影几点开始|电影票能退吗",
    "雨伞": "可以借雨伞吗|借把雨伞|有雨伞借吗|雨伞借了怎么还|雨伞在哪借",
    "轮椅": "轮椅能进来吗|有轮椅通道吗|坐轮椅方便进店吗|轮椅可以上楼吗",
    "插座": "有插座吗|插座在哪里|哪个位置有插座|座位旁边有插座不",
    "gluten": "is there gluten free bread|gluten free pls|any gluten free cakes|gluten free options?",
    "蜡烛": "蛋糕送蜡烛吗|有没有蜡烛|蜡烛要另外买吗|可以多给几根蜡烛吗",
}
STRAY = ("今天好冷啊", "你多大了", "帮我算道题", "嘿嘿", "ok")


def said(texts: Iterable[str]) -> list[Unanswered]:
    return [Unanswered(number, text, DAY + timedelta(days=number % 3)) for number, text in enumerate(texts)]


def everything() -> list[str]:
    return [*(text for texts in WISHES.values() for text in texts.split("|")), *STRAY]


def texts_of(found: Cluster) -> set[str]:
    return {wording.text for wording in found.wordings}


def test_one_wish_in_many_wordings_is_one_cluster_with_a_name() -> None:
    found = cluster(said(everything()))
    for title, texts in WISHES.items():
        wanted = set(texts.split("|"))
        best = max(found, key=lambda one: len(texts_of(one) & wanted))
        assert texts_of(best) == wanted
        assert best.title == title
    assert {one.wordings[0].text for one in found if one.size == 1} == set(STRAY)


def test_the_order_of_arrival_changes_nothing() -> None:
    texts = everything()
    once = {frozenset(texts_of(one)) for one in cluster(said(texts))}
    random.Random(3).shuffle(texts)
    assert {frozenset(texts_of(one)) for one in cluster(said(texts))} == once


def test_a_cluster_counts_messages_wordings_and_days_and_knows_its_newest() -> None:
    [found] = cluster(said(["借雨伞", "借雨伞！", "借把雨伞", "借雨伞"]))
    assert (found.size, len(found.wordings), found.newest_id) == (4, 2, 3)
    assert found.wordings[0].times == 3
    assert found.days == ((DAY, 2), (DAY + timedelta(days=1), 1), (DAY + timedelta(days=2), 1))
    assert sum(count for _, count in found.days) == found.size


def test_numbers_and_spelling_make_no_other_wording() -> None:
    assert key_of("订单 12345 到哪了？") == key_of("訂單98765到哪了")
    [found] = cluster(said(f"订单{number}到哪了" for number in range(50)))
    assert (found.size, len(found.wordings)) == (50, 1)


def test_the_words_of_asking_do_not_bring_together() -> None:
    assert subject_of(key_of("请问你们可以借雨伞吗")) == "借雨伞"
    assert subject_of(key_of("怎么办")) == "怎么办"
    assert len(cluster(said(["有插座吗", "有雨伞吗", "有电影吗"]))) == 3


@pytest.mark.parametrize(
    ("texts", "clusters"),
    [
        ([], 0),
        (["", " ", "！！", "\u200b"], 0),
        (["在吗"] * 10_000, 1),
        (["啊" * 2_000] * 300 + ["哦" * 2_000], 2),
    ],
    ids=["nothing", "no words", "ten thousand equal ones", "endless ones"],
)
def test_whatever_is_sent_is_put_together(texts: list[str], clusters: int) -> None:
    assert len(cluster(said(texts))) == clusters


def test_of_very_many_wordings_the_most_said_are_looked_at() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    texts = [f"{a}{b}{c}" for a in letters for b in letters for c in letters][: MOST_WORDINGS + 500]
    found = cluster(said([*texts, "借雨伞", "借雨伞"]))
    assert sum(len(one.wordings) for one in found) == MOST_WORDINGS
    assert any("借雨伞" in texts_of(one) for one in found)


@settings(max_examples=40)  # each takes a thirtieth of a second
@given(st.lists(st.text(max_size=30), max_size=12))
def test_every_message_with_words_is_in_exactly_one_cluster(texts: list[str]) -> None:
    found = cluster(said(texts))
    assert sum(one.size for one in found) == sum(1 for text in texts if key_of(text))
    assert len({one.key for one in found}) == len(found)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("停车", "tingche"),
        ("wifi 密码", "wifi_mima"),
        ("666", "topic_666"),
        ("Vegan Cake", "vegan_cake"),
        ("！", "topic"),
    ],
)
def test_a_title_becomes_a_name_that_intents_may_have(title: str, name: str) -> None:
    assert name_of(title) == name


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert name_of("停车", {"tingche", "tingche_2"}) == "tingche_3"
    assert len(name_of("车" * 30, {name_of("车" * 30)})) <= 40


def test_without_anything_shared_the_name_is_the_beginning_of_the_wording() -> None:
    assert title_of({"一": 1, "二": 1, "三": 1, "四": 1}, "这句话说得很长很长很长很长") == "这句话说得很长很长很长很"
