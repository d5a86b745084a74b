"""Welcome: someone followed the account. A word by the QR code they came through, the welcome gift once in a lifetime, a first choice."""

from intents.coupons import coupon_values
from intents.messages import FollowEvent
from intents.offering import choices
from intents.scenes import scene_kind, store_of_scene
from intents.types import Intent, Reply, Turn
from storage import coupons


def handle(turn: Turn) -> Reply:
    """Welcome a new follower with the gift, or one who comes back without a second one."""
    scene = turn.message.scene if isinstance(turn.message, FollowEvent) else ""
    returning = turn.member.follows > 1
    gift = None if returning else _gift(turn, scene)
    store = store_of_scene(turn.tx, scene)
    values = {
        "brand": turn.brand.name,
        "name": turn.member.name,
        "gift": gift,
        "store": {"name": store.name, "address": store.address} if store else None,
    }
    offered = choices(turn, "coupon_mine" if gift else "coupon_list", "store_nearest", "checkin", "help")
    return Reply(_template(scene, returning=returning, in_store=store is not None), values, choices=offered)


def _template(scene: str, *, returning: bool, in_store: bool) -> str:
    if returning:
        return "welcome_back"
    if in_store:
        return "welcome_store"
    return "welcome_flyer" if scene_kind(scene) == "flyer" else "welcome"


def _gift(turn: Turn, scene: str) -> dict[str, object] | None:
    """Give the gift that runs for this scene, and return it in the words of the reply; None when there is none to give."""
    campaign = coupons.welcome_campaign(turn.tx, scene, turn.now)
    if campaign is None:
        return None
    claim = coupons.claim(turn.tx, campaign.id, turn.member.id, cause=coupons.WELCOME, now=turn.now)
    if claim.coupon is None or claim.coupon.state != "usable":
        return None
    return coupon_values(claim.coupon, turn.brand.zone)


INTENT = Intent(
    name="welcome",
    title="欢迎关注",
    handler=handle,
    offered=False,
    replies=("welcome", "welcome_store", "welcome_flyer", "welcome_back"),
)
