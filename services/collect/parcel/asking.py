"""Which parcels an order asks for and wants no more, read off what becomes of the order. Pure."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from chassis.requests import step_id
from services.collect.order.line import Coming
from services.collect.order.values import ENDED, Order
from services.collect.parcel.values import Parcel, ParcelLine, Task, TaskName

# What nobody has packed so long after it should have been there the order waits for no more.
PACK_LATE_MAX = timedelta(days=1)


def parcel_id_of(order: Order, location_id: str, ask_time: datetime) -> str:
    """Nothing that the order could be found by."""
    return step_id(order.order_id, "parcel", location_id, ask_time.isoformat())


def newly_asked(before: Order, after: Order) -> Sequence[str]:
    """Ids of the parcels that `after` asks for and `before` did not."""
    return sorted(parcel_ids(after) - parcel_ids(before))


def no_more_wanted(before: Order, after: Order) -> Sequence[str]:
    """Ids of the parcels on their way to an order which ends by this change."""
    if after.state not in ENDED or before.state in ENDED:
        return ()
    return sorted({each.parcel_id for each in comings(after) if each.is_on_its_way})


def parcel_ids(order: Order) -> set[str]:
    return {each.parcel_id for each in comings(order)}


def comings(order: Order) -> list[Coming]:
    return [line.coming for line in order.lines if line.coming is not None]


def asked(order: Order, parcel_id: str) -> Parcel:
    """The parcel as it is first written: its hold is owed."""
    first = next(each for each in comings(order) if each.parcel_id == parcel_id)
    hold_until = min(first.ready_time + PACK_LATE_MAX, order.hold_until)
    return Parcel(
        parcel_id=parcel_id,
        order_id=order.order_id,
        source_location_id=first.location_id,
        target_location_id=order.location_id,
        lines=tuple(
            ParcelLine(sku=line.sku, quantity=line.coming.quantity)
            for line in order.lines
            if line.coming is not None and line.coming.parcel_id == parcel_id
        ),
        leave_time=first.leave_time,
        ready_time=first.ready_time,
        create_time=first.ask_time,
        hold_until=hold_until,
        hold_s=math.ceil((hold_until - first.ask_time) / timedelta(seconds=1)),
        buyer_id=order.buyer_id,
        todo=(Task(name=TaskName.HOLD),),
        wake_time=first.ask_time,
    )
