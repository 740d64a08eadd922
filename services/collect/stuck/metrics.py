"""How many orders wait for somebody to do what they owe, and for an operator; for operators."""

from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Gauge

from chassis.clock import Clock
from chassis.gauges import UNKNOWN, keep_current
from chassis.records import Records
from services.collect.order.store import due
from services.collect.stuck.domain import STUCK_TRIES
from services.collect.stuck.store import stuck, stuck_parcels, unsettled

# When a neighbour has been away for long, thousands of orders are looked through for these.
LOOK_S = 15.0
# Whoever has so many of either looks at them one by one, and no longer at their number.
COUNTED_MAX = 200


class SagaMetrics:
    """Orders are due for a moment whenever a step is sent again; a backlog stays or grows.

    One whose step fails is hardly ever due, since it waits for its next try: it is stuck.
    """

    def __init__(self, records: Records, registry: CollectorRegistry, *, clock: Clock) -> None:
        self._records, self._clock = records, clock

        def gauge(name: str, words: str) -> Gauge:
            return Gauge(name, words, registry=registry)

        self._due = gauge("saga_orders_due", "Orders whose time has come, 50 at most.")
        self._oldest = gauge("saga_oldest_due_seconds", "How long the first of them is due.")
        self._stuck = gauge(
            "saga_orders_stuck", f"Orders and parcels whose step fails, {COUNTED_MAX} at most."
        )
        self._residues = gauge(
            "saga_residues", f"What abandoned steps left to be settled, {COUNTED_MAX} at most."
        )
        self._forget()

    async def run(self) -> None:
        """Look every LOOK_S, until cancelled."""
        await keep_current(self.look, self._forget, what="orders due", every_s=LOOK_S)

    def _forget(self) -> None:
        for gauge in (self._due, self._oldest, self._stuck, self._residues):
            gauge.set(UNKNOWN)

    async def look(self) -> None:
        """Raises what reading does."""
        now = self._clock()
        await self._look_at_due(now)
        await self._look_at_stuck(now)

    async def _look_at_due(self, now: datetime) -> None:
        orders = await due(self._records, now)
        self._due.set(len(orders))
        times = [order.wake_time for order in orders if order.wake_time is not None]
        self._oldest.set(max(((now - time).total_seconds() for time in times), default=0.0))

    async def _look_at_stuck(self, now: datetime) -> None:
        all_of_them: Any = {"location_ids": None, "after_id": "", "limit": COUNTED_MAX}
        orders = await stuck(self._records, now, tries_min=STUCK_TRIES, **all_of_them)
        residues = await unsettled(self._records, **all_of_them)
        parcels = await stuck_parcels(self._records, now, tries_min=STUCK_TRIES, **all_of_them)
        self._stuck.set(min(len(orders) + len(parcels), COUNTED_MAX))
        self._residues.set(len(residues))
