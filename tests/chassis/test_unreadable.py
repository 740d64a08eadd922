"""Records that this release cannot read: raised, or left out where somebody is told of them."""

from typing import cast

import pytest
from msgspec import ValidationError

from chassis.records import Where
from tests.chassis.kept import LAMP, ROWS, RUG, Row, put
from tests.conftest import MakeRecords


async def test_what_cannot_be_read_is_left_out_only_where_somebody_is_told_of_it(
    records: MakeRecords,
) -> None:
    store = await records([ROWS])
    await put(store, Row(place=LAMP, count=cast(int, "many")), Row(place=RUG, count=1))
    told: dict[str, Exception] = {}

    found = await store.select(ROWS, Where(limit=9), unreadable=told.__setitem__)
    assert ([row.place for row in found], len(told)) == ([RUG], 1)
    assert "LAMP" in next(iter(told))
    with pytest.raises(ValidationError):
        await store.select(ROWS, Where(limit=9))
