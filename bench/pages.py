"""What pages that people look at cost in a store with a history: each asked for in one process, without a network."""

import statistics
import time
from datetime import UTC, datetime

from flask.testing import FlaskClient

from bench.history import ADMINISTRATOR, PASSWORD, SUPERVISOR
from bot.api.routes import SCOPES
from bot.app import create_app
from bot.service import service_of
from bot.settings import Settings
from storage import api_tokens, members
from storage.database import Database

_TIMES = 5
PAGES = {  # by who looks at them
    SUPERVISOR: {
        "overview, again": "/console/",
        "desk, dialogue": "/desk/m/{member}",
        "desk, queue": "/desk/queue",
        "member": "/console/members/{member}",
        "members, newest": "/console/members/",
        "members, a name": "/console/members/?q=林",
        "members, nobody": "/console/members/?q=没有这个人",
        "members, an openid": "/console/members/?q={openid}",
        "outbox": "/console/outbox/",
        "outbox, to come": "/console/outbox/coming",
        "campaigns": "/console/campaigns/",
        "codes": "/console/codes/",
        "tags": "/console/tags/",
        "audit": "/console/audit",
    },
    ADMINISTRATOR: {
        "understanding": "/console/understanding/",
        "its figures": "/console/understanding/figures",
        "examples": "/console/examples/",
        "notices": "/console/notices/",
        "API, exchanges": "/api/v1/exchanges",
        "API, members": "/api/v1/members",
        "API, coupons": "/api/v1/coupons",
        "metrics": "/metrics",
        "readyz": "/readyz",
    },
}
FIRST = "overview, first"


def measure(database: Database, settings: Settings, openid: str) -> dict[str, float]:
    """Return the median of a few requests for each page, in milliseconds; pages of one member are those of whoever is known by ``openid``."""
    now = datetime.now(UTC)
    token = database.write(lambda tx: api_tokens.add_token(tx, f"bench-{now:%H%M%S%f}", SCOPES, now))
    [member] = members.member_ids_by_openid(database, openid)
    app, found = create_app(settings, database), {}
    service_of(app).engine.knowledge.newest(database)  # learned once a process, whatever the store holds
    for who, paths in PAGES.items():
        with app.test_client() as client:
            _sign_in(client, who)
            if FIRST not in found:
                found[FIRST] = _milliseconds(client, "/console/", token, times=1)
            for name, path in paths.items():
                found[name] = _milliseconds(client, path.format(member=member, openid=openid), token, _TIMES)
    return found


def _sign_in(client: FlaskClient, who: str) -> None:
    page = client.get("/login").get_data(as_text=True)
    token = page.partition('csrf_token" value="')[2].partition('"')[0]
    form = {"name": who, "password": PASSWORD, "csrf_token": token}
    if client.post("/login", data=form).status_code != 302:
        raise RuntimeError("signing in failed")


def _milliseconds(client: FlaskClient, path: str, token: str, times: int) -> float:
    headers = {"Authorization": f"Bearer {token}"} if path.startswith("/api/") else {}
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        answer = client.get(path, headers=headers)
        answer.get_data()
        taken.append((time.perf_counter() - started) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")
    return statistics.median(taken)
