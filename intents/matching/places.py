"""The places a message may name: the brand's stores with their districts and cities, every prefecture of China, and well-known districts.

A frozen lexicon walked like the keywords' table, longest name first. A name that is part of an ordinary word (三明治, 阿里巴巴) is covered by
that word. What the brand itself calls a place wins over the shipped lists, and is the spelling returned. Cities are known in pinyin too, as
words of their own (shanghai, xi'an).
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise, takewhile
from typing import Literal, Protocol

from rapidfuzz import fuzz

from intents.matching.normalise import normalise
from intents.matching.rules import KeywordRule, KeywordRules
from intents.matching.sounds import romanised, spelt_by_ear

PlaceKind = Literal["city", "district", "store"]

ALIASES = {
    "魔都": "上海",
    "帝都": "北京",
    "羊城": "广州",
    "花城": "广州",
    "鹏城": "深圳",
    "蓉城": "成都",
    "山城": "重庆",
    "江城": "武汉",
    "冰城": "哈尔滨",
    "春城": "昆明",
    "泉城": "济南",
    "星城": "长沙",
    "申城": "上海",
    "沪上": "上海",
    "津门": "天津",
    "金陵": "南京",
    "姑苏城": "苏州",
    "甬城": "宁波",
    "鹭岛": "厦门",
    "榕城": "福州",
    "椰城": "海口",
    "星沙": "长沙",
    "hk": "香港",
}
# As people type them; other cities are spelt by their characters.
SPELLINGS = {
    "重庆": "chongqing",
    "厦门": "xiamen",
    "长沙": "changsha",
    "长春": "changchun",
    "长治": "changzhi",
    "蚌埠": "bengbu",
    "六安": "luan",
    "亳州": "bozhou",
    "丽水": "lishui",
    "台州": "taizhou",
    "泰州": "taizhou",
    "乐山": "leshan",
    "朝阳": "chaoyang",
    "呼和浩特": "huhehaote",
    "哈尔滨": "haerbin",
    "成都": "chengdu",
    "香港": "hongkong",
    "澳门": "macau",
    "台北": "taipei",
}
SHORT_SPELLINGS = frozenset({"xian", "wuxi"})  # other spellings of four letters are English words, or names
SHORTEST_SPELLING = 5
NOT_PLACES = (
    "三明治",
    "阿里巴巴",
    "阿里云",
    "北海道",
    "长治久安",
    "大同小异",
    "来宾们",
    "各位来宾",
    "日照时",
    "中山装",
    "普洱茶",
    "大理石",
    "端午安康",
    "身体安康",
    "宝宝",
    "长江",
    "珠江",
)
# What begins at the last character of a province (浙江宁波) is no place. 吉林 is a city as well.
PROVINCES = (
    *("河北", "山西", "辽宁", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南", "湖北", "湖南", "广东"),
    *("广西", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "内蒙古", "宁夏", "新疆", "西藏"),
)
SIMILAR_ENOUGH = 80.0  # of 100: one wrong character in five of a store's name
SHORTEST_FUZZY_NAME = 4  # characters; in a shorter name one wrong character is a different name
SHORTEST_HEARD_NAME = 3  # syllables; of two, half the words of the language sound alike
LONGEST_FUZZY_MESSAGE = 40

_CITY_TAIL = re.compile(r"(?:市|地区|自治州|盟)$")
_DISTRICT_TAIL = re.compile(r"(?:新区|区|县|市|镇)$")
_INNER_NAME = re.compile(r"[(\uff08]([^()\uff08\uff09]+)[)\uff09]")


class NamedStore(Protocol):
    """What matching needs to know of a store; the stored record has it."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def city(self) -> str: ...
    @property
    def district(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Place:
    """A place found in a text: what it is, the brand's word (or code) for it, where it stands, and of a shipped district the city, if it is known."""

    kind: PlaceKind
    value: str
    start: int
    end: int
    city: str = ""


class Places:
    """The lexicon; never changes once made."""

    def __init__(self, stores: Iterable[NamedStore] = ()) -> None:
        """Learn the brand's stores, besides the shipped cities."""
        self._names: dict[str, tuple[PlaceKind, str] | None] = dict.fromkeys(NOT_PLACES + PROVINCES)
        self._cities: dict[str, str] = {}  # of shipped districts
        self._learn_shipped()
        known = tuple(stores)
        self._learn_towns(known)
        for alias, city in ALIASES.items():
            self._names[alias] = self._names[city]  # the brand's spelling, if it is there
        self._cities = {name: self._spelt(city) for name, city in self._cities.items() if city}
        self._store_names = self._learn_stores(known)
        self._by_pair: dict[str, set[str]] = defaultdict(set)
        for name in self._store_names:
            for pair in pairwise(name):
                self._by_pair["".join(pair)].add(name)
        self._heard = KeywordRules(
            KeywordRule(spelt_by_ear(name), code)
            for name, code in self._store_names.items()
            if len(name) >= SHORTEST_HEARD_NAME
        )
        lengths: dict[str, set[int]] = defaultdict(set)
        for name in self._names:
            lengths[name[0]].add(len(name))
        self._lengths = {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}

    def find(self, text: str) -> list[Place]:
        """Return the places a normalised text names, in order, never overlapping."""
        found: list[Place] = []
        position = 0
        while position < len(text):
            for length in self._lengths.get(text[position], ()):
                name = text[position : position + length]
                end = position + length
                if name in self._names and not (name[0].isascii() and _is_inside_a_word(text, position, end)):
                    meant = self._names[name]
                    if meant is not None:
                        found.append(Place(*meant, position, end, self._cities.get(name, "")))
                    position = end
                    break
            else:
                position += 1
        return found

    def similar_store(self, text: str) -> Place | None:
        """Return the one store whose name a normalised text nearly contains: a typo in it, or all of it by its sound; None when none or several do."""
        if not self._by_pair or len(text) > LONGEST_FUZZY_MESSAGE:
            return None
        return self._misspelt(text) or self._misheard(text)

    def _misheard(self, text: str) -> Place | None:
        hits = self._heard.find(spelt_by_ear(text))
        if not hits or any(hit.rule.intent != hits[0].rule.intent for hit in hits):
            return None
        return Place("store", hits[0].rule.intent, hits[0].start, hits[0].start + len(hits[0].rule.text))

    def _misspelt(self, text: str) -> Place | None:
        shared: dict[str, int] = defaultdict(int)
        for pair in pairwise(text):
            for name in self._by_pair.get("".join(pair), ()):
                shared[name] += 1
        best: list[tuple[float, str, int, int]] = []
        for name in sorted(shared, key=lambda name: (-shared[name], name))[:20]:
            if len(text) >= len(name) >= SHORTEST_FUZZY_NAME:
                alignment = fuzz.partial_ratio_alignment(name, text, score_cutoff=SIMILAR_ENOUGH)
                if alignment is not None:
                    best.append((alignment.score, self._store_names[name], alignment.dest_start, alignment.dest_end))
        best.sort(key=lambda one: (-one[0], one[1]))
        if not best or (len(best) > 1 and best[1][0] == best[0][0] and best[1][1] != best[0][1]):
            return None
        return Place("store", *best[0][1:])

    def _learn_shipped(self) -> None:
        """Learn the shipped cities and districts; a district that two cities have belongs to neither."""
        for city, districts in shipped_districts():
            for district, alone in districts:
                for name in {district, _DISTRICT_TAIL.sub("", district) if alone else district}:
                    self._cities[name] = "" if name in self._names else city
                    self._names[name] = ("district", district)
        for city in shipped_cities():
            self._names[city] = self._names[f"{city}市"] = ("city", city)
            self._cities.pop(city, None)

    def _learn_towns(self, stores: tuple[NamedStore, ...]) -> None:
        for store in stores:
            district = normalise(store.district).key
            for name in {district, _DISTRICT_TAIL.sub("", district)}:
                if len(name) > 1:
                    self._names[name] = ("district", store.district)
                    self._cities.pop(name, None)
        for store in stores:  # after the districts: a city where the brand is stays a city
            city = normalise(store.city).key
            short = _CITY_TAIL.sub("", city)
            for name in {city, short, f"{short}市"}:
                if len(name) > 1:
                    self._names[name] = ("city", store.city)
                    self._cities.pop(name, None)
        for spelling, city in shipped_spellings():
            self._names[spelling] = ("city", self._spelt(city))

    def _spelt(self, city: str) -> str:
        """Return a shipped city as the brand spells it."""
        meant = self._names.get(city)
        return meant[1] if meant is not None and meant[0] == "city" else city

    def _learn_stores(self, stores: tuple[NamedStore, ...]) -> dict[str, str]:
        """Add every way of naming one store alone; return these names with the store's code."""
        full = {store.code: normalise(store.name).key for store in stores}
        shared = _shared_start(list(full.values()))
        meanings: dict[str, set[str]] = defaultdict(set)
        for store in stores:
            for name in _spoken_names(store.name, full[store.code], shared):
                meanings[name].add(store.code)
        names = {name: min(codes) for name, codes in meanings.items() if len(codes) == 1 and name not in self._names}
        self._names.update({name: ("store", code) for name, code in names.items()})
        return names


def _shared_start(names: list[str]) -> str:
    """Return what all names start with, the brand's own as a rule; nothing when there is but one store."""
    if len(names) < 2:
        return ""
    return "".join(
        first for first, _ in takewhile(lambda pair: pair[0] == pair[1], zip(min(names), max(names), strict=False))
    )


def _spoken_names(original: str, full: str, shared: str) -> set[str]:
    """Return how people may call a store: its full name, without the brand before it, the part in brackets, each also without 店."""
    names = {full}
    if len(shared) > 1:
        names.add(full[len(shared) :])
    names.update(normalise(inner).key for inner in _INNER_NAME.findall(original))
    names.update([name.removesuffix("店") for name in names])
    return {name for name in names if len(name) > 1}


def _is_inside_a_word(text: str, start: int, end: int) -> bool:
    """Say whether Latin letters go on before or after."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return (before.isascii() and before.isalnum()) or (after.isascii() and after.isalnum())


@cache
def shipped_districts() -> tuple[tuple[str, tuple[tuple[str, bool], ...]], ...]:
    """Return the shipped districts by city, each with whether its name is one without 区 as well."""
    lines = resources.files("intents.matching").joinpath("districts.txt").read_text("utf-8").splitlines()
    rows = [line.split(" ") for line in lines]
    return tuple((city, tuple((name.rstrip("*"), name.endswith("*")) for name in names)) for city, *names in rows)


@cache
def shipped_spellings() -> tuple[tuple[str, str], ...]:
    """Return the cities' pinyin with the city; of two that are spelt the same, the one that the list names first."""
    found: dict[str, str] = {}
    for city in shipped_cities():
        spelling = SPELLINGS.get(city) or romanised(city)
        if spelling.isascii() and (len(spelling) >= SHORTEST_SPELLING or spelling in SHORT_SPELLINGS):
            found.setdefault(spelling, city)
    return tuple(found.items())


@cache
def shipped_cities() -> tuple[str, ...]:
    """Return the prefecture-level cities of China that are shipped with the release, without 市."""
    return tuple(resources.files("intents.matching").joinpath("cities.txt").read_text("utf-8").split())
