"""Scenes: what the parameter of a QR code says about the spot it hangs at. ``store_SH0007`` is in a store, ``flyer_…`` on paper, others are the brand's own."""

from typing import Literal

from storage.database import Queries
from storage.stores import Store, store_by_code

STORE_PREFIX = "store_"
_ON_PAPER = ("flyer", "box", "bag", "poster")  # things that are carried away: the follower may be anywhere


def scene_kind(scene: str) -> Literal["store", "flyer", "other"]:
    """Return what kind of spot a scene names."""
    if scene.startswith(STORE_PREFIX):
        return "store"
    return "flyer" if scene.split("_", 1)[0] in _ON_PAPER else "other"


def store_of_scene(queries: Queries, scene: str) -> Store | None:
    """Return the store whose code the scene carries, or None."""
    return store_by_code(queries, scene.removeprefix(STORE_PREFIX)) if scene_kind(scene) == "store" else None
