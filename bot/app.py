"""The one place of assembly: settings in, a Flask application out. No work, connection or reading of the environment happens at import."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask

from bot.api.views import NAME as API
from bot.api.views import create_api
from bot.console.pages import console
from bot.consumer.pages import answer_url
from bot.consumer.pages import pages as consumer
from bot.conversation.engine import Engine
from bot.conversation.feed import Feed
from bot.conversation.knowledge import KnowledgeCache
from bot.conversation.late import DEADLINE_SECONDS, LateReplies
from bot.crm import works_of
from bot.desk.routes import desk_pages
from bot.front import AsgiFront, WsgiFront
from bot.health import WEBHOOK, health
from bot.loading import default_spool
from bot.media import Media, media_cache_of
from bot.metrics import metrics
from bot.request_ids import number_requests
from bot.service import Service, service_of
from bot.settings import Settings, check_can_serve
from bot.shelter import Shelter
from bot.simulator.install import MACHINES as SIMULATOR_MACHINES
from bot.simulator.install import install_simulator
from bot.waiting import InThread, OnLoop
from bot.web.install import install
from bot.wechat.account import Account
from bot.wechat.callers import Callers
from bot.wechat.client import WeChatClient
from bot.wechat.consent_links import ConsentLinks
from bot.wechat.gate import Gate, Quarantined
from bot.wechat.spool import Spool
from bot.wechat.webhook import Webhook
from intents.types import Brand
from storage import quarantine
from storage.database import Database
from storage.errors import StorageUnavailable

_THREADS_THAT_WAIT = (
    64  # for what a message may have to wait for: another process that writes, an answer being looked up
)


def utc_now() -> datetime:
    """Return the time, aware, in UTC."""
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    database: Database,
    *,
    clock: Callable[[], datetime] = utc_now,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> Flask:
    """Build the service: webhook, pages and live feed over one database; answers that take longer than ``deadline_seconds`` follow later.

    Raises SettingsError when the settings do not allow serving.
    """
    check_can_serve(settings)
    service = build_service(settings, database, clock, deadline_seconds=deadline_seconds)
    app = Flask("bot", static_folder=None, template_folder=None)
    service.attach(app)
    number_requests(app)
    install(app, service, machines={health.name, metrics.name, API, *SIMULATOR_MACHINES})
    app.register_blueprint(health)
    app.register_blueprint(metrics)
    app.register_blueprint(desk_pages())
    app.register_blueprint(create_api())
    app.register_blueprint(consumer)
    if settings.simulator:
        install_simulator(app, service, account_of(settings))
    app.register_blueprint(console)
    webhook = app.extensions[WEBHOOK] = build_webhook(service)
    front = WsgiFront(app.wsgi_app, webhook, InThread(database), proxy_hops=settings.proxy_hops)
    app.wsgi_app = front  # type: ignore[method-assign]
    return app


def as_asgi(app: Flask) -> AsgiFront:
    """Return the application as the server runs it: messages on its event loop, pages in threads."""
    service = service_of(app)
    waiting = OnLoop(service.database, threads=_THREADS_THAT_WAIT)
    settings = service.settings
    return AsgiFront(
        app.wsgi_app, app.extensions[WEBHOOK], waiting, most_pages=settings.threads, proxy_hops=settings.proxy_hops
    )


def build_service(
    settings: Settings,
    database: Database,
    clock: Callable[[], datetime] = utc_now,
    *,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> Service:
    """Build the parts of a service that answer and remember, without its pages."""
    knowledge, wake = KnowledgeCache(), threading.Event()
    late = LateReplies(
        database, clock, knowledge.library, works_of(settings), wake=wake, deadline_seconds=deadline_seconds
    )
    engine = Engine(
        database=database,
        brand=brand_of(settings),
        clock=clock,
        rate_limit=settings.member_rate_limit,
        choice_links=settings.wechat_choice_links,
        knowledge=knowledge,
        late=late,
    )
    wechat = WeChatClient(settings, database, clock)
    shelter = build_shelter(settings, database, engine, clock)
    media = Media(wechat, media_cache_of(settings), clock)
    return Service(
        settings, database, clock, engine, Feed(database), wake, wechat, media, shelter, consent_links_of(settings)
    )


def consent_links_of(settings: Settings) -> ConsentLinks | None:
    """Return what makes links for reminders of coupons by one-time subscription, None where no template is set for them."""
    if not settings.coupon_once_template:
        return None
    return ConsentLinks(
        settings.wechat_app_id, settings.coupon_once_template, answer_url(settings.public_url), settings.secret_key
    )


def brand_of(settings: Settings) -> Brand:
    """Return what handlers may know of the account."""
    links = consent_links_of(settings)
    return Brand(
        name=settings.brand_name,
        zone=settings.timezone,
        desk_opens=settings.desk_hours.opens,
        desk_closes=settings.desk_hours.closes,
        checkin_points=settings.checkin_points,
        orders_known=bool(settings.crm_lookup_url),
        reminder_link=links.link if links else None,
    )


def account_of(settings: Settings) -> Account:
    """Return the account's side of the agreement with the platform."""
    return Account(
        app_id=settings.wechat_app_id,
        token=settings.wechat_token,
        aes_key=settings.wechat_encoding_aes_key,
        previous_aes_key=settings.wechat_previous_encoding_aes_key,
        mode=settings.mode,
        account_id=settings.wechat_account_id,
        max_age_seconds=settings.wechat_max_age_seconds,
    )


def build_webhook(service: Service) -> Webhook:
    """Build the webhook: the gate before, the engine behind, quarantine and shelter beside it."""
    clock = service.clock
    return Webhook(
        Gate(account_of(service.settings), clock),
        service.engine.answer,
        lambda found: _put_aside(service.database, found, clock()),
        unavailable=(StorageUnavailable,),
        shelter=service.shelter,
        admits=Callers(service.database, service.wechat, clock).admits
        if service.settings.wechat_callback_only
        else None,
    )


def build_shelter(settings: Settings, database: Database, engine: Engine, clock: Callable[[], datetime]) -> Shelter:
    """Build what keeps pushes while the database is away."""
    return Shelter(
        Spool(settings.spool_folder or default_spool(settings.database_url)),
        database,
        account_of(settings),
        engine,
        lambda found, now: _put_aside(database, found, now),
        clock,
    )


def _put_aside(database: Database, found: Quarantined, now: datetime) -> None:
    """Keep what was signed but not understood where staff see it."""
    database.write(
        lambda tx: quarantine.keep(
            tx,
            reason=found.reason,
            account_id=found.account_id,
            openid=found.openid,
            body=found.body_text,
            now=now,
        )
    )
