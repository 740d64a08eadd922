"""How long commands wait for a connection to MongoDB, and for how many nobody came free."""

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram
from pymongo import monitoring

WAITS_S = (0.0005, 0.001, 0.005, 0.025, 0.1, 0.5, 2.0)


class PoolWaits(monitoring.ConnectionPoolListener):
    def __init__(self, registry: CollectorRegistry) -> None:
        self._waited = Histogram(
            "mongodb_pool_wait_seconds",
            "How long commands waited for a connection.",
            buckets=WAITS_S,
            registry=registry,
        )
        self._failed = Counter(
            "mongodb_pool_failures", "Commands that got no connection.", registry=registry
        )

    def connection_checked_out(self, event: monitoring.ConnectionCheckedOutEvent) -> None:
        self._waited.observe(event.duration or 0.0)

    def connection_check_out_failed(self, event: monitoring.ConnectionCheckOutFailedEvent) -> None:
        self._failed.inc()

    def _unheeded(self, event: Any) -> None:
        """The driver asks for all of them."""

    pool_created = pool_ready = pool_cleared = pool_closed = _unheeded
    connection_created = connection_ready = connection_closed = _unheeded
    connection_check_out_started = connection_checked_in = _unheeded
