"""What breaks claims meets rows that others write, or that are not as they should be."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import cast

import pytest
from comptoir.inventory.v1 import reservation_service_pb2 as pb

from chassis.changes import Changed
from chassis.records import Ref, State
from services.inventory.ledger.domain import Note
from services.inventory.ledger.overclaims import Overclaim
from services.inventory.ledger.store import OVERCLAIMS
from services.inventory.reservation.domain import Reservation
from services.inventory.reservation.mending import Outcome, mended
from services.inventory.reservation.store import RESERVATIONS
from services.inventory.stock.domain import Line, StockRow
from services.inventory.stock.store import ROWS
from tests.inventory.house import (
    COLLECT,
    House,
    line,
    renew,
    reserve,
    sale,
)
from tests.inventory.reservation.holds import (
    NOON,
    ODD,
    UNTIL,
    hold,
    mender,
    sell,
    shown,
    waiting,
)
from tests.inventory.reservation.test_races import sold_at_last, until_decided


async def test_what_is_broken_is_decided_again_where_the_row_was_written_meanwhile() -> None:
    row = StockRow(location_id="lyon", sku="LAMP", held={UNTIL: 1}, revision=7)
    made = Reservation(
        reservation_id="r",
        owner="collect",
        lines=(Line(location_id="lyon", sku="LAMP", quantity=1),),
        expire_instant=UNTIL,
    )
    found = Overclaim(overclaim_id="o", location_id="lyon", sku="LAMP")
    note = Note(write_id="w", actor="inventory", now=NOON, occur_time=NOON)
    state = State(
        {Ref(ROWS, row.place): row, Ref(RESERVATIONS, "r"): made, Ref(OVERCLAIMS, "o"): found}
    )

    decide = partial(mended, state, found=found, newest=[made], note=note)
    assert decide(seen=replace(row, revision=6)) == Changed(answer=Outcome.AGAIN)
    assert decide(seen=row).answer is Outcome.MENDED


async def test_claims_that_no_reservation_accounts_for_are_told_to_whoever_reads_the_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await keep(house, StockRow(location_id="lyon", sku="LAMP", held={UNTIL: 1}, revision=1), ODD)
    await mender(house).mend_all()
    assert "LAMP at lyon is claimed beyond its reservations" in caplog.text
    assert await waiting(house) == 0


async def test_one_that_cannot_be_mended_keeps_no_other_from_it(house: House) -> None:
    odd = Reservation(
        reservation_id="odd",
        owner="collect",
        lines=(Line(location_id="lyon", sku="LAMP", quantity=1),),
        expire_instant=UNTIL,
        revision=cast(int, "first"),
    )
    row = StockRow(location_id="lyon", sku="LAMP", held={UNTIL: 1}, revision=1)
    await keep(house, row, odd, ODD)
    await house.put_on_shelf("CORD", 1)
    made = await hold(house, line(1, sku="CORD"))
    await sell(house, 1, sku="CORD")
    await mender(house).mend_all()

    assert list((await shown(house, made)).lines) == []
    assert await waiting(house) == 1


async def keep(house: House, *records: object) -> None:
    changed = Changed(answer=None, records=records)
    await house.records.update([], lambda _: changed, answer=type(None), timeout_s=5)


async def test_sales_renewals_and_menders_at_once_leave_claims_covered(
    any_house: House,
) -> None:
    await any_house.put_on_shelf("LAMP", 20)
    held = [await hold(any_house, line(2)) for _ in range(10)]
    done = asyncio.Event()

    async def mend() -> None:
        while not done.is_set():
            await mender(any_house).mend_all()
            await asyncio.sleep(0)

    async def renewed(made: pb.Reservation) -> None:
        for number in range(1, 4):
            asked = renew(made.reservation_id, 7200 * number)
            await any_house.reservations.Renew(asked, metadata=COLLECT)

    menders = [asyncio.create_task(mend()) for _ in range(2)]
    await asyncio.gather(
        *(renewed(each) for each in held),
        *(sold_at_last(any_house, sale(line(3))) for _ in range(4)),
        *(until_decided(any_house, reserve(line(1))) for _ in range(4)),
    )
    done.set()
    await asyncio.gather(*menders)
    await mender(any_house).mend_all()

    at_end = await any_house.availability("LAMP")
    assert (at_end.on_hand_quantity, at_end.held_quantity) == (8, 8)
    assert [len((await shown(any_house, each)).lines) for each in held] == [1] * 4 + [0] * 6
    assert await waiting(any_house) == 0
    assert await any_house.is_balanced("LAMP")
