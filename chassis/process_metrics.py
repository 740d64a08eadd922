"""A process as operators see it: memory, processor, descriptors, and a loop that lags."""

import asyncio

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector

TICK_S = 0.5
LAGS_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class LoopLag:
    """How much later than asked for the loop comes back to one of its tasks.

    All calls of a process share its loop: what lags here lags in each of them.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lag = Histogram(
            "event_loop_lag_seconds",
            "How late the loop comes back to a task that sleeps.",
            buckets=LAGS_S,
            registry=registry,
        )

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + TICK_S
            await asyncio.sleep(TICK_S)
            self._lag.observe(max(loop.time() - due_s, 0.0))


def process_metrics(registry: CollectorRegistry) -> LoopLag:
    """Registers both; the lag is measured while its `run` runs."""
    ProcessCollector(registry=registry)
    return LoopLag(registry)
