"""The places a message may name: the brand's stores with their districts and cities, and every prefecture of China.

A frozen lexicon walked like the keywords' table, longest name first. A name that is part of an ordinary word (三明治, 阿里巴巴) is covered by
that word. What the brand itself calls a place wins over the shipped list, and is the spelling returned.
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
}
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
)
SIMILAR_ENOUGH = 80.0  # of 100: one wrong character in five of a store's name
SHORTEST_FUZZY_NAME = 4  # characters; in a shorter name one wrong character is a different name
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
    """A place found in a text: what it is, the brand's word (or code) for it, and where it stands."""

    kind: PlaceKind
    value: str
    start: int
    end: int


class Places:
    """The lexicon; never changes once made."""

    def __init__(self, stores: Iterable[NamedStore] = ()) -> None:
        """Learn the brand's stores, besides the shipped cities."""
        self._names: dict[str, tuple[PlaceKind, str] | None] = dict.fromkeys(NOT_PLACES)
        for city in shipped_cities():
            self._names[city] = self._names[f"{city}市"] = ("city", city)
        known = tuple(stores)
        self._learn_towns(known)
        for alias, city in ALIASES.items():
            self._names[alias] = self._names[city]  # the brand's spelling, if it is there
        self._store_names = self._learn_stores(known)
        self._by_pair: dict[str, set[str]] = defaultdict(set)
        for name in self._store_names:
            for pair in pairwise(name):
                self._by_pair["".join(pair)].add(name)
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
                if name in self._names:
                    meant = self._names[name]
                    end = position + length
                    if meant is not None:
                        found.append(Place(*meant, position, end))
                    position = end
                    break
            else:
                position += 1
        return found

    def similar_store(self, text: str) -> Place | None:
        """Return the one store whose name a normalised text nearly contains (a typo in it), or None when none or several do."""
        if not self._by_pair or len(text) > LONGEST_FUZZY_MESSAGE:
            return None
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

    def _learn_towns(self, stores: tuple[NamedStore, ...]) -> None:
        for store in stores:
            district = normalise(store.district).key
            for name in {district, _DISTRICT_TAIL.sub("", district)}:
                if len(name) > 1:
                    self._names[name] = ("district", store.district)
        for store in stores:  # after the districts: a city where the brand is stays a city
            city = normalise(store.city).key
            short = _CITY_TAIL.sub("", city)
            for name in {city, short, f"{short}市"}:
                if len(name) > 1:
                    self._names[name] = ("city", store.city)

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


@cache
def shipped_cities() -> tuple[str, ...]:
    """Return the prefecture-level cities of China that are shipped with the release, without 市."""
    return tuple(resources.files("intents.matching").joinpath("cities.txt").read_text("utf-8").split())
