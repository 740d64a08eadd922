"""What a selection promises: one suite for memory and MongoDB."""

import pytest

from chassis.records import (
    Records,
    Where,
)
from tests.chassis.kept import KINDS, ROWS, Place, Row, put
from tests.conftest import MakeRecords


@pytest.fixture
async def store(records: MakeRecords) -> Records:
    return await records(KINDS)


async def test_a_selection_is_ordered_bounded_and_goes_on_behind_the_last(store: Records) -> None:
    rows = [Row(place=Place("lyon", f"S{n}"), count=n // 2) for n in range(8)]
    await put(store, *rows)

    for descending in (False, True):
        expected = rows[::-1] if descending else rows
        for order in ("", "count"):
            got: list[Row] = []
            while True:
                after = (got[-1].count, got[-1].place) if got else None
                where = Where(order=order, descending=descending, after=after, limit=3)
                if not (page := await store.select(ROWS, where)):
                    break
                got += page
            assert got == expected


async def test_conditions_all_hold_and_a_list_matches_by_an_item(store: Records) -> None:
    rows = [
        Row(place=Place("lyon", f"S{n}"), count=n, tags=("even",) * (n % 2 == 0) + (f"t{n}",))
        for n in range(8)
    ]
    await put(store, *rows)

    where = Where(equal={"tags": "even"}, above={"count": 1}, at_most={"count": 6}, limit=9)
    assert [row.count for row in await store.select(ROWS, where)] == [2, 4, 6]
    where = Where(one_of={"tags": ["t1", "t4", "t9"]}, limit=9)
    assert [row.count for row in await store.select(ROWS, where)] == [1, 4]
    where = Where(equal={"_id": Place("lyon", "S3")}, limit=9)
    assert await store.select(ROWS, where) == [rows[3]]
    where = Where(equal={"_id.location_id": "lyon"}, one_of={"count": []}, limit=9)
    assert await store.select(ROWS, where) == []


@pytest.mark.parametrize("limit", [0, 1001])
def test_a_selection_without_a_bound_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="records are selected at once"):
        Where(limit=limit)
