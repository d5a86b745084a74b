"""Request ids: each request to pages and API gets one, which its lines in the log carry and its answer tells, so that a person's report finds them."""

import secrets

from flask import Flask, Response

from bot.logs import request_id

HEADER = "X-Request-Id"


def number_requests(app: Flask) -> None:
    """Give every request of the app an id of its own; what the sender claims is never taken."""

    def begin() -> None:
        request_id.set(secrets.token_hex(8))

    def tell(response: Response) -> Response:
        response.headers[HEADER] = request_id.get()
        return response

    def end(_: BaseException | None) -> None:
        request_id.set("")  # the thread serves others after this

    app.before_request(begin)
    app.after_request(tell)
    app.teardown_request(end)
