"""How a cabinet's stream begins, lives and ends, through real servers."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest
from comptoir.collect.v1 import locker_service_pb2 as pb

from chassis.clock import utc_now
from chassis.memory_records import MemoryRecords
from chassis.mongo import Database
from chassis.mongo_log import MongoLog
from chassis.mongo_records import MongoRecords
from chassis.sequencer import Sequencer
from chassis.signals import Signal
from tests.background import background
from tests.collect.locker.cabinets import (
    NOW,
    PUBLIC_KEY,
    cabinet,
    found,
    put,
    signed,
)
from tests.collect.locker.house import (
    KINDS,
    LOCKER,
    OPERATOR,
    House,
    attached,
    open_house,
)
from tests.collect.locker.orders import loaded, reserved
from tests.serving import calling_as, reason_of
from tests.waiting import until


async def test_a_newer_stream_ends_the_older_on_any_replica(house: House, replica: House) -> None:
    older = await attached(house)
    newer = await attached(replica)

    assert reason_of(await older.ended()) == "STREAM_REPLACED"
    await newer.send(signed(1))
    assert (await newer.told("acknowledgement")).sequence == 1


async def test_of_many_streams_at_once_one_stays(house: House, replica: House) -> None:
    streams = await asyncio.gather(*(attached(each) for each in [house, replica] * 4))
    outcomes = [asyncio.ensure_future(stream.ended()) for stream in streams]
    done: set[asyncio.Future[Exception]] = set()
    while len(done) < 7:
        finished, _ = await asyncio.wait(outcomes, return_when=asyncio.FIRST_COMPLETED, timeout=10)
        assert finished - done, "more than one stays"
        done |= finished
        outcomes = [outcome for outcome in outcomes if outcome not in done]

    assert {reason_of(outcome.result()) for outcome in done} == {"STREAM_REPLACED"}
    assert len(outcomes) == 1
    outcomes[0].cancel()


async def test_a_replaced_key_ends_its_stream(house: House) -> None:
    stream = await attached(house)
    await house.stub.CreateCabinetCode(
        pb.CreateCabinetCodeRequest(request_id=str(uuid4()), cabinet_id="c-paris"),
        metadata=OPERATOR,
    )

    assert reason_of(await stream.ended()) == "STREAM_REPLACED"


async def test_a_new_code_that_keeps_the_key_leaves_its_stream_alone(house: House) -> None:
    stream = await attached(house)
    await house.stub.CreateCabinetCode(
        pb.CreateCabinetCodeRequest(request_id=str(uuid4()), cabinet_id="c-paris", keeps_key=True),
        metadata=OPERATOR,
    )
    await stream.send(signed(1))

    assert (await stream.told("acknowledgement")).sequence == 1


@pytest.mark.parametrize("session_id", ["", "00" * 32])
async def test_a_token_of_another_key_opens_no_stream(house: House, session_id: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await attached(house, metadata=calling_as("c-paris", "locker", session_id=session_id))
    assert reason_of(caught.value) == "UNKNOWN_CABINET_KEY"


async def test_being_heard_is_written_every_20_seconds_at_most(memory: MemoryRecords) -> None:
    now = NOW
    async with open_house(memory, memory.log, clock=lambda: now) as house:
        stream = await attached(house)
        seen = []
        for sequence, seconds in enumerate([1, 19, 20, 21, 41], start=1):
            now = NOW + timedelta(seconds=seconds)
            await stream.send(pb.AttachRequest(heartbeat=pb.Heartbeat()))
            await stream.send(signed(sequence))
            await stream.told("acknowledgement")
            seen.append((await found(memory)).seen_time)

    assert [int((time or NOW).timestamp() - NOW.timestamp()) for time in seen] == [0, 0, 20, 20, 41]


async def test_being_heard_wakes_nobody(memory: MemoryRecords) -> None:
    now = NOW
    async with open_house(memory, memory.log, clock=lambda: now) as house:
        stream = await attached(house)
        before = await memory.log.head()
        now += timedelta(minutes=1)
        await stream.send(pb.AttachRequest(heartbeat=pb.Heartbeat()))

        async def heard() -> bool:
            return (await found(memory)).seen_time == now

        await until(heard)
        assert await memory.log.head() == before


async def test_a_stream_that_says_nothing_is_ended(memory: MemoryRecords) -> None:
    async with open_house(memory, memory.log, silence_s=0.2) as house:
        stream = await attached(house)

        assert reason_of(await stream.ended()) == "STREAM_SILENT"


async def test_a_stream_without_a_first_word_is_ended(memory: MemoryRecords) -> None:
    async with open_house(memory, memory.log, silence_s=0.2) as house:
        call: Any = house.stub.Attach(metadata=LOCKER)

        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
    assert reason_of(caught.value) == "STREAM_SILENT"


async def test_a_stream_looks_by_itself_where_no_hint_comes(memory: MemoryRecords) -> None:
    silent = MemoryRecords(KINDS).log
    async with open_house(memory, silent, look_s=0.05) as house:
        stream = await attached(house)
        await reserved(house)

        assert (await stream.told("assignment")).state == pb.ASSIGNMENT_STATE_RESERVED


async def test_a_key_that_comes_up_is_told(memory: MemoryRecords) -> None:
    async with open_house(memory, memory.log) as house:
        stream = await attached(house)
        keyring = house.issuer.keyring
        keyring._clock = lambda: utc_now() + timedelta(days=30)
        await keyring.refresh()
        await reserved(house)

        told = [key.key_id for key in (await stream.told("keys")).keys]
        assert told == [key.key_id for key in keyring.published()]


async def test_streams_that_are_cut_leave_nothing_behind(house: House) -> None:
    await (await attached(house)).ended_by_cutting()
    before = len(asyncio.all_tasks())
    for _ in range(20):
        await (await attached(house)).ended_by_cutting()

    async def gone() -> bool:
        return not house.tail._bells and len(asyncio.all_tasks()) <= before

    await until(gone)


@pytest.fixture
async def mongo_houses(database: Database) -> AsyncIterator[tuple[House, House]]:
    """Two replicas, as in production: each with its own driver of the one log."""
    logs = [MongoLog(database, Signal()) for _ in range(2)]
    await logs[0].ensure_epoch()
    outbox = Signal()
    records = MongoRecords(database, KINDS, committed=outbox.set)
    await records.ensure_indexes()
    await put(records, replace(cabinet(), public_key=PUBLIC_KEY))
    sequencer = Sequencer(database, outbox=outbox, appended=Signal())
    async with (
        background(sequencer.run()),
        open_house(records, logs[0]) as one,
        open_house(records, logs[1]) as other,
    ):
        yield one, other


async def test_on_mongodb_changes_and_streams_are_heard_of_across_replicas(
    mongo_houses: tuple[House, House],
) -> None:
    one, other = mongo_houses
    older = await attached(one)
    stream = await attached(other)
    assert reason_of(await older.ended()) == "STREAM_REPLACED"

    await reserved(one)
    assert (await loaded(one, stream)).state == pb.ASSIGNMENT_STATE_READY
    assert (await found(one.records)).journal_sequence == 1
