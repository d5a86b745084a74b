"""The front: sends the webhook's requests past Flask's routing, straight to the gate; everything else is ordinary Flask.

Flask's own handling of a request costs as much as a third of a turn, and the webhook needs none of it.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WEBHOOK_PATH = "/wechat"


class Front:
    """A WSGI application that is the webhook on its path, and the given application on all others."""

    def __init__(self, application: "WSGIApplication", webhook: "WSGIApplication") -> None:
        self._application = application
        self._webhook = webhook

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        if environ.get("PATH_INFO") == WEBHOOK_PATH:
            return self._webhook(environ, start_response)
        return self._application(environ, start_response)
