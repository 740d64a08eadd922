"""Records that a change takes out: on memory and MongoDB, alone, at once and in a batch."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chassis.changes import Changed
from chassis.records import (
    NotReadError,
    Records,
    Ref,
    State,
    Update,
    Where,
)
from tests.chassis.kept import (
    DOCTORS,
    KINDS,
    LAMP,
    MOVEMENTS,
    ROWS,
    RUG,
    Doctor,
    Movement,
    Row,
    changing,
    put,
)
from tests.conftest import MakeRecords


@pytest.fixture
async def store(records: MakeRecords) -> Records:
    made = await records(KINDS)
    await made.ensure_indexes()
    return made


def removing(*records: object, new: tuple[object, ...] = ()) -> Callable[[State], Changed[str]]:
    return lambda state: Changed(answer="done", records=new, removed=records)


def removing_all(state: State) -> Changed[int]:
    """Whatever movements it finds. Answers how many."""
    found = tuple(state.all(MOVEMENTS))
    return Changed(answer=len(found), removed=found)


async def test_what_a_change_removes_is_gone_with_what_takes_its_place_there(
    store: Records,
) -> None:
    gone = [Movement(movement_id=str(n), quantity_count=n) for n in range(3)]
    row = Row(place=LAMP, count=3)
    await put(store, row, *gone)
    refs: list[Ref[Any]] = [Ref(ROWS, LAMP), *(Ref(MOVEMENTS, each.movement_id) for each in gone)]
    change = removing(row, *gone[:2], new=(Row(place=RUG, count=1),))
    await store.update(refs, change, answer=str, timeout_s=5)

    assert await store.select(MOVEMENTS, Where(limit=9)) == gone[2:]
    assert await store.select(ROWS, Where(limit=9)) == [Row(place=RUG, count=1)]
    await put(store, *gone[:2], row)
    assert len(await store.select(MOVEMENTS, Where(limit=9))) == 3


async def test_only_what_was_found_is_removed_once_and_nothing_a_unique_index_guards(
    store: Records,
) -> None:
    there, not_there = (Movement(movement_id=each, quantity_count=1) for each in ("1", "2"))
    anna = Doctor(name="anna", on_call=True, badge="1")
    row = Row(place=LAMP, count=1)
    await put(store, there, anna, row)
    refs: list[Ref[Any]] = [Ref(MOVEMENTS, each) for each in "12"]
    refs += [Ref(DOCTORS, "anna"), Ref(ROWS, LAMP)]
    for error, change in (
        (NotReadError, removing(there, not_there)),
        (ValueError, removing(there, there)),
        (ValueError, removing(row, new=(row,))),
        (ValueError, removing(anna)),
    ):
        with pytest.raises(error):
            await store.update(refs, change, answer=str, timeout_s=5)
    with pytest.raises(NotReadError):
        await store.update([], removing(there), answer=str, timeout_s=5)
    assert await store.select(MOVEMENTS, Where(limit=9)) == [there]


async def test_of_two_who_remove_a_record_one_does(store: Records) -> None:
    await put(store, Movement(movement_id="1", quantity_count=1))
    ref = Ref(MOVEMENTS, "1")
    asked = [store.update([ref], removing_all, answer=int, timeout_s=10) for _ in range(4)]
    assert sorted(await asyncio.gather(*asked)) == [0, 0, 0, 1]


async def test_what_one_removes_the_next_does_not_find_and_may_make_anew(store: Records) -> None:
    movement = Movement(movement_id="1", quantity_count=1)
    anew = replace(movement, quantity_count=2)
    await put(store, movement)
    refs = (Ref(MOVEMENTS, "1"),)

    outcomes = await store.update_all(
        [
            Update(refs=refs, change=removing_all, answer=int),
            Update(refs=refs, change=removing_all, answer=int),
            Update(refs=(), change=changing(anew), answer=str),
            Update(refs=refs, change=removing_all, answer=int),
        ],
        timeout_s=5,
    )

    assert outcomes == [1, 0, "done", 1]
    assert await store.find(MOVEMENTS, "1") is None
