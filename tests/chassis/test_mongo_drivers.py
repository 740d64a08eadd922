"""What a caller who goes away, or an engine that is slow, leaves behind: by either driver."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import psutil
import pytest
from pymongo import monitoring

from chassis.mongo import Database, DatabaseTimeoutError, Session, connect, translated_errors
from chassis.mongo_drivers import DriverName
from tests.driver import on_both_drivers
from tests.waiting import until

pytestmark = on_both_drivers

READERS_COUNT = 4  # Motor has no thread for many more.
MOMENTS_COUNT = 60
# A document that takes the engine as long to look at as any time that we give it.
SLOW = {"$where": "sleep(10000) || true"}


class Begun(monitoring.CommandListener):
    """Tells when a command has been sent."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._loop = asyncio.get_running_loop()
        self.count = 0

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name == self._name:
            self._loop.call_soon_threadsafe(self._counted)

    def _counted(self) -> None:
        self.count += 1

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...

    async def times(self, count: int) -> None:
        async def reached() -> bool:
            return self.count >= count

        await until(reached)


@asynccontextmanager
async def heard(
    database: Database, mongo_uri: str, driver: DriverName, begun: Begun
) -> AsyncIterator[Database]:
    """The same database through another client, whose commands are heard."""
    async with connect(mongo_uri, database.name, driver=driver, listeners=[begun]) as opened:
        yield opened


async def cancelled(task: asyncio.Task[Any]) -> bool:
    task.cancel()
    await asyncio.wait([task])
    return task.cancelled()


async def test_reads_that_are_cancelled_hold_up_nobody(
    database: Database, mongo_uri: str, mongo_driver: DriverName
) -> None:
    await database.collection("lamps").insert_one({"_id": 1})
    begun = Begun("find")
    async with heard(database, mongo_uri, mongo_driver, begun) as opened:
        lamps = opened.collection("lamps")

        async def read() -> None:
            await lamps.find(SLOW).to_list(1)

        readers = [asyncio.create_task(read()) for _ in range(READERS_COUNT)]
        await begun.times(READERS_COUNT)
        assert all([await cancelled(reader) for reader in readers])
        assert await lamps.find_one() == {"_id": 1}
        await until(partial(is_idle, database))


async def is_idle(database: Database) -> bool:
    """Whether the engine has ended what its askers have given up."""
    under_way = await database.admin("currentOp", ns=f"{database.name}.lamps")
    return not under_way["inprog"]


async def test_who_reads_for_ever_ends_when_cancelled_at_whatever_moment(
    database: Database,
) -> None:
    lamps = database.collection("lamps")

    async def read_for_ever() -> None:
        while True:
            with translated_errors():
                await lamps.find_one()

    await asyncio.gather(*(lamps.find_one() for _ in range(4)))
    for turns_count in range(MOMENTS_COUNT):
        reader = asyncio.create_task(read_for_ever())
        for _ in range(turns_count):
            await asyncio.sleep(0)
        reader.cancel()
        done, _ = await asyncio.wait([reader], timeout=5)
        assert reader in done, f"it reads on, cancelled after {turns_count} turns of the loop"


async def test_a_transaction_cut_off_in_a_command_leaves_no_lock(
    database: Database, mongo_uri: str, mongo_driver: DriverName
) -> None:
    """As it is when the loop ends and nobody waits for it."""
    lamps = database.collection("lamps")
    await lamps.insert_one({"_id": 1, "count": 0})
    begun, cut = Begun("find"), asyncio.get_running_loop().create_future()

    async def add(session: Session) -> None:
        await lamps.update_one({"_id": 1}, {"$inc": {"count": 1}}, session=session)

    async with heard(database, mongo_uri, mongo_driver, begun) as opened:

        async def work(session: Session) -> None:
            cut.set_result(asyncio.current_task())
            mine = opened.collection("lamps")
            await mine.update_one({"_id": 1}, {"$inc": {"count": 1}}, session=session)
            await mine.find(SLOW, session=session).to_list(1)

        caller = asyncio.create_task(opened.transaction(work, timeout_s=5))
        await begun.times(1)
        assert await cancelled(await cut)
        await asyncio.wait([caller])
        await database.transaction(add, timeout_s=1)

    assert await lamps.find_one() == {"_id": 1, "count": 1}


async def test_a_command_that_takes_too_long_ends_in_time(
    database: Database, mongo_uri: str, mongo_driver: DriverName
) -> None:
    await database.collection("lamps").insert_one({"_id": 1})

    async def read(session: Session) -> None:
        await database.collection("lamps").find(SLOW, session=session).to_list(1)

    with pytest.raises(DatabaseTimeoutError):
        await database.transaction(read, timeout_s=0.3)
    short = f"{mongo_uri.partition('?')[0]}?timeoutMS=300"
    async with connect(short, database.name, driver=mongo_driver) as opened:
        with pytest.raises(DatabaseTimeoutError):
            await opened.aggregate("lamps", [{"$match": {"$expr": SLOW_EXPRESSION}}])


SLOW_EXPRESSION = {
    "$function": {"body": "function() { sleep(10000); return true }", "args": [], "lang": "js"}
}


async def test_a_client_leaves_no_task_and_no_descriptor_behind(
    database: Database, mongo_uri: str, mongo_driver: DriverName
) -> None:
    async def use() -> None:
        async with connect(mongo_uri, database.name, driver=mongo_driver) as opened:
            await asyncio.gather(*(opened.admin("ping") for _ in range(8)))

    process = psutil.Process()
    await use()
    tasks_count, descriptors_count = len(asyncio.all_tasks()), process.num_fds()
    for _ in range(5):
        await use()

    async def all_gone() -> bool:
        return len(asyncio.all_tasks()) <= tasks_count and process.num_fds() <= descriptors_count

    await until(all_gone)
