"""What breaks claims meets rows that others write, or that are not as they should be."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

import pytest
from comptoir.inventory.v1 import reservation_service_pb2 as pb
from prometheus_client import CollectorRegistry

from chassis.changes import Changed
from chassis.memory_records import MemoryRecords
from chassis.mongo_records import MongoRecords
from chassis.records import Records, Ref, State
from services.inventory.ledger.domain import Note
from services.inventory.ledger.overclaims import Overclaim
from services.inventory.ledger.store import OVERCLAIMS
from services.inventory.reservation import mending, store
from services.inventory.reservation.domain import Reservation
from services.inventory.reservation.lapsing import MARGIN, Announcer
from services.inventory.reservation.mending import LOOKS_MAX, Mender, Outcome, mended
from services.inventory.reservation.store import RESERVATIONS
from services.inventory.stock.domain import Line, Place, StockRow
from services.inventory.stock.store import ROWS
from tests.inventory.asking import line, release, renew, reserve, sale
from tests.inventory.balance.documents import Documents, MemoryDocuments, MongoDocuments
from tests.inventory.house import COLLECT, House
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

    decide = partial(mended, state, newest=[made], note=note)
    assert decide(seen=replace(row, revision=6)) == Changed(answer=Outcome.AGAIN)
    assert decide(seen=row).answer is Outcome.MENDED


async def test_claims_that_no_reservation_accounts_for_are_told_of_once_until_they_lapse(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await keep(house, StockRow(location_id="lyon", sku="LAMP", held={UNTIL: 1}, revision=1), ODD)
    registry = CollectorRegistry()
    mender = Mender(house.records, clock=house.clock, registry=registry)
    for _ in range(2):
        await mender.mend_all()
    assert caplog.text.count("LAMP at lyon is claimed beyond its reservations") == 1
    assert registry.get_sample_value("rows_claimed_by_nobody") == 1
    assert await waiting(house) == 1

    house.clock.now = datetime.fromtimestamp(UNTIL, UTC)
    await mender.mend_all()
    assert registry.get_sample_value("rows_claimed_by_nobody") == 0
    assert await waiting(house) == 0


async def test_one_that_cannot_be_read_is_told_of_once_and_keeps_none_from_being_broken(
    any_house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(store, "STANDING_PAGE", 1)
    await any_house.put_on_shelf("LAMP", 2)
    made = await hold(any_house, line(2))
    for name, second in (("odd-1", 2), ("odd-2", 3), ("odd-3", 0)):
        odd = Reservation(
            reservation_id=name,
            owner="collect",
            lines=(Line(location_id="lyon", sku="LAMP", quantity=1),),
            expire_instant=UNTIL,
            make_instant=int(any_house.clock.now.timestamp()) * (second > 0) + second,
            revision=cast(int, "first"),
        )
        await keep(any_house, odd)
    await sell(any_house, 1)
    one = mender(any_house)
    for _ in range(2):
        await one.mend_all()

    assert list((await shown(any_house, made)).broken_lines) == [line(1)]
    assert await waiting(any_house) == 0
    assert caplog.text.count("cannot be read: no claim of it is broken") == 2


async def test_what_is_over_by_another_clock_goes_by_itself_and_nobody_is_broken_for_it(
    any_house: House,
) -> None:
    await any_house.put_on_shelf("LAMP", 4)
    over, kept = await hold(any_house, line(2)), await hold(any_house, line(2), later_s=60)
    ahead = datetime.fromtimestamp(over.expire_time.seconds, UTC) + MARGIN
    await Announcer(any_house.records, clock=lambda: ahead).announce()
    await sell(any_house, 2)
    await mender(any_house).mend_all()
    assert await shown(any_house, kept) == kept

    any_house.clock.now = ahead
    await mender(any_house).mend_all()
    assert await shown(any_house, kept) == kept
    assert await waiting(any_house) == 0


async def test_those_of_before_their_second_was_kept_came_before_all_others(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "STANDING_PAGE", 1)
    await any_house.put_on_shelf("LAMP", 5)
    held = [await hold(any_house, line(1)) for _ in range(5)]
    documents = documents_of(any_house.records)
    undated = sorted(each.reservation_id for each in held[2:])
    for document in await documents.all(RESERVATIONS):
        if document["_id"] in undated:
            del document["make_instant"]
            await documents.put(RESERVATIONS, document)
    await sell(any_house, 4)
    await mender(any_house).mend_all()

    left = {each.reservation_id for each in held if (await shown(any_house, each)).lines}
    assert left == {undated[0]}
    assert await waiting(any_house) == 0


def documents_of(records: Records) -> Documents:
    if isinstance(records, MemoryRecords):
        return MemoryDocuments(records)
    assert isinstance(records, MongoRecords)
    return MongoDocuments(records._database)


class Busy:
    """A store in which lamps are sold between any look at them and what is made of it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.places: list[Place] = []

    async def update(self, refs: Iterable[Ref[Any]], *rest: Any, **given: Any) -> Any:
        refs = list(refs)
        self.places += [cast(Place, ref.key) for ref in refs if ref.kind is ROWS]
        if self.places[-1].sku == "LAMP" and len(self.places) < 3 * LOOKS_MAX:
            await sell(self._house, 1)
        return await self._house.records.update(refs, *rest, **given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._house.records, name)


async def test_a_row_that_is_written_all_the_time_goes_behind_the_others_however_often_noted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mending, "PAGE_MAX", 2)
    await house.put_on_shelf("LAMP", 2)
    await house.put_on_shelf("CORD", 1)
    await hold(house, line(2))
    for number in range(6):
        noted = Overclaim(overclaim_id=f"{number}", location_id="lyon", sku="LAMP")
        await keep(house, noted)
    made = await hold(house, line(1, sku="CORD"))
    await sell(house, 1, sku="CORD")
    busy = Busy(house)
    await sell(house, 1)
    await Mender(cast(Records, busy), clock=house.clock).mend_all()

    assert list((await shown(house, made)).lines) == []
    assert Counter(each.sku for each in busy.places)["LAMP"] == LOOKS_MAX


class Leaving:
    """A store in which a reservation ends between the look at its row and the look for it."""

    def __init__(self, house: House, reservation_id: str) -> None:
        self._house = house
        self._ending = [release(reservation_id)]

    async def select(self, *asked: Any, **given: Any) -> Any:
        if asked[0] is RESERVATIONS and self._ending:
            await self._house.reservations.Release(self._ending.pop(), metadata=COLLECT)
        return await self._house.records.select(*asked, **given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._house.records, name)


async def test_a_claim_that_ends_while_it_is_looked_for_was_somebodys(house: House) -> None:
    await house.put_on_shelf("LAMP", 1)
    made = await hold(house, line(1))
    await sell(house, 1)
    registry = CollectorRegistry()
    leaving = cast(Records, Leaving(house, made.reservation_id))
    await Mender(leaving, clock=house.clock, registry=registry).mend_all()
    assert registry.get_sample_value("rows_claimed_by_nobody") == 0
    assert await waiting(house) == 0


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
