"""MongoDB as this house uses it, by either driver: limits, transactions, errors.

Nobody outside the chassis knows a driver. Knows no collection.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
)
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import pymongo
from pymongo import DeleteMany as DeleteMany
from pymongo import DeleteOne as DeleteOne
from pymongo import IndexModel as IndexModel
from pymongo import InsertOne as InsertOne
from pymongo import ReplaceOne as ReplaceOne
from pymongo import UpdateOne as UpdateOne
from pymongo import WriteConcern, monitoring
from pymongo.errors import BulkWriteError as BulkWriteError
from pymongo.errors import CollectionInvalid
from pymongo.errors import DuplicateKeyError as DuplicateKeyError
from pymongo.errors import OperationFailure as OperationFailure
from pymongo.read_concern import ReadConcern
from pymongo.uri_parser import parse_uri

from chassis.mongo_drivers import Collection as Collection
from chassis.mongo_drivers import Document as Document
from chassis.mongo_drivers import Driver, DriverName, driver_of
from chassis.mongo_drivers import Session as Session
from chassis.mongo_errors import CONFLICT
from chassis.mongo_errors import ContendedError as ContendedError
from chassis.mongo_errors import DatabaseTimeoutError as DatabaseTimeoutError
from chassis.mongo_errors import DatabaseUnavailableError as DatabaseUnavailableError
from chassis.mongo_errors import SnapshotTooOldError as SnapshotTooOldError
from chassis.mongo_errors import translated_errors as translated_errors
from chassis.mongo_retries import Limits, committed_once, retried
from chassis.records import HeldUpError

T = TypeVar("T")

SNAPSHOT = ReadConcern("snapshot")
MAJORITY = WriteConcern("majority", j=True)
TIMEOUT_MS = 2000
SELECTION_S = 1.0
PATIENCE_S = 60.0
# Sessions that wait for a transaction. Who ends one finds somebody waiting for it where there is
# much to do, so hardly ever so many; without a bound a crowd's would be kept for good.
IDLE_MAX = 64
NAMESPACE_EXISTS_CODE = 48

log = logging.getLogger(__name__)


def patience() -> AbstractContextManager[object]:
    """For what is done once, and may take longer on a busy engine than any call of ours."""
    return pymongo.timeout(PATIENCE_S)


@asynccontextmanager
async def connect(
    uri: str,
    name: str,
    *,
    driver: DriverName = DriverName.MOTOR,
    listeners: Sequence[monitoring.CommandListener | monitoring.ConnectionPoolListener] = (),
) -> AsyncIterator["Database"]:
    """Open the database `name` in the running loop; close it after the last write.

    Whatever `uri` says, writes and reads are of the majority and of the journal.
    """
    given = {option.lower() for option in parse_uri(uri)["options"]}
    limits: dict[str, Any] = {} if "timeoutms" in given else {"timeoutMS": TIMEOUT_MS}
    opened = driver_of(
        driver,
        uri,
        tz_aware=True,
        w="majority",
        journal=True,
        readConcernLevel="majority",
        event_listeners=listeners,
        **limits,
    )
    database = Database(opened, name)
    try:
        yield database
    finally:
        await database.settle()
        await opened.close()


class Database:
    def __init__(self, driver: Driver, name: str) -> None:
        self._driver = driver
        self._client = driver.client
        self._database = driver.client[name]
        self._transactions: set[asyncio.Task[Any]] = set()
        self._idle: list[Session] = []
        self.name = name

    def collection(self, name: str) -> Collection:
        return self._database[name]

    async def collection_names(self) -> set[str]:
        with translated_errors():
            return set(await self._database.list_collection_names())

    async def create_collection(self, name: str) -> None:
        """Idempotent, also with another process that makes it at the same time."""
        try:
            with translated_errors():
                await self._database.create_collection(name)
        except CollectionInvalid:
            pass
        except OperationFailure as error:
            if error.code != NAMESPACE_EXISTS_CODE:
                raise

    async def create_missing(self, names: Iterable[str]) -> None:
        """Together, since each waits for the disk."""
        missing = set(names) - await self.collection_names()
        await asyncio.gather(*map(self.create_collection, missing))

    async def aggregate(
        self, name: str, pipeline: Sequence[Document], *, session: Session | None = None
    ) -> list[Document]:
        with translated_errors():
            return await self._driver.aggregate(self._database[name], pipeline, session)

    async def batches(
        self, name: str, pipeline: Sequence[Document], *, session: Session, size: int
    ) -> AsyncIterator[list[Document]]:
        """What `pipeline` makes, so many documents at once: for what has no other end."""
        with translated_errors():
            cursor = await self._driver.cursor(self._database[name], pipeline, session, size)
            while batch := await cursor.to_list(size):
                yield batch

    async def snapshot(
        self, read: Callable[[Session], Awaitable[T]], *, timeout_s: float | None = None
    ) -> T:
        """What `read(session)` returns, all of its reads being of one instant. Takes no lock.

        Raises SnapshotTooOldError; DatabaseTimeoutError where all of it takes longer than
        `timeout_s`, or, without, one read longer than any may.
        """
        limit = nullcontext() if timeout_s is None else pymongo.timeout(timeout_s)
        with translated_errors(), limit:
            async with await self._driver.start_session(snapshot=True) as session:
                return await read(session)

    def instant_of(self, session: Session) -> datetime:
        """Of which all reads of a snapshot are, once it has read."""
        return self._driver.snapshot_time(session)

    async def admin(self, command: str, **options: Any) -> Mapping[str, Any]:
        """What the engine itself answers to `command`."""
        with translated_errors():
            answer: Mapping[str, Any] = await self._client.admin.command(command, **options)
            return answer

    async def drop(self) -> None:
        """Forget all of it."""
        with patience():
            await self._client.drop_database(self._database.name)

    async def transaction(
        self,
        work: Callable[[Session], Awaitable[T]],
        *,
        timeout_s: float,
        patience_s: float | None = None,
        committed: Callable[[], None] = lambda: None,
        turn: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
    ) -> T:
        """Commit what `work(session)` does, wholly or not at all, and return its result.

        `work` runs again when another writer got in first, so it must do nothing
        but use the session; `committed` is called once, after the commit. All of
        it, waiting included, happens inside `turn()` and within `timeout_s`; for others who
        write the same it waits and tries again for `patience_s`, if that is less. A
        caller who is cancelled leaves the transaction to end by itself: cut off
        between two operations, its locks would stay for seconds. Raises HeldUpError,
        and then it has not happened;
        DatabaseTimeoutError or DatabaseUnavailableError, and then it may have
        happened; and whatever `work` raises, and then it has not.
        """
        limits = Limits.of(timeout_s, patience_s)
        task = asyncio.create_task(self._in_turn(work, limits, committed, turn))
        self._transactions.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    async def settle(self) -> None:
        """Wait for the transactions whose callers have gone, and keep nothing for more."""
        await asyncio.gather(*self._transactions, return_exceptions=True)
        while self._idle:
            await self._idle.pop().end_session()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._transactions.discard(task)
        if not task.cancelled():
            task.exception()  # Its caller may have gone: asyncio would complain that no one looked.

    async def _in_turn(
        self,
        work: Callable[[Session], Awaitable[T]],
        limits: Limits,
        committed: Callable[[], None],
        turn: Callable[[], AbstractAsyncContextManager[None]],
    ) -> T:
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(limits.patience_ends_s - time.monotonic()):
                    await stack.enter_async_context(turn())
            except TimeoutError as error:
                raise HeldUpError("others were before it for all its time") from error
            result = await self._until_committed(work, limits)
        committed()
        return result

    async def _until_committed(self, work: Callable[[Session], Awaitable[T]], limits: Limits) -> T:
        timeout_s = max(limits.ends_s - time.monotonic(), 0.001)  # Zero is no limit to the driver.
        with translated_errors(), pymongo.timeout(timeout_s):
            async with self._session() as session:
                attempt = partial(self._attempt, work, session, limits.ends_s)
                return await retried(attempt, CONFLICT, limits.patience_ends_s)

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[Session]:
        """One that did its last transaction well, where there is one.

        To begin and to end one takes motor a thread each, as long as a command does.
        """
        session = self._idle.pop() if self._idle else await self._driver.start_session()
        try:
            yield session
        except BaseException:
            await session.end_session()
            raise
        if len(self._idle) < IDLE_MAX:
            self._idle.append(session)
        else:
            await session.end_session()

    async def _attempt(
        self, work: Callable[[Session], Awaitable[T]], session: Session, deadline_s: float
    ) -> T:
        topology: Any = self._client.topology_description
        if not topology.has_writable_server():
            # Under a deadline of ours the driver looks for a server until that deadline.
            with pymongo.timeout(SELECTION_S):
                await self._client.admin.command("ping")
        await self._driver.start_transaction(session, read_concern=SNAPSHOT, write_concern=MAJORITY)
        return await committed_once(work, session, deadline_s)
