"""One-time subscriptions: the link by which a member allows one message, and the check of what the platform brings back from it.

The platform's page asks the member and goes on to our own with ``openid``, ``template_id``, ``action``, ``scene`` and ``reserved``. Anybody can call that
address with anything; only ``reserved`` is ours: whose link it is and when it was made, signed together with account, template and scene.

Source: the page on one-time subscriptions at https://developers.weixin.qq.com/doc/service/guide/product/message/One-time_subscription_info.html, read 2026-03.
"""

import hmac
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import urlencode

PAGE = "https://mp.weixin.qq.com/mp/subscribemsg"
LASTS = timedelta(days=7)
COUPONS = "101"  # the scene of reminders before coupons expire; of the numbers from 0 to 10000 that there are
_AHEAD = timedelta(minutes=10)  # by which the clocks of two of our machines may differ
_MARK_DIGITS = 32
_RESERVED = re.compile(
    r"([0-9a-f]{16})([0-9a-f]{12})([0-9a-f]{32})"
)  # the platform takes letters and digits alone, 128 at most


@dataclass(frozen=True, slots=True)
class Asked:
    """A link of ours as it came back: whose it is, and its number among their links."""

    member_id: int
    number: str


@dataclass(frozen=True, slots=True)
class ConsentLinks:
    """Makes and checks the links of one template in one scene; ``answer_url`` is our page that the platform goes on to."""

    app_id: str
    template_id: str
    answer_url: str
    secret_key: str = field(repr=False)
    scene: str = COUPONS

    def link(self, member_id: int, now: datetime) -> str:
        """Return a link for one member alone, good for one consent until ``LASTS`` from now."""
        asked = f"{member_id:016x}{int(now.timestamp() * 1000):012x}"
        values = {
            "action": "get_confirm",
            "appid": self.app_id,
            "scene": self.scene,
            "template_id": self.template_id,
            "redirect_url": self.answer_url,
            "reserved": asked + self._mark(asked),
        }
        return f"{PAGE}?{urlencode(values)}#wechat_redirect"

    def read(self, reserved: str) -> tuple[Asked, datetime] | None:
        """Return what a ``reserved`` of ours says, and when it was made; None when we did not make it for this template and scene."""
        found = _RESERVED.fullmatch(reserved)
        if found is None or not hmac.compare_digest(found[3], self._mark(found[1] + found[2])):
            return None
        made = datetime.fromtimestamp(int(found[2], 16) / 1000, UTC)
        return Asked(int(found[1], 16), found[2]), made

    def _mark(self, asked: str) -> str:
        said = f"one-time subscription {self.app_id} {self.template_id} {self.scene} {asked}"
        return hmac.new(self.secret_key.encode(), said.encode(), sha256).hexdigest()[:_MARK_DIGITS]


def is_current(made: datetime, now: datetime) -> bool:
    """Say whether a link that was made then is still good."""
    return made - _AHEAD <= now < made + LASTS
