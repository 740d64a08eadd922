"""Translated errors, transactions that time out or lose their caller, and unfit engines."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from pymongo.errors import (
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    ServerSelectionTimeoutError,
    WTimeoutError,
)

from chassis.engine import UnfitEngineError, check_engine
from chassis.errors import AppError, Kind
from chassis.mongo import (
    ContendedError,
    Database,
    DatabaseTimeoutError,
    DatabaseUnavailableError,
    Document,
    Session,
    connect,
    translated_errors,
)
from chassis.mongo_drivers import DriverName
from chassis.mongo_log import MongoLog
from chassis.mongo_records import MongoRecords
from chassis.records import HeldUpError
from chassis.signals import Signal
from tests.conftest import with_timeout

NOWHERE = "mongodb://127.0.0.1:9/?timeoutMS=200"


@pytest.fixture(params=DriverName)
def mongo_driver(request: pytest.FixtureRequest) -> DriverName:
    driver: DriverName = request.param
    return driver


COMMIT_WITHOUT_MAJORITY = WTimeoutError(
    "waiting for replication timed out",
    64,
    {"code": 64, "errorLabels": ["UnknownTransactionCommitResult"]},
)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ServerSelectionTimeoutError("none"), Kind.UNAVAILABLE),
        (NetworkTimeout("slow"), Kind.DEADLINE_EXCEEDED),
        (ExecutionTimeout("slow", 50), Kind.DEADLINE_EXCEEDED),
        (ContendedError("again"), Kind.DEADLINE_EXCEEDED),
        (COMMIT_WITHOUT_MAJORITY, Kind.DEADLINE_EXCEEDED),
        (OperationFailure("too old", 239), Kind.UNAVAILABLE),
        (OperationFailure("changed since", 246), Kind.UNAVAILABLE),
    ],
)
def test_driver_errors_say_what_the_caller_can_do(error: Exception, kind: Kind) -> None:
    with pytest.raises(AppError) as caught, translated_errors():
        raise error

    assert caught.value.kind is kind


async def test_an_engine_that_is_away_is_unavailable_at_once(mongo_driver: DriverName) -> None:
    async with connect(NOWHERE, "x", driver=mongo_driver) as database:

        async def read(session: Session) -> None:
            await database.collection("lamps").find_one(session=session)

        begun_s = time.monotonic()
        with pytest.raises(DatabaseUnavailableError):
            await database.transaction(read, timeout_s=20)
        assert time.monotonic() - begun_s < 2


async def test_every_call_of_a_store_whose_engine_is_away_is_unavailable(
    mongo_driver: DriverName, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.mongo.PATIENCE_S", 0.2)
    async with connect(NOWHERE, "x", driver=mongo_driver) as database:
        with pytest.raises(DatabaseUnavailableError):
            await MongoRecords(database, []).ensure_indexes()
        with pytest.raises(DatabaseUnavailableError):
            await check_engine(database)


async def test_writes_are_of_the_majority_whatever_the_uri_says(
    mongo_uri: str, mongo_driver: DriverName
) -> None:
    weak = mongo_uri.partition("?")[0] + "?w=1&journal=false"
    async with connect(weak, "x", driver=mongo_driver) as database:
        lamps = database.collection("lamps")
        assert lamps.write_concern.document == {"w": "majority", "j": True}
        assert lamps.read_concern.level == "majority"


async def test_contention_without_end_stops_at_the_deadline(database: Database) -> None:
    async def contend(session: Session) -> None:
        raise ContendedError("always")

    begun_s = time.monotonic()
    # The driver may notice first, where it is slow to begin.
    with pytest.raises((HeldUpError, DatabaseTimeoutError)):
        await database.transaction(contend, timeout_s=0.2)
    assert time.monotonic() - begun_s < 1


async def test_others_are_waited_for_no_longer_than_one_has_patience(database: Database) -> None:
    async def contend(session: Session) -> None:
        raise ContendedError("always")

    begun_s = time.monotonic()
    with pytest.raises(HeldUpError):
        await database.transaction(contend, timeout_s=60, patience_s=0.1)
    assert time.monotonic() - begun_s < 10


async def test_a_turn_is_waited_for_no_longer_than_one_has_patience(database: Database) -> None:
    @asynccontextmanager
    async def never() -> AsyncIterator[None]:
        await asyncio.Event().wait()
        yield

    async def work(session: Session) -> None:
        raise AssertionError

    begun_s = time.monotonic()
    with pytest.raises(HeldUpError):
        await database.transaction(work, timeout_s=60, patience_s=0.1, turn=never)
    assert time.monotonic() - begun_s < 10


async def test_a_transaction_out_of_time_leaves_no_lock(database: Database) -> None:
    lamps = database.collection("lamps")
    await lamps.insert_one({"_id": 1, "count": 0})

    async def add(session: Session) -> None:
        await lamps.update_one({"_id": 1}, {"$inc": {"count": 1}}, session=session)

    async def dawdle(session: Session) -> None:
        await add(session)
        await asyncio.sleep(0.3)
        await add(session)

    with pytest.raises(DatabaseTimeoutError):
        await database.transaction(dawdle, timeout_s=0.2)
    before_s = time.monotonic()
    await database.transaction(add, timeout_s=5)

    assert time.monotonic() - before_s < 1
    assert await lamps.find_one() == {"_id": 1, "count": 1}


async def test_a_cancelled_caller_leaves_the_transaction_whole(database: Database) -> None:
    lamps = database.collection("lamps")
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(session: Session) -> None:
        await lamps.insert_one({"_id": 1}, session=session)
        begun.set()
        await go_on.wait()
        await lamps.insert_one({"_id": 2}, session=session)

    caller = asyncio.create_task(database.transaction(work, timeout_s=5))
    await begun.wait()
    caller.cancel()
    await asyncio.wait([caller])
    go_on.set()
    await database.settle()

    assert caller.cancelled()
    assert await lamps.count_documents({}) == 2


async def test_what_a_transaction_raises_without_its_caller_is_no_noise(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    begun = asyncio.Event()

    async def work(session: Session) -> None:
        begun.set()
        raise LookupError

    caller = asyncio.create_task(database.transaction(work, timeout_s=5))
    await begun.wait()
    caller.cancel()
    await asyncio.wait([caller])
    await database.settle()
    assert not caplog.records


async def test_a_fit_engine_passes_and_one_with_long_transactions_does_not(
    database: Database,
) -> None:
    name = "transactionLifetimeLimitSeconds"
    before = (await database.admin("getParameter", **{name: 1}))[name]
    await check_engine(database)
    try:
        await database.admin("setParameter", **{name: 60})
        with pytest.raises(UnfitEngineError, match="locks its rows"):
            await check_engine(database)
    finally:
        await database.admin("setParameter", **{name: before})


async def test_making_a_collection_twice_at_once_makes_it_once(new_database: Database) -> None:
    await asyncio.gather(*(new_database.create_collection("lamps") for _ in range(8)))
    assert await new_database.collection_names() == {"lamps"}


async def test_what_is_made_once_may_take_longer_than_a_call(
    mongo_uri: str, database_name: str, mongo_driver: DriverName
) -> None:
    """Which has a millisecond here, too little to connect."""
    hurried = with_timeout(mongo_uri, 0.001)
    async with connect(hurried, database_name, driver=mongo_driver) as database:
        with pytest.raises(AppError):
            await database.collection_names()
        await MongoRecords(database, []).ensure_indexes()
        await MongoLog(database, Signal()).ensure_epoch("of the morning")


async def test_a_session_is_used_again_unless_its_transaction_failed(database: Database) -> None:
    sessions: list[Session] = []

    async def work(session: Session) -> None:
        sessions.append(session)
        if len(sessions) == 2:
            raise LookupError

    await database.transaction(work, timeout_s=5)
    with pytest.raises(LookupError):
        await database.transaction(work, timeout_s=5)
    await database.transaction(work, timeout_s=5)

    first, second, third = sessions
    assert first is second
    assert third is not first
    assert (first.has_ended, third.has_ended) == (True, False)
    await database.settle()
    assert third.has_ended


async def test_of_many_transactions_at_once_so_many_sessions_are_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a minute's crowd would be kept for as long as the process lives."""
    monkeypatch.setattr("chassis.mongo.IDLE_MAX", 2)
    sessions: list[Session] = []
    have_come = asyncio.Event()

    async def work(session: Session) -> None:
        sessions.append(session)
        if len(sessions) == 5:
            have_come.set()
        await have_come.wait()

    await asyncio.gather(*(database.transaction(work, timeout_s=5) for _ in range(5)))

    assert sorted(session.has_ended for session in sessions) == [False, False, True, True, True]


async def test_what_a_snapshot_reads_in_batches_is_of_one_instant(database: Database) -> None:
    lamps = database.collection("lamps")
    await lamps.insert_many([{"_id": number} for number in range(5)])

    async def read(session: Session) -> tuple[list[int], datetime]:
        found = list[int]()
        pipeline: list[Document] = [{"$sort": {"_id": 1}}]
        async for batch in database.batches("lamps", pipeline, session=session, size=2):
            assert len(batch) <= 2
            found += [each["_id"] for each in batch]
            await lamps.insert_one({"_id": 100 + len(found)})
        return found, database.instant_of(session)

    before = datetime.now(UTC) - timedelta(seconds=30)
    found, instant = await database.snapshot(read)
    assert found == [0, 1, 2, 3, 4]
    assert before < instant < datetime.now(UTC) + timedelta(seconds=30)


async def test_a_snapshot_that_takes_too_long_is_out_of_time(database: Database) -> None:
    await database.collection("lamps").insert_one({"_id": 1})
    slow = {"$where": "sleep(10000) || true"}

    async def read(session: Session) -> list[Document]:
        return await database.collection("lamps").find(slow, session=session).to_list(1)

    with pytest.raises(DatabaseTimeoutError):
        await database.snapshot(read, timeout_s=0.1)
