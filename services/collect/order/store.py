"""How orders are kept and asked for."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from chassis.records import AT_ONCE, Document, Index, Kind, Records, Where
from services.collect.order.broken import BrokenHold
from services.collect.order.domain import UnknownOrderError
from services.collect.order.values import CALLED_OFF, LIVE, Money, Order, State

HOLD_MAX_OF_SCHEMA_1 = timedelta(days=7)


def with_hold(document: Document) -> Document:
    """Of schema 1, whose hold was worked out from its times whenever it was asked for.

    What had ended unpaid at the counter was still due then.
    """
    placed = document["create_time"]
    hold_until = min(document["collect_by_time"], placed + HOLD_MAX_OF_SCHEMA_1)
    over = document["state"] in {state.value for state in CALLED_OFF}
    still_due = over and document["money"] == Money.DUE.value
    return {
        **document,
        "money": Money.VOIDED.value if still_due else document["money"],
        "hold_until": hold_until,
        "hold_s": int((hold_until - placed).total_seconds()),
    }


ORDERS = Kind(
    type=Order,
    collection="orders",
    key=lambda order: order.order_id,
    indexes=(
        Index(fields=("customer_id", "create_time"), descending=frozenset({"create_time"})),
        Index(fields=("location_id", "state", "slot_start")),
        Index(fields=("wake_time", "_id")),
        Index(fields=("state", "_id")),
    ),
    schema=2,
    upgrades={1: with_hold},
)
BROKEN_HOLDS = Kind(
    type=BrokenHold,
    collection="broken_holds",
    key=lambda hold: hold.reservation_id,
    indexes=(Index(fields=("done", "_id")),),
    forget_time=lambda hold: AT_ONCE if hold.done else None,
)
DUE_MAX = 50


async def due(records: Records, now: datetime) -> list[Order]:
    """Orders somebody must look at now, the longest overdue first."""
    where = Where(at_most={"wake_time": now}, order="wake_time", limit=DUE_MAX)
    return await records.select(ORDERS, where)


async def of_customer(
    records: Records, customer_id: str, *, after: tuple[datetime, str] | None, limit: int
) -> list[Order]:
    """A customer's orders, newest first."""
    where = Where(
        equal={"customer_id": customer_id},
        order="create_time",
        descending=True,
        after=after,
        limit=limit,
    )
    return await records.select(ORDERS, where)


async def collected(records: Records, *, after_id: str, limit: int) -> list[Order]:
    """Orders that were handed over, by id, from the first behind `after_id`."""
    after = (None, after_id) if after_id else None
    where = Where(equal={"state": State.COLLECTED.value}, after=after, limit=limit)
    return await records.select(ORDERS, where)


async def queue(
    records: Records,
    location_id: str,
    *,
    states: Sequence[State] = LIVE,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Order]:
    """The orders of a shop in these states, those due first."""
    where = Where(
        equal={"location_id": location_id},
        one_of={"state": [state.value for state in states]},
        order="slot_start",
        after=after,
        limit=limit,
    )
    return await records.select(ORDERS, where)


async def in_states(
    records: Records,
    states: Collection[State],
    *,
    location_ids: Collection[str] | None = None,
    after_id: str,
    limit: int,
) -> list[Order]:
    """Orders of these locations, or of all, in these states; by id."""
    where = Where(
        one_of={"state": [state.value for state in states], **among(location_ids)},
        after=(None, after_id) if after_id else None,
        limit=limit,
    )
    return await records.select(ORDERS, where)


def among(
    location_ids: Collection[str] | None, *, field: str = "location_id"
) -> Mapping[str, Collection[object]]:
    return {} if location_ids is None else {field: sorted(location_ids)}


async def found(records: Records, order_id: str) -> Order:
    """Raises UnknownOrderError."""
    order = await records.find(ORDERS, order_id)
    if order is None:
        raise unknown(order_id)
    return order


def unknown(order_id: str) -> UnknownOrderError:
    return UnknownOrderError("no such order", order_id=order_id)


async def broken_holds(records: Records, *, after_id: str, limit: int) -> list[BrokenHold]:
    """At most `limit` that their orders do not know of yet, by id, behind this one."""
    where = Where(limit=limit, equal={"done": False}, after=(None, after_id))
    return await records.select(BROKEN_HOLDS, where)
