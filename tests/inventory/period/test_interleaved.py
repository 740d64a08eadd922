"""Facts, closings and proofs in any order, closings left anywhere: always in balance."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from chassis.memory_records import MemoryRecords
from chassis.records import Where
from services.inventory.balance.domain import Part
from services.inventory.balance.proof import Behind, Question
from services.inventory.balance.store import RecordsBalances
from services.inventory.kinds import KINDS
from services.inventory.ledger.domain import Cause, Fact, Movement, Note
from services.inventory.ledger.recording import record
from services.inventory.ledger.store import MOVEMENTS, update_rows
from services.inventory.period.domain import order_of
from services.inventory.period.history import moved_between, movements_of
from services.inventory.period.workflow import Closing, closed, proven_at
from services.inventory.stock.domain import Bucket, Line, Place, StockRow

SKUS = ("A", "B", "C", "D")
HOUR = timedelta(hours=1)


class Moved(NamedTuple):
    sku: str
    quantity: int
    comes: bool


class Passed(NamedTuple):
    hours: int


class Close(NamedTuple):
    """Attributes:
    open_hours: What is younger stays open.
    archive_max: Movements of an archive.
    steps: After so many answers whoever closes is no more.
    """

    open_hours: int
    archive_max: int
    steps: int


Action = Moved | Passed | Close
ACTIONS = st.lists(
    st.one_of(
        st.builds(Moved, st.sampled_from(SKUS), st.integers(1, 5), st.booleans()),
        st.builds(Moved, st.sampled_from(SKUS), st.integers(1, 5), st.booleans()),
        st.builds(Passed, st.integers(1, 5)),
        st.builds(Close, st.integers(0, 6), st.integers(1, 4), st.integers(1, 9)),
    ),
    max_size=30,
)


class Shop:
    """A ledger that is closed now and then, and beside it all movements there ever were."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 2, 12, tzinfo=UTC)
        self.records = MemoryRecords(KINDS, clock=lambda: self.now)
        self.ever = dict[str, Movement]()
        self.writes_count = 0

    async def does(self, action: Action) -> None:
        match action:
            case Moved():
                await self._move(action)
            case Passed():
                self.now += action.hours * HOUR
            case Close():
                await self._close(action)

    async def _move(self, moved: Moved) -> None:
        self.writes_count += 1
        fact = Fact(
            line=Line(location_id="lyon", sku=moved.sku, quantity=moved.quantity),
            source=Bucket.OUTSIDE if moved.comes else Bucket.SELLABLE,
            target=Bucket.SELLABLE if moved.comes else Bucket.OUTSIDE,
            cause=Cause.RECEIPT if moved.comes else Cause.SALE,
        )
        write_id = str(UUID(int=self.writes_count))
        note = Note(write_id=write_id, actor="till", now=self.now, occur_time=self.now)
        await update_rows(
            self.records,
            [fact.line.place],
            lambda rows: record(rows, [fact], note=note),
            answer=tuple[StockRow, ...],
            timeout_s=2,
        )
        found = await self.records.select(MOVEMENTS, Where(limit=1000))
        self.ever |= {each.movement_id: each for each in found}

    async def _close(self, close: Close) -> None:
        closing = Closing(
            records=self.records,
            clock=lambda: self.now,
            before=self.now - close.open_hours * HOUR,
            actor="operator",
            movements_max=close.archive_max,
        )
        question = Question(location_ids=["lyon"], sku="", name="lyon")
        steps_left = close.steps
        async with aclosing(closed(closing, question, Behind("", ""))) as steps:
            async for _ in steps:
                await self.is_whole()
                steps_left -= 1
                if not steps_left:
                    return
        left_open = await self.records.select(MOVEMENTS, Where(limit=1000))
        assert all(each.record_time >= closing.before for each in left_open)

    async def is_whole(self) -> None:
        part = Part(location_ids=("lyon",))
        found = await RecordsBalances(self.records).prove(part)
        assert not found.differences
        assert found.movement_count + found.closed_movement_count == len(self.ever)
        archives = await proven_at(self.records, "lyon")
        assert not archives.differences
        assert archives.movement_count == found.closed_movement_count

    async def tells_all(self, limit: int) -> None:
        """Of each row, newest first, whatever of it is closed; and between any two positions."""
        for sku in SKUS:
            place, after, told = Place("lyon", sku), None, list[Movement]()
            its = sorted((m for m in self.ever.values() if m.sku == sku), key=order_of)
            while page := await movements_of(self.records, place, after=after, limit=limit):
                told += page
                after = order_of(page[-1])
            assert told == its[::-1]
            revisions = sorted({each.revision for each in its} | {0})
            for above, until in zip(revisions, revisions[limit:], strict=False):
                between = await moved_between(self.records, place, above=above, until=until)
                wanted = [each for each in its if above < each.revision <= until]
                assert sorted(between, key=order_of) == wanted


@given(ACTIONS, st.integers(1, 5))
def test_whatever_is_closed_and_whenever_rows_are_proven_and_explained_as_before(
    actions: list[Action], page_size: int
) -> None:
    async def run() -> None:
        shop = Shop()
        for action in actions:
            await shop.does(action)
            await shop.is_whole()
        await shop.tells_all(page_size)

    asyncio.run(run())
