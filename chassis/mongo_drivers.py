"""The two drivers of MongoDB, and the calls that they spell differently.

Nothing else is wrapped: collections and cursors are the driver's own, and each call that is
made on them must be one that both have.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection
from pymongo import AsyncMongoClient

if TYPE_CHECKING:
    from pymongo.asynchronous.collection import AsyncCollection

Document: TypeAlias = dict[str, Any]
# Of both, so that mypy refuses a call that only one of them has, or that only one awaits.
Collection: TypeAlias = "AsyncIOMotorCollection[Document] | AsyncCollection[Document]"
Client: TypeAlias = "AsyncIOMotorClient[Document] | AsyncMongoClient[Document]"
# Each driver takes its own alone, and nobody but the driver looks into one.
Session: TypeAlias = Any


class DriverName(StrEnum):
    MOTOR = "motor"
    PYMONGO = "pymongo"


class Driver(Protocol):
    """An open client, and what must be said to it in its driver's own way."""

    @property
    def client(self) -> Client: ...

    async def start_session(self, *, snapshot: bool = False) -> Session: ...

    async def start_transaction(self, session: Session, **options: Any) -> None: ...

    async def aggregate(
        self, collection: Any, pipeline: Sequence[Document], session: Session | None
    ) -> list[Document]: ...

    async def cursor(
        self, collection: Any, pipeline: Sequence[Document], session: Session, size: int
    ) -> Any:
        """What `pipeline` makes, to be fetched by `to_list(size)` until that is empty."""

    def snapshot_time(self, session: Session) -> datetime:
        """Of which instant all reads of a snapshot session are, once it has read."""

    async def close(self) -> None: ...


def driver_of(name: DriverName, uri: str, **options: Any) -> Driver:
    """A client of the running loop. Connects when it is first asked for something."""
    return DRIVERS[name](uri, **options)


class Motor:
    """PyMongo's synchronous client on threads: whoever is cancelled leaves the command running."""

    def __init__(self, uri: str, **options: Any) -> None:
        self.client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(uri, **options)

    async def start_session(self, *, snapshot: bool = False) -> Session:
        return await self.client.start_session(snapshot=snapshot)

    async def start_transaction(self, session: Session, **options: Any) -> None:
        session.start_transaction(**options)

    async def aggregate(
        self, collection: Any, pipeline: Sequence[Document], session: Session | None
    ) -> list[Document]:
        found: list[Document] = await collection.aggregate(pipeline, session=session).to_list(None)
        return found

    async def cursor(
        self, collection: Any, pipeline: Sequence[Document], session: Session, size: int
    ) -> Any:
        return collection.aggregate(pipeline, session=session, batchSize=size)

    def snapshot_time(self, session: Session) -> datetime:
        return told_time(session.delegate)

    async def close(self) -> None:
        self.client.close()


class PyMongo:
    """PyMongo's own asynchronous client: a command that is cancelled loses its connection."""

    def __init__(self, uri: str, **options: Any) -> None:
        self.client: AsyncMongoClient[Document] = AsyncMongoClient(uri, **options)

    async def start_session(self, *, snapshot: bool = False) -> Session:
        return self.client.start_session(snapshot=snapshot)

    async def start_transaction(self, session: Session, **options: Any) -> None:
        await session.start_transaction(**options)

    async def aggregate(
        self, collection: Any, pipeline: Sequence[Document], session: Session | None
    ) -> list[Document]:
        async with await collection.aggregate(pipeline, session=session) as cursor:
            found: list[Document] = await cursor.to_list(None)
            return found

    async def cursor(
        self, collection: Any, pipeline: Sequence[Document], session: Session, size: int
    ) -> Any:
        return await collection.aggregate(pipeline, session=session, batchSize=size)

    def snapshot_time(self, session: Session) -> datetime:
        return told_time(session)

    async def close(self) -> None:
        await self.client.close()


def told_time(session: Any) -> datetime:
    """The engine tells it with the first answer, and the driver keeps it to itself."""
    instant: datetime = session._snapshot_time.as_datetime()
    return instant


@contextmanager
def heeded_cancellation() -> Iterator[None]:
    """Cancel the task after all, if it was cancelled inside and its driver hid that.

    PyMongo's asynchronous client sends through `asyncio.wait_for`, which before Python 3.12
    drops a cancellation that comes in the moment the bytes are gone (cpython#86296). A loop
    that reads for ever would then run on, and the service would never close.
    """
    try:
        task = asyncio.current_task()
    except RuntimeError:  # No loop runs, so nobody can be cancelled.
        task = None
    before_count = task.cancelling() if task else 0

    def is_cancelled() -> bool:
        return task is not None and task.cancelling() > before_count

    try:
        yield
    except Exception:
        if not is_cancelled():
            raise
    if is_cancelled():
        raise asyncio.CancelledError


DRIVERS: dict[DriverName, Callable[..., Driver]] = {
    DriverName.MOTOR: Motor,
    DriverName.PYMONGO: PyMongo,
}
