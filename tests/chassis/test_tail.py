"""One reader of the log for many watchers: what it serves is what the log would."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from chassis.events import CursorTooOldError, LoggedEvent, MemoryLog
from chassis.tail import Tail
from tests.waiting import until

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def documents(*keys: str) -> list[dict[str, object]]:
    return [
        {"name": "changed", "key": key, "revision": 1, "detail": {"shop": "s"}, "occur_time": NOON}
        for key in keys
    ]


@asynccontextmanager
async def following(tail: Tail) -> AsyncIterator[None]:
    task = asyncio.create_task(tail.run())
    try:
        await asyncio.sleep(0)
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def keys_of(events: Sequence[LoggedEvent]) -> list[str]:
    return [event.key for event in events]


async def test_what_it_serves_from_memory_and_from_the_log_joins_without_a_gap() -> None:
    log = MemoryLog()
    log.append(documents("a", "b"))
    tail = Tail(log, kept_max=3)
    async with following(tail):
        log.append(documents(*"cdefg"))
        await until(lambda: has_read(tail, 7))

        for position in range(8):
            batch = await tail.read(position, 100)
            assert keys_of(batch.events) == list("abcdefg")[position:]
            assert batch.position == 7


async def test_a_limit_and_names_move_the_position_on_all_the_same() -> None:
    log = MemoryLog()
    tail = Tail(log)
    async with following(tail):
        log.append(documents(*"abc"))
        await until(lambda: has_read(tail, 3))

        assert (await tail.read(0, 2)).position == 2
        batch = await tail.read(0, 10, ("other",))
        assert (batch.events, batch.position) == ((), 3)


async def test_a_bell_rings_for_its_subject_alone() -> None:
    log = MemoryLog()
    tail = Tail(log)
    async with following(tail):
        with tail.bell("a") as about_a, tail.bell("z") as about_z:
            heard_a, heard_z = about_a.next(), about_z.next()
            log.append(documents("a"))
            await asyncio.wait_for(heard_a.wait(), 5)

            assert not heard_z.is_set()


async def test_a_bell_is_forgotten_with_its_last_listener() -> None:
    tail = Tail(MemoryLog())
    with tail.bell("a"), tail.bell("a"):
        pass

    assert tail.bells_count == 0


async def test_subjects_are_what_the_service_says() -> None:
    log = MemoryLog()
    tail = Tail(log, subjects=lambda event: (event.key, str(event.detail["shop"])))
    async with following(tail):
        with tail.bell("s") as about_the_shop:
            heard = about_the_shop.next()
            log.append(documents("a"))

            await asyncio.wait_for(heard.wait(), 5)


async def has_read(tail: Tail, position: int) -> bool:
    return tail.position == position


async def test_events_of_many_rows_leave_memory_sooner() -> None:
    log = MemoryLog()
    tail = Tail(log, kept_weight_max=30)
    large = {"name": "many", "key": "l", "revision": 1, "detail": {"skus": ["s"] * 8}}
    async with following(tail):
        for written in (documents("a"), [{**large, "occur_time": NOON}], documents("b")):
            log.append(written)
        await until(lambda: has_read(tail, 3))
        await log.trim(NOON + timedelta(seconds=1), 2)

        # What the log itself no longer has is served only by memory.
        assert keys_of((await tail.read(2, 10)).events) == ["b"]
        assert keys_of((await tail.read(1, 10)).events) == ["l", "b"]
        with pytest.raises(CursorTooOldError):
            await tail.read(0, 10)
