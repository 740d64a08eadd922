"""All who watch in a process share one reader, and none of them misses a change."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from comptoir.inventory.v1 import stock_service_pb2 as pb

from chassis.errors import AppError, Kind
from chassis.events import Batch, MemoryLog
from chassis.memory_records import MemoryRecords
from services.inventory.kinds import KINDS
from services.inventory.stock import watch
from services.inventory.stock.domain import Place
from services.inventory.stock.feed import Feed
from services.inventory.stock.inbox import WatchTooSlowError
from services.inventory.stock.selection import Selection
from services.inventory.stock.watch import Seen, watch_from
from tests.inventory.asking import line, sale
from tests.inventory.house import TILL, Clock, House
from tests.waiting import until

LYON = Selection(location_ids=frozenset({"lyon"}))
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
WAIT_S_MAX = 20.0


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "BOOKMARK_S", 0.01)


class DownError(AppError):
    kind, reason = Kind.UNAVAILABLE, "DOWN"


class Steps:
    """A watch that is read when a test says so, and not before."""

    def __init__(self, seen: Any) -> None:
        self._seen = seen
        self.cursor = ""

    async def next(self) -> list[tuple[str, int]]:
        """Sku and revision of each row of the next answer."""
        seen: Seen = await anext(self._seen)
        self.cursor = seen.cursor
        rows = [pb.StockRow.FromString(row) for row in seen.rows]
        return [(row.sku, row.revision) for row in rows]

    async def next_rows(self) -> list[tuple[str, int]]:
        """The same, of the next that is no bookmark."""
        async with asyncio.timeout(WAIT_S_MAX):
            while not (rows := await self.next()):
                pass
            return rows


@asynccontextmanager
async def watching(
    house: House, feed: Feed, selection: Selection = LYON, *, cursor: str = ""
) -> AsyncIterator[Steps]:
    made = await watch_from(house.records, house.log, feed, selection=selection, cursor=cursor)
    async with aclosing(made.seen()) as seen:
        yield Steps(seen)


async def read_so_far(house: House, feed: Feed) -> None:
    async def is_read() -> bool:
        return feed.position == (await house.log.head()).position

    await until(is_read)


async def begun(steps: Steps, feed: Feed) -> None:
    """Through an empty snapshot to where it waits at the feed."""
    while not feed.watchers_count:
        await steps.next()


async def test_who_does_not_read_is_told_the_last_state_of_each_row_once(house: House) -> None:
    feed = Feed(house.records, house.log)
    async with watching(house, feed) as steps:
        await begun(steps, feed)
        for sku, count in (("LAMP", 1), ("CORD", 2), ("LAMP", 3), ("LAMP", 4)):
            await house.put_on_shelf(sku, count)
        await read_so_far(house, feed)

        assert await steps.next_rows() == [("LAMP", 3), ("CORD", 1)]
        behind = steps.cursor
    async with watching(house, feed, cursor=behind) as again:
        assert await again.next() == []


async def test_beyond_what_may_wait_a_watch_ends_and_goes_on_from_its_cursor(
    house: House,
) -> None:
    feed = Feed(house.records, house.log, rows_max=2)
    async with watching(house, feed) as steps:
        await begun(steps, feed)
        for sku in ("A", "B", "A", "C", "D"):
            await house.put_on_shelf(sku, len(sku))
        await house.put_on_shelf("A", 7)
        await read_so_far(house, feed)
        with pytest.raises(WatchTooSlowError):
            await steps.next()

    async with watching(house, feed, cursor=steps.cursor) as again:
        assert await again.next() == [("A", 2), ("B", 1), ("C", 1), ("D", 1)]


async def test_a_change_is_encoded_once_for_all_who_wait_for_it(house: House) -> None:
    feed = Feed(house.records, house.log)
    everywhere = Selection(skus=frozenset({"LAMP"}))
    async with feed.joined(LYON, 0) as one, feed.joined(everywhere, 0) as other:
        await house.put_on_shelf("LAMP", 1)
        await read_so_far(house, feed)

        (first,), (second,) = one.take(9, head=9).rows, other.take(9, head=9).rows
        assert first is second


async def test_a_change_that_many_have_missed_is_encoded_once_for_all(house: House) -> None:
    feed = Feed(house.records, house.log)
    await house.put_on_shelf("LAMP", 1)
    await house.stock.RecordSale(sale(line(1)), metadata=TILL)
    event = (await house.log.read(0, 100)).events[-1]
    wanted = {Place("lyon", "LAMP")}

    (first,), (second,) = [await feed.encoding.rows(event, wanted) for _ in range(2)]
    assert first is second
    assert first.revision == 2


async def test_who_joins_in_the_middle_of_a_batch_has_all_of_it_behind_or_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An import's rows are read: what stood before it in the batch has then been told."""
    gate, held = asyncio.Event(), asyncio.Event()

    class Gated(MemoryRecords):
        async def find_many(self, kind: Any, keys: Iterable[Any]) -> Any:
            held.set()
            await gate.wait()
            return await super().find_many(kind, keys)

    log = MemoryLog()
    feed = Feed(Gated(KINDS, clock=Clock()), log)
    async with asyncio.timeout(WAIT_S_MAX), feed.joined(LYON, 0):
        log.append([changed("LAMP"), imported("CORD")])
        await held.wait()
        joining = asyncio.create_task(start_of(feed))
        await asyncio.sleep(0)
        gate.set()
        assert await joining == 2


async def start_of(feed: Feed) -> int:
    async with feed.joined(LYON, 0) as reader:
        return reader.start


async def test_where_the_log_cannot_be_read_all_end_with_that_and_may_come_again(
    house: House,
) -> None:
    class Broken(MemoryLog):
        is_broken = False

        async def read(self, position: int, limit: int, names: Collection[str] = ()) -> Batch:
            if self.is_broken:
                raise DownError("down")
            return await super().read(position, limit, names)

    log = Broken()
    feed = Feed(house.records, log)
    async with feed.joined(LYON, 0) as one, feed.joined(LYON, 0) as other:
        log.is_broken = True
        log.append([changed("LAMP")])
        for reader in (one, other):
            async with asyncio.timeout(WAIT_S_MAX):
                await reader.changed.wait()
            with pytest.raises(DownError):
                reader.take(9, head=0)
    log.is_broken = False
    async with feed.joined(LYON, 0) as again:
        log.append([changed("LAMP")])
        async with asyncio.timeout(WAIT_S_MAX):
            await again.changed.wait()
        assert len(again.take(9, head=2).rows) == 1


async def test_what_was_missed_is_told_with_the_last_state_of_each_row(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "BATCH_MAX", 2)
    feed = Feed(house.records, house.log)
    async with watching(house, feed) as steps:
        await begun(steps, feed)
    monkeypatch.setattr(watch, "BOOKMARK_S", WAIT_S_MAX)
    for count in range(1, 6):
        await house.put_on_shelf("LAMP", count)
        await house.put_on_shelf("CORD", count)

    async with watching(house, feed, cursor=steps.cursor) as again:
        assert await again.next() == [("LAMP", 5), ("CORD", 5)]


async def test_a_head_ahead_of_what_can_be_read_yet_skips_nothing(house: House) -> None:
    class Lagging(MemoryLog):
        shown = 0

        async def read(self, position: int, limit: int, names: Collection[str] = ()) -> Batch:
            return await super().read(position, min(limit, self.shown - position), names)

    log = Lagging()
    feed = Feed(house.records, log)
    made = await watch_from(house.records, log, feed, selection=LYON, cursor="")
    async with aclosing(made.seen()) as seen:
        steps = Steps(seen)
        await steps.next()
        log.append([changed("LAMP"), changed("CORD")])
        while not feed.watchers_count:
            await steps.next()
        log.shown = 2
        assert await steps.next_rows() == [("LAMP", 1), ("CORD", 1)]


async def test_a_cursor_ahead_of_this_process_is_not_set_back(house: House) -> None:
    await house.put_on_shelf("LAMP", 1)
    feed = Feed(house.records, house.log)
    async with feed.joined(LYON, 100) as ahead:
        assert ahead.take(9, head=feed.position).position == 100


async def test_nobody_follows_the_log_when_nobody_watches(house: House) -> None:
    def following() -> int:
        return sum("Feed._follow" in repr(task.get_coro()) for task in asyncio.all_tasks())

    async def is_over() -> bool:
        return not following()

    feed = Feed(house.records, house.log)
    async with feed.joined(LYON, 0), feed.joined(LYON, 0):
        assert following() == 1
    await until(is_over)


def changed(sku: str) -> dict[str, Any]:
    detail = {"location_id": "lyon", "sku": sku, "revision": 1}
    return document("stock_changed", f"lyon {sku}", detail)


def imported(sku: str) -> dict[str, Any]:
    detail = {"location_id": "lyon", "skus": [sku], "revisions": [1]}
    return document("stock_imported", "lyon 1", detail)


def document(name: str, key: str, detail: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "key": key, "revision": 1, "detail": detail, "occur_time": NOON}
