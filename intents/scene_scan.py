"""Scene scan: a follower scanned one of our QR codes, or scanned something from the menu."""

from intents.messages import ScanEvent
from intents.offering import choices
from intents.scenes import store_of_scene
from intents.types import Intent, Reply, Turn
from storage.coupons import running_campaigns

_MOST_OFFERS = 2


def handle(turn: Turn) -> Reply:
    """Tell about the store the code hangs in and what is on; for any other code, greet and offer the way on."""
    scene = turn.message.scene if isinstance(turn.message, ScanEvent) else ""
    store = store_of_scene(turn.tx, scene)
    running = [campaign for campaign in running_campaigns(turn.tx, turn.now) if campaign.left > 0]
    values: dict[str, object] = {
        "brand": turn.brand.name,
        "offers": [campaign.name for campaign in running[:_MOST_OFFERS]],
    }
    if store is None:
        return Reply("scan_other", values, choices=choices(turn, "coupon_list", "store_nearest", "help"))
    values["store"] = {"name": store.name, "address": store.address, "hours": store.hours, "phone": store.phone}
    return Reply("scan_store", values, choices=choices(turn, "coupon_list", "checkin", "help"))


INTENT = Intent(
    name="scene_scan",
    title="扫码",
    handler=handle,
    offered=False,
    replies=("scan_store", "scan_other"),
)
