"""A consumer in a test: says something through the real gate and reads what the phone would show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from werkzeug.test import Client

from bot.wechat.outbound_push import Element, Push, event_fields, message_fields
from templates.content import Content


@dataclass
class Phone:
    """One consumer's phone; ``safe`` encrypts what it sends. ``last`` are the elements of the newest push, to send again."""

    client: Client
    push: Push
    clock: Callable[[], datetime]
    openid: str = "oAlice"
    safe: bool = False
    last: Mapping[str, Element] = field(default_factory=dict)

    def sends(self, fields: Mapping[str, Element]) -> Content | None:
        """Push these elements and return what the consumer sees; an answer other than 200 fails the test."""
        self.last = fields
        query, body = self.push.of(fields, self.clock(), safe=self.safe)
        answer = self.client.post(f"/wechat?{query}", data=body, content_type="text/xml")
        assert answer.status_code == 200, answer.status
        return self.push.heard(answer.data)

    def sends_again(self) -> Content | None:
        """Push the very same message once more, as the platform does when it got no answer."""
        return self.sends(self.last)

    def says(self, text: str, *, menu_id: str = "") -> str:
        """Say words and return the text of the reply, empty for silence."""
        extra: dict[str, Element] = {"bizmsgmenuid": menu_id} if menu_id else {}
        return shown(
            self.sends(message_fields(self.push.account, self.openid, "text", self.clock(), Content=text, **extra))
        )

    def follows(self, scene: str = "") -> str:
        """Follow the account, through a QR code when ``scene`` is given."""
        elements: dict[str, Element] = {"EventKey": f"qrscene_{scene}", "Ticket": "t"} if scene else {"EventKey": ""}
        return self.does("subscribe", **elements)

    def unfollows(self) -> str:
        """Unfollow the account."""
        return self.does("unsubscribe", EventKey="")

    def taps(self, key: str) -> str:
        """Tap a menu button."""
        return self.does("CLICK", EventKey=key)

    def scans(self, scene: str) -> str:
        """Scan a QR code of the account as a follower."""
        return self.does("SCAN", EventKey=scene, Ticket="t")

    def does(self, event: str, **elements: Element) -> str:
        """Cause an event and return the text of the reply."""
        return shown(self.sends(event_fields(self.push.account, self.openid, event, self.clock(), **elements)))

    def shares_location(self, latitude: float, longitude: float, label: str = "") -> str:
        """Share a place."""
        place: dict[str, Element] = {"Location_X": latitude, "Location_Y": longitude, "Scale": 16, "Label": label}
        return shown(self.sends(message_fields(self.push.account, self.openid, "location", self.clock(), **place)))

    def named(self, openid: str) -> "Phone":
        """Return another consumer's phone."""
        return Phone(self.client, self.push, self.clock, openid, self.safe)


def shown(content: Content | None) -> str:
    """Return the words of what is shown, empty for nothing."""
    return content.summary() if content else ""
