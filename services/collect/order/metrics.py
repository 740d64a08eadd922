"""How many orders wait for somebody to do what they owe, for operators."""

import asyncio
import logging
import math

from prometheus_client import CollectorRegistry, Gauge

from chassis.clock import Clock
from chassis.errors import AppError
from chassis.records import Records
from services.collect.order.store import due

LOOK_S = 5.0

log = logging.getLogger(__name__)


class SagaMetrics:
    """Orders are due for a moment whenever a step is sent again; a backlog stays or grows."""

    def __init__(self, records: Records, registry: CollectorRegistry, *, clock: Clock) -> None:
        self._records, self._clock = records, clock
        self._due = Gauge(
            "saga_orders_due",
            "Orders whose time to be looked at has come, 50 at most.",
            registry=registry,
        )
        self._oldest = Gauge(
            "saga_oldest_due_seconds", "How long the first of them is due.", registry=registry
        )
        self._forget()

    async def run(self) -> None:
        """Look every LOOK_S, until cancelled."""
        while True:
            try:
                await self.look()
            except AppError as error:
                log.warning("orders due cannot be counted: %s", error.reason)
                self._forget()
            await asyncio.sleep(LOOK_S)

    def _forget(self) -> None:
        """What is not known is not 0, which would be the best of news."""
        for gauge in (self._due, self._oldest):
            gauge.set(math.nan)

    async def look(self) -> None:
        """Raises what reading does."""
        now = self._clock()
        orders = await due(self._records, now)
        self._due.set(len(orders))
        times = [order.wake_time for order in orders if order.wake_time is not None]
        self._oldest.set(max(((now - time).total_seconds() for time in times), default=0.0))
