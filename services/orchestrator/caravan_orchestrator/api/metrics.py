"""Figures of the whole platform in Prometheus' words, counted when asked and at most every few seconds."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from caravan_orchestrator.api.problems import unavailable
from caravan_orchestrator.store.database import SqlDatabase
from caravan_orchestrator.store.reads.figures import Figures, Spent, figures, spent

# What was spent is added up over a whole month: it is looked up once in so many times.
_SPENT_TIMES = 12


class Metrics:
    """Only counts: /metrics is read without a token."""

    def __init__(self, database: SqlDatabase, age: float) -> None:
        self._database, self._age = database, age
        self._text, self._at = b"", float("-inf")
        self._spent, self._spent_at = Spent(), float("-inf")
        self._lock = asyncio.Lock()

    async def text(self) -> bytes:
        """Raises Problem 503 when the database is away: a scrape must not show old figures as new."""
        async with self._lock:
            if time.monotonic() - self._at >= self._age:
                try:
                    found = await figures(self._database.app, self._database.dispatch)
                    if time.monotonic() - self._spent_at >= _SPENT_TIMES * self._age:
                        self._spent = await spent(self._database.app, self._database.dispatch)
                        self._spent_at = time.monotonic()
                except (OSError, TimeoutError) as error:
                    raise unavailable(
                        "database_unavailable", "The database can't be reached; try again."
                    ) from error
                self._text, self._at = _written(found, self._spent), time.monotonic()
            return self._text


class _Once(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self.families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self.families


def _written(found: Figures, used: Spent) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Once(families(found, used)))
    return generate_latest(registry)


def families(found: Figures, used: Spent) -> Iterator[Metric]:
    """Every figure /metrics serves, by the name alerts and dashboards use."""
    yield _by("caravan_flows", "Flows by state", "status", found.flows)
    yield GaugeMetricFamily(
        "caravan_flows_without_wakeup", "Flows under way that nothing would wake", found.stuck
    )
    yield GaugeMetricFamily(
        "caravan_attempts_waiting", "Attempts whose command was not yet sent", found.waiting
    )
    yield GaugeMetricFamily("caravan_attempts_out", "Attempts sent to workers and unfinished", found.out)
    yield _by("caravan_queue_attempts_waiting", "Attempts waiting by queue", "queue", found.waiting_by_queue)
    yield _by("caravan_workers", "Workers that announced themselves lately", "flow_type", found.workers)
    yield GaugeMetricFamily("caravan_outbox_unsent", "Messages not yet confirmed by the broker", found.unsent)
    yield GaugeMetricFamily("caravan_outbox_lag_seconds", "Age of the oldest unsent message", found.lag)
    yield _by("caravan_dead_letters", "Parked messages by error group", "error_group", found.dead_letters)
    yield _by("caravan_llm_tokens", "Tokens that models have used this month", "model", used.tokens)
    yield _by("caravan_llm_cost_usd", "What models have cost this month", "model", used.cost)


def _by(name: str, words: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label])
    for value, count in sorted(values.items()):
        family.add_metric([value], count)
    return family
