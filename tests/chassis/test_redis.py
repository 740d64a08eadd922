"""Redis may die at any instant: wakes and limits go on without it, and with it again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from chassis import redis
from chassis.mongo import Database
from chassis.mongo_log import MongoLog
from chassis.mongo_records import MongoRecords
from chassis.sequencer import Sequencer
from tests.background import background
from tests.chassis.event_house import KINDS, bump
from tests.mortal import Mortal, mortal_redis
from tests.waiting import until


@pytest.fixture
async def mortal(tmp_path: Path) -> AsyncIterator[Mortal]:
    async with mortal_redis(tmp_path) as running:
        yield running


@asynccontextmanager
async def two_wakes(url: str) -> AsyncIterator[tuple[redis.Wake, redis.Wake]]:
    async with redis.connect(url) as client:
        left, right = (redis.Wake(client, f"test:{url}") for _ in range(2))
        async with background(left.run(), right.run()):
            yield left, right


async def are_well(*wakes: redis.Wake) -> None:
    async def all_well() -> bool:
        return all(wake.well for wake in wakes)

    await until(all_well)


async def are_away(*wakes: redis.Wake) -> None:
    async def all_away() -> bool:
        return not any(wake.well for wake in wakes)

    await until(all_away)


async def test_a_wake_reaches_the_others_and_its_own(redis_url: str) -> None:
    async with two_wakes(redis_url) as (left, right):
        await are_well(left, right)
        own, other = left.next(), right.next()
        left.set()

        assert own.is_set()
        async with asyncio.timeout(1):
            await other.wait()
        assert left.pause_s == right.pause_s == 1.0


async def test_without_redis_setting_does_not_fail() -> None:
    async with redis.connect("redis://127.0.0.1:9/0") as client:
        wake = redis.Wake(client, "nowhere")
        async with background(wake.run()):
            heard = wake.next()
            for _ in range(1000):
                wake.set()  # Nothing of it can be waited for.
            assert heard.is_set()
            assert wake.pause_s == 0.02


async def test_redis_dying_is_survived_and_its_return_noticed(mortal: Mortal) -> None:
    async with two_wakes(mortal.url) as (left, right):
        await are_well(left, right)
        await mortal.kill()
        await are_away(left, right)
        await mortal.start()
        await are_well(left, right)
        heard = right.next()
        left.set()
        async with asyncio.timeout(5):
            await heard.wait()


async def test_events_are_delivered_while_redis_is_dead(database: Database, mortal: Mortal) -> None:
    async with two_wakes(mortal.url) as (left, right), redis.connect(mortal.url) as client:
        outbox = redis.Wake(client, f"{database.name}:outbox")
        records = MongoRecords(database, KINDS, committed=outbox.set)
        await records.ensure_indexes()
        log = MongoLog(database, right)
        await log.ensure_epoch()
        sequencer = Sequencer(database, outbox=outbox, appended=left)
        async with background(outbox.run(), sequencer.run()):
            await are_well(left, right, outbox)
            await mortal.kill()
            for n in range(1, 6):
                await bump(records, "a")

                async def has_come(wanted: int = n) -> bool:
                    return (await log.head()).position == wanted

                await until(has_come, timeout_s=2)


async def test_a_limit_counts_over_replicas_in_its_window(redis_url: str) -> None:
    async with redis.connect(redis_url) as client:
        prefix = uuid4().hex
        replicas = [redis.Limits(client, prefix=prefix) for _ in range(2)]
        allowed = [await replicas[n % 2].allows("anna", count_max=3, window_s=60) for n in range(5)]
        assert allowed == [True] * 3 + [False] * 2
        assert await replicas[0].allows("ben", count_max=3, window_s=60)

        async def is_over() -> bool:
            return await replicas[0].allows("cleo", count_max=1, window_s=0.05)

        assert await is_over()
        assert not await is_over()
        await until(is_over)


async def test_without_redis_each_process_limits_for_itself(mortal: Mortal) -> None:
    async with redis.connect(mortal.url) as client:
        limits = redis.Limits(client, prefix="p")
        await mortal.kill()
        allowed = [await limits.allows("anna", count_max=3, window_s=60) for _ in range(5)]
        assert allowed == [True] * 3 + [False] * 2


@asynccontextmanager
async def silent_redis() -> AsyncIterator[tuple[str, list[object]]]:
    """Accepts and never answers; its URL, and who has asked it."""
    asked: list[object] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(writer)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"redis://127.0.0.1:{port}/0", asked


async def test_a_redis_that_stalls_keeps_one_waiting_and_nobody_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chassis.redis.AWAY_S", 60.0)
    async with silent_redis() as (url, asked), redis.connect(url) as client:
        limits = redis.Limits(client, prefix="p")
        allowed = [await limits.allows("anna", count_max=97, window_s=60) for _ in range(100)]

    assert allowed == [True] * 97 + [False] * 3
    assert len(asked) == 1


async def test_a_limit_waits_no_longer_than_it_says_whatever_the_client_would() -> None:
    async with silent_redis() as (url, _), Redis.from_url(url, socket_timeout=300) as client:
        limits = redis.Limits(client, prefix="p")
        async with asyncio.timeout(60):
            assert await limits.allows("anna", count_max=1, window_s=60)


async def test_one_asks_a_stalled_redis_again_while_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with silent_redis() as (url, asked), redis.connect(url) as client:
        limits = redis.Limits(client, prefix="p")
        monkeypatch.setattr("chassis.redis.AWAY_S", 0.0)
        await limits.allows("anna", count_max=100, window_s=60)
        monkeypatch.setattr("chassis.redis.AWAY_S", 60.0)
        calls = [limits.allows("anna", count_max=100, window_s=60) for _ in range(20)]
        assert all(await asyncio.gather(*calls))

    assert len(asked) == 2


async def test_where_no_connection_is_free_only_that_call_goes_without(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.redis.AWAY_S", 60.0)
    monkeypatch.setattr("chassis.redis.CONNECTIONS_MAX", 1)
    prefix = uuid4().hex
    async with redis.connect(redis_url) as client, redis.connect(redis_url) as others:
        one, other = redis.Limits(client, prefix=prefix), redis.Limits(others, prefix=prefix)
        assert [await refuses(other) for _ in range(2)] == [False] * 2
        async with client.client():  # Takes the one connection there is.
            assert not await refuses(one)
        assert await refuses(one)


async def test_when_redis_goes_on_it_counts_for_all_again(
    mortal: Mortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.redis.AWAY_S", 0.0)
    async with redis.connect(mortal.url) as client:
        one, other = (redis.Limits(client, prefix="p") for _ in range(2))
        mortal.stall()
        assert await one.allows("anna", count_max=2, window_s=60)
        mortal.go_on()

        async def is_used_up() -> bool:
            return not await other.allows("ben", count_max=2, window_s=60)

        await until(is_used_up)
        await until(lambda: refuses(one))
        monkeypatch.setattr("chassis.redis.AWAY_S", 60.0)
        assert [await refuses(one) for _ in range(3)] == [True] * 3


async def refuses(limits: redis.Limits) -> bool:
    """What another process has used up."""
    return not await limits.allows("ben", count_max=2, window_s=60)


def test_windows_of_a_process_are_bounded() -> None:
    windows = redis.Windows()
    for n in range(windows.KEYS_MAX + 5):
        windows.add(str(n), 1, 60)
    assert windows.add("0", 1, 60) == 1
    assert windows.add(str(windows.KEYS_MAX + 4), 1, 60) == 2
