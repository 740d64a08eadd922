"""Orders that wait for somebody, as operators are shown them."""

import math
from datetime import timedelta

from prometheus_client import CollectorRegistry

from chassis.changes import Changed
from chassis.memory_records import MemoryRecords
from chassis.records import Ref
from services.collect.order import domain
from services.collect.order.metrics import SagaMetrics
from services.collect.order.store import ORDERS
from services.collect.order.values import Order
from tests.collect.order.orders import NOON, wanted


async def shown(records: MemoryRecords, after: timedelta) -> tuple[float | None, float | None]:
    registry = CollectorRegistry()
    metrics = SagaMetrics(records, registry, clock=lambda: NOON + after)
    await metrics.look()
    value = registry.get_sample_value
    return value("saga_orders_due"), value("saga_oldest_due_seconds")


async def house() -> MemoryRecords:
    """Two orders placed at noon, each leased for a while to whoever drives it."""
    records = MemoryRecords([ORDERS])
    for order_id in ("o1", "o2"):
        order = domain.placed(wanted(order_id=order_id), now=NOON, lease=timedelta(seconds=10))
        await put(records, order)
    return records


async def put(records: MemoryRecords, order: Order) -> None:
    await records.update(
        [Ref(ORDERS, order.order_id)],
        lambda state: Changed(answer=order, records=(order,)),
        answer=Order,
        timeout_s=5,
    )


async def test_an_order_that_somebody_drives_is_not_due() -> None:
    assert await shown(await house(), timedelta(seconds=9)) == (0, 0)


async def test_orders_that_nobody_drives_any_more_are_due_since_their_lease() -> None:
    assert await shown(await house(), timedelta(seconds=40)) == (2, 30)


async def test_before_anybody_has_looked_nothing_is_said_to_be_due_or_not() -> None:
    registry = CollectorRegistry()
    SagaMetrics(await house(), registry, clock=lambda: NOON)

    for name in ("saga_orders_due", "saga_oldest_due_seconds"):
        value = registry.get_sample_value(name)
        assert value is not None and math.isnan(value)
