"""How parcels are found, in every store alike."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from chassis.changes import Changed
from chassis.records import Records, Ref
from services.collect.parcel import domain
from services.collect.parcel.store import PARCELS, at_location, due, held
from services.collect.parcel.values import INCOMING, Parcel, ParcelLine, State, Task, TaskName
from services.collect.stuck.store import stuck_parcels
from tests.collect.order.orders import NOON
from tests.conftest import MakeRecords

PARCEL = Parcel(
    parcel_id="p1",
    order_id="o1",
    source_location_id="lyon",
    target_location_id="paris",
    lines=(ParcelLine(sku="LAMP", quantity=2),),
    leave_time=NOON,
    ready_time=NOON + timedelta(hours=1),
    create_time=NOON,
    hold_until=NOON + timedelta(days=1),
    hold_s=86400,
    todo=(Task(name=TaskName.HOLD),),
    wake_time=NOON,
)


async def put(records: Records, *parcels: Parcel) -> None:
    refs = [Ref(PARCELS, parcel.parcel_id) for parcel in parcels]
    made = Changed(answer=None, records=parcels)
    await records.update(refs, lambda state: made, answer=type(None), timeout_s=5)


async def test_parcels_are_found_by_who_works_on_them(records: MakeRecords) -> None:
    kept = await records([PARCELS])
    failed = PARCEL
    for _ in range(5):
        failed = domain.postponed(failed, failed.todo[0], "CLOSED", now=NOON)
    waiting = replace(PARCEL, parcel_id="p2", state=State.HELD, todo=(), wake_time=None)
    over = replace(waiting, parcel_id="p3", state=State.ARRIVED)
    elsewhere = replace(waiting, parcel_id="p4", target_location_id="lille", state=State.SENT)
    await put(kept, failed, waiting, over, elsewhere)
    here: dict[str, Any] = {"states": INCOMING, "after_id": "", "limit": 10}

    assert await due(kept, NOON + timedelta(minutes=1)) == [failed]
    assert await held(kept, after_id="", limit=10) == [waiting]
    assert await at_location(kept, "target_location_id", "paris", **here) == [waiting]
    found = await at_location(kept, "source_location_id", "lyon", **here)
    assert found == [waiting, elsewhere]
    for location_ids, stuck in ((None, [failed]), (["paris"], [failed]), (["lyon"], [])):
        assert stuck == await stuck_parcels(
            kept, NOON, tries_min=5, location_ids=location_ids, after_id="", limit=10
        )
