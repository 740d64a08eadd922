"""Slots that many reach for at once, on each store."""

import asyncio

from chassis.changes import Changed
from chassis.records import Records, Ref, State
from services.collect.point.domain import (
    Slot,
    SlotFullError,
    given_back,
    slot_id_of,
    span_of,
    taken,
)
from services.collect.point.store import POINT_KINDS, SLOTS
from tests.collect.point.shop import NOON
from tests.collect.shops import counter, paris, place
from tests.conftest import MakeRecords

SLOT_ID = slot_id_of("paris-counter", paris("2026-11-23 14:00"))


async def take(records: Records, capacity_count: int) -> Slot:
    def change(state: State) -> Changed[Slot]:
        slot = taken(
            state.find(SLOTS, SLOT_ID),
            span=span_of(place(), counter(), SLOT_ID, NOON),
            point=counter(slot_capacity_count=capacity_count),
            slot_id=SLOT_ID,
        )
        return Changed(answer=slot, records=(slot,))

    return await records.update([Ref(SLOTS, SLOT_ID)], change, answer=Slot, timeout_s=5)


async def give_back(records: Records) -> None:
    def change(state: State) -> Changed[None]:
        slot = state.find(SLOTS, SLOT_ID)
        assert slot is not None
        return Changed(answer=None, records=(given_back(slot),))

    await records.update([Ref(SLOTS, SLOT_ID)], change, answer=type(None), timeout_s=5)


async def test_of_many_who_take_a_slot_as_many_get_it_as_it_has_room_for(
    records: MakeRecords,
) -> None:
    store = await records(POINT_KINDS)
    outcomes = await asyncio.gather(
        *(take(store, capacity_count=3) for _ in range(12)), return_exceptions=True
    )

    assert sum(isinstance(outcome, Slot) for outcome in outcomes) == 3
    assert sum(isinstance(outcome, SlotFullError) for outcome in outcomes) == 9


async def test_what_is_taken_and_given_back_at_once_adds_up(records: MakeRecords) -> None:
    store = await records(POINT_KINDS)
    for _ in range(4):
        await take(store, capacity_count=8)
    await asyncio.gather(
        *(give_back(store) for _ in range(4)), *(take(store, capacity_count=8) for _ in range(4))
    )

    slot = await store.find(SLOTS, SLOT_ID)
    assert slot is not None and (slot.taken_count, slot.revision) == (4, 12)
