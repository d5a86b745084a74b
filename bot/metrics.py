"""``/metrics``: how the service does, in the text format of Prometheus.

Nothing is counted twice: the parts count in plain numbers as they work, and this reads them when asked, with a few figures from the database.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import cast

from flask import Blueprint, Response, abort, current_app
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from bot import service
from bot.health import WEBHOOK
from bot.logs import line_handler
from bot.monitors import is_monitor
from bot.service import Service
from bot.web.live import Places, places_of
from bot.wechat.latency import BOUNDS_SECONDS, Latencies
from bot.wechat.webhook import Webhook
from storage import access_tokens, monitoring, outbox
from storage.errors import StorageError

Counts = Iterable[tuple[tuple[str, ...], float]]  # by the values of labels

metrics = Blueprint("metrics", __name__)


@metrics.get("/metrics")
def show() -> Response:
    """Answer with every figure, to those who may see them."""
    if not is_monitor():
        abort(403)
    webhook = cast(Webhook, current_app.extensions[WEBHOOK])
    registry = CollectorRegistry()
    registry.register(_Figures(service.current(), webhook, places_of(current_app)))
    ProcessCollector(registry=registry)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Figures(Collector):
    """All figures of one process, and those of the database that every process tells alike."""

    def __init__(self, running: Service, webhook: Webhook, places: Places) -> None:
        self._running = running
        self._webhook = webhook
        self._places = places

    def describe(self) -> Iterator[Metric]:
        return iter(())  # so that registering does not collect

    def collect(self) -> Iterator[Metric]:
        yield from self._of_messages()
        yield from self._of_process()
        up = 1.0
        try:
            yield from list(self._of_database())
        except StorageError:
            up = 0.0
        yield gauge("database_up", "Whether the database can be read", up)

    def _of_messages(self) -> Iterator[Metric]:
        tally = self._running.engine.tally
        yield counter(
            "turns",
            "Messages met, by what became of them and the rule that understood them",
            ("outcome", "rule"),
            tally.turns.copy().items(),
        )
        yield counter(
            "turn_failures",
            "Turns undone because answering failed; the member got an apology",
            (),
            [((), tally.failures)],
        )
        refusals = [((reason,), count) for reason, count in self._webhook.refusals.copy().items()]
        yield counter("webhook_refusals", "Requests to the webhook that were refused, by reason", ("reason",), refusals)
        yield counter("spooled", "Messages kept in the spool as the database was away", (), [((), self._webhook.kept)])
        yield histogram("webhook_seconds", "How long answers to WeChat took", self._webhook.latencies)

    def _of_process(self) -> Iterator[Metric]:
        shelter = self._running.shelter
        yield gauge("database_away", "Whether the last message found the database away", float(shelter.away))
        yield gauge("spool_bytes", "What waits in the spool to be taken in", shelter.spool.size_bytes())
        yield gauge("spool_aside_bytes", "What could not be taken in from the spool", shelter.spool.aside_bytes())
        yield gauge("live_pages", "Live pages open", self._places.taken)
        yield gauge("live_pages_limit", "Live pages that may be open at once", self._places.most)
        skew = self._webhook.clock_skew_seconds
        if skew is not None:
            yield gauge("clock_skew_seconds", "How far WeChat's clock is ahead of ours", skew)
        log = line_handler()
        if log is not None:
            lines = log.counts.copy().items()
            yield counter("log_lines", "Lines logged, by level and by what logged them", ("level", "logger"), lines)
            yield gauge("log_lines_lost", "The last lines of the log that could not be written", log.lost)

    def _of_database(self) -> Iterator[Metric]:
        database, now = self._running.database, self._running.clock()
        depth = outbox.depth(database)
        states = [((state,), getattr(depth, state)) for state in ("ready", "sending", "failed", "unknown", "dead")]
        yield labelled("outbox_messages", "Messages outside the reply that are not sent, by state", "state", states)
        overdue = depth.overdue_seconds(now)
        yield gauge("outbox_overdue_seconds", "For how long the oldest message that waits has been due", overdue)
        met = [((code,), count) for code, count in monitoring.outcomes_of_late(database, now).items()]
        yield labelled(
            "outbox_outcomes", "What messages of the last day met that are not sent, by error code", "code", met
        )
        windows = monitoring.open_windows(database, now)
        yield gauge("reply_windows_open", "Members to whom something may be sent now", windows)
        held = [((state,), count) for state, count in monitoring.open_conversations(database).items()]
        yield labelled("conversations_open", "Conversations that wait for a person, or that one holds", "state", held)
        token = access_tokens.stored(database, self._running.settings.wechat_app_id)
        if token is not None:
            yield gauge(
                "access_token_failing",
                "Whether the last renewal of the access token failed",
                float(bool(token.failure)),
            )
            left = (token.expires_at - now).total_seconds() if token.token else 0.0
            yield gauge("access_token_seconds_left", "For how long the access token is good", max(0.0, left))


def gauge(name: str, meaning: str, value: float) -> Metric:
    """Return one figure that goes up and down."""
    return GaugeMetricFamily(f"zhaohu_{name}", meaning, value=value)


def labelled(name: str, meaning: str, label: str, values: Counts) -> Metric:
    """Return a figure for each value of a label."""
    return _family(GaugeMetricFamily, name, meaning, (label,), values)


def counter(name: str, meaning: str, labels: tuple[str, ...], values: Counts) -> Metric:
    """Return counts since the process started, for each combination of labels."""
    return _family(CounterMetricFamily, name, meaning, labels, values)


def histogram(name: str, meaning: str, latencies: Latencies) -> Metric:
    """Return a histogram of seconds."""
    counts = list(latencies.counts)
    bounds = [*(f"{bound:g}" for bound in BOUNDS_SECONDS), "+Inf"]
    buckets = [(bound, float(sum_)) for bound, sum_ in zip(bounds, accumulate(counts), strict=True)]
    return HistogramMetricFamily(f"zhaohu_{name}", meaning, buckets=buckets, sum_value=latencies.total_seconds)


def _family(
    make: Callable[..., GaugeMetricFamily | CounterMetricFamily],
    name: str,
    meaning: str,
    labels: tuple[str, ...],
    values: Counts,
) -> Metric:
    family = make(f"zhaohu_{name}", meaning, labels=labels)
    for key, value in sorted(values):
        family.add_metric(key, value)
    return family
