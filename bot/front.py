"""The front: sends the webhook's requests past Flask's routing, straight to the gate; everything else is ordinary Flask.

Flask's own handling of a request costs as much as a third of a turn, and the webhook needs none of it.
"""

import ipaddress
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from werkzeug.wsgi import ClosingIterator

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WEBHOOK_PATH = "/wechat"
_BUSY = b"busy, please try again\n"


class Front:
    """A WSGI application that is the webhook on its path, and the given application on all others.

    ``most_pages`` bounds how many requests the other paths may handle at once. It is less than the number of the server's threads, so that slow
    readers, slow senders and live pages never hold the threads that messages need; who comes too many gets 503. ``proxy_hops`` is how many proxies of
    ours stand in front.
    """

    def __init__(
        self, application: "WSGIApplication", webhook: "WSGIApplication", *, most_pages: int, proxy_hops: int = 0
    ) -> None:
        self._hops = proxy_hops
        self._application = application
        self._webhook = webhook
        self._pages = threading.BoundedSemaphore(most_pages)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        if self._hops:
            believe_proxies(environ, self._hops)
        if environ.get("PATH_INFO") == WEBHOOK_PATH:
            return self._webhook(environ, start_response)
        if not self._pages.acquire(blocking=False):
            start_response("503 Service Unavailable", [("Content-Type", "text/plain"), ("Retry-After", "2")])
            return [_BUSY]
        try:
            answer = self._application(environ, start_response)
        except BaseException:
            self._pages.release()
            raise
        return ClosingIterator(answer, self._pages.release)


def believe_proxies(environ: "WSGIEnvironment", hops: int) -> None:
    """Take the sender's address from X-Forwarded-For: the entry that the outermost of our ``hops`` proxies wrote.

    What stands before it is the sender's own claim. With fewer entries, or one that is no address, the request did not come that way, and the
    connection's own address stays.
    """
    claimed = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if len(claimed) < hops:
        return
    with suppress(ValueError):
        environ["REMOTE_ADDR"] = str(ipaddress.ip_address(claimed[-hops].strip()))
