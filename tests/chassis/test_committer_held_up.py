"""Group commit where another process holds a record: who else wants it waits, and nobody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.errors import AppError, Kind
from chassis.mongo import Database, Session
from chassis.mongo_records import MongoRecords
from chassis.records import Records
from tests.chassis.gated import LONG_S, TRAY, Gate, begin, take, waiting, writing
from tests.chassis.kept import (
    KINDS,
    LAMP,
    ROWS,
    RUG,
    Doctor,
    Row,
    changing,
    put,
    request_by,
)


async def stocked(database: Database) -> Records:
    store = MongoRecords(database, KINDS)
    await store.ensure_indexes()
    await put(store, Row(place=LAMP, count=9), Row(place=RUG, count=9), Row(place=TRAY, count=9))
    return store


@asynccontextmanager
async def rug_held(database: Database) -> AsyncIterator[None]:
    """By another process, as long as the block lasts."""
    held, given_back = asyncio.Event(), asyncio.Event()

    async def hold(session: Session) -> None:
        rug = {"_id.sku": RUG.sku}
        rows = database.collection(ROWS.collection)
        await rows.update_one(rug, {"$inc": {"touched": 1}}, session=session)
        held.set()
        await given_back.wait()

    holder = asyncio.create_task(database.transaction(hold, timeout_s=LONG_S))
    await held.wait()
    try:
        yield
    finally:
        given_back.set()
        await holder


async def test_who_wants_what_another_holds_alone_waits_for_it(database: Database) -> None:
    gate = Gate(await stocked(database))
    async with rug_held(database), writing(gate, write_s=1.0) as writes:
        first = await begin(gate, writes, TRAY)
        rug = take(writes, RUG, request=request_by(), timeout_s=1.5)
        tasks = await waiting(writes, rug, take(writes, LAMP, request=request_by()))
        gate.open.set()
        rug_error, lamps_left = await asyncio.gather(*tasks, return_exceptions=True)
        assert (await first, lamps_left) == (8, 8)
    assert isinstance(rug_error, AppError)
    assert rug_error.kind is Kind.DEADLINE_EXCEEDED


async def test_who_came_alone_and_waits_for_another_keeps_nobody_waiting(
    database: Database,
) -> None:
    gate = Gate(await stocked(database))
    async with writing(gate, write_s=1.0) as writes:
        async with rug_held(database):
            rug = await begin(gate, writes, RUG)
            gate.open.set()
            assert await take(writes, LAMP, request=request_by()) == 8
            assert not rug.done()
        assert await rug == 8


async def test_what_can_never_be_written_keeps_nobody_behind_what_another_holds(
    database: Database,
) -> None:
    gate = Gate(await stocked(database))
    large = Doctor(name="large", on_call=True, badge="x" * (17 << 20))
    async with rug_held(database), writing(gate, write_s=1.0) as writes:
        first = await begin(gate, writes, LAMP)
        refused = writes.update([], changing(large), answer=str, timeout_s=LONG_S)
        rug = take(writes, RUG, request=request_by(), timeout_s=1.5)
        calls = (take(writes, LAMP), refused, rug, take(writes, TRAY, request=request_by()))
        tasks = await waiting(writes, *calls)
        gate.open.set()
        lamps_left, too_large, rug_error, trays_left = await asyncio.gather(
            *tasks, return_exceptions=True
        )
        assert (await first, lamps_left, trays_left) == (8, 7, 8)
    assert isinstance(too_large, Exception) and not isinstance(too_large, AppError)
    assert isinstance(rug_error, AppError)
    assert rug_error.kind is Kind.DEADLINE_EXCEEDED
