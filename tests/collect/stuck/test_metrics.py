"""Orders that wait for somebody, as operators are shown them."""

import math
from datetime import timedelta

from prometheus_client import CollectorRegistry

from chassis.changes import Changed
from chassis.memory_records import MemoryRecords
from chassis.records import Ref
from services.collect.order import domain, saga
from services.collect.order.store import ORDERS
from services.collect.order.values import Order, StepName
from services.collect.parcel.store import PARCELS
from services.collect.stuck.domain import STUCK_TRIES, Residue
from services.collect.stuck.metrics import SagaMetrics
from services.collect.stuck.store import RESIDUES
from tests.collect.order.orders import NOON, wanted

DUE = ("saga_orders_due", "saga_oldest_due_seconds")
STUCK = ("saga_orders_stuck", "saga_residues")


async def shown(
    records: MemoryRecords, after: timedelta, names: tuple[str, str] = DUE
) -> tuple[float | None, ...]:
    registry = CollectorRegistry()
    metrics = SagaMetrics(records, registry, clock=lambda: NOON + after)
    await metrics.look()
    return tuple(map(registry.get_sample_value, names))


async def house() -> MemoryRecords:
    """Two orders placed at noon, each leased for a while to whoever drives it."""
    records = MemoryRecords([ORDERS, PARCELS, RESIDUES])
    for order_id in ("o1", "o2"):
        order = domain.placed(wanted(order_id=order_id), now=NOON, lease=timedelta(seconds=10))
        await put(records, order)
    return records


async def put(records: MemoryRecords, made: Order | Residue) -> None:
    ref = Ref(ORDERS, made.order_id) if isinstance(made, Order) else Ref(RESIDUES, made.residue_id)
    changed = Changed(answer=None, records=(made,))
    await records.update([ref], lambda state: changed, answer=type(None), timeout_s=5)


async def test_an_order_that_somebody_drives_is_not_due() -> None:
    assert await shown(await house(), timedelta(seconds=9)) == (0, 0)


async def test_orders_that_nobody_drives_any_more_are_due_since_their_lease() -> None:
    assert await shown(await house(), timedelta(seconds=40)) == (2, 30)


async def test_an_order_whose_step_fails_is_stuck_also_while_it_waits_for_the_next_try() -> None:
    records = await house()
    order = domain.placed(wanted(order_id="o1"), now=NOON)
    for tries in range(1, STUCK_TRIES + 1):
        order = saga.postponed(order, order.todo[0], "CLOSED", now=NOON)
        await put(records, order)
        stuck = float(tries == STUCK_TRIES)
        assert await shown(records, timedelta(0), STUCK) == (stuck, 0)
        assert await shown(records, timedelta(0)) == (0, 0)


async def test_what_is_left_to_be_settled_is_told_until_it_is() -> None:
    records = await house()
    for settled, count in ((False, 1), (True, 0)):
        left = Residue(
            residue_id="r1",
            order_id="o1",
            location_id="paris",
            step=StepName.VOID,
            abandon_time=NOON,
            settled=settled,
        )
        await put(records, left)
        assert await shown(records, timedelta(0), STUCK) == (0, count)


async def test_before_anybody_has_looked_nothing_is_said_to_be_due_or_not() -> None:
    registry = CollectorRegistry()
    SagaMetrics(await house(), registry, clock=lambda: NOON)

    for name in (*DUE, *STUCK):
        value = registry.get_sample_value(name)
        assert value is not None and math.isnan(value)
