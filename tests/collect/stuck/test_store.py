"""How stuck orders and residues are found, in memory and in MongoDB alike."""

from dataclasses import replace
from datetime import timedelta

from chassis.changes import Changed
from chassis.records import Kind, Records, Ref
from services.collect.order import saga
from services.collect.order.store import ORDERS
from services.collect.order.values import Order, StepName
from services.collect.stuck.domain import Residue, Units
from services.collect.stuck.store import RESIDUES, stuck, unsettled
from tests.collect.order.orders import COLLECT_BY, NOON, confirmed, placed, wanted
from tests.conftest import MakeRecords


def failed(order_id: str, tries: int, *, location_id: str = "paris") -> Order:
    order = replace(placed(wanted(order_id=order_id)), location_id=location_id)
    for _ in range(tries):
        order = saga.postponed(order, order.todo[0], "AWAY", now=NOON)
    return order


async def put(store: Records, kind: Kind[Order] | Kind[Residue], *made: Order | Residue) -> None:
    refs = [Ref(kind, kind.key(one)) for one in made]  # type: ignore[arg-type]
    await store.update(
        refs, lambda state: Changed(answer=None, records=made), answer=type(None), timeout_s=5
    )


async def test_only_what_failed_so_often_is_found_by_id(records: MakeRecords) -> None:
    store = await records([ORDERS])
    kept = confirmed(wanted(order_id="o0"))
    await put(store, ORDERS, kept, failed("o3", 5), failed("o1", 7), failed("o2", 4))
    await put(store, ORDERS, failed("o4", 5, location_id="lyon"))
    now = NOON + timedelta(seconds=1)

    async def ids(location_ids: list[str] | None, *, after_id: str = "", limit: int = 9) -> str:
        found = await stuck(
            store, now, tries_min=5, location_ids=location_ids, after_id=after_id, limit=limit
        )
        return " ".join(order.order_id for order in found)

    assert kept.wake_time == COLLECT_BY
    assert await ids(None) == "o1 o3 o4"
    assert await ids(["paris"]) == "o1 o3"
    assert await ids([]) == ""
    assert (await ids(None, limit=2), await ids(None, after_id="o3")) == ("o1 o3", "o4")


async def test_an_order_set_aside_is_found_too(records: MakeRecords) -> None:
    store = await records([ORDERS])
    await put(store, ORDERS, saga.set_aside(placed(), "ZeroDivisionError", now=NOON))
    found = await stuck(store, NOON, tries_min=1, location_ids=None, after_id="", limit=9)
    assert [order.todo[0].fail_reason for order in found] == ["ZeroDivisionError"]


async def test_residues_are_found_until_they_are_settled(records: MakeRecords) -> None:
    store = await records([RESIDUES])
    left = Residue(
        residue_id="r1",
        order_id="o1",
        location_id="paris",
        step=StepName.GONE,
        abandon_time=NOON,
        units=(Units("LAMP", 2, "staged", "outside"),),
    )
    done = replace(left, residue_id="r2", settled=True)
    await put(store, RESIDUES, done, left, replace(left, residue_id="r3", location_id="lyon"))
    everywhere = await unsettled(store, location_ids=None, after_id="", limit=9)
    theirs = await unsettled(store, location_ids=["paris"], after_id="", limit=9)

    assert [residue.residue_id for residue in everywhere] == ["r1", "r3"]
    assert theirs == [left]
