"""A house with cabinets behind a real server, and a cabinet's end of its stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import grpc
from comptoir.collect.v1 import locker_service_pb2 as pb
from comptoir.collect.v1 import locker_service_pb2_grpc as pb_grpc

from chassis.clock import Clock, utc_now
from chassis.events import EventLog
from chassis.records import Records
from chassis.tail import Tail
from chassis.tokens import Issuer
from services.collect.guessing.store import ATTEMPTS
from services.collect.locker.capability import Secrets
from services.collect.locker.servicer import LockerServicer
from services.collect.locker.store import CABINETS, RECEIPTS, STATEMENTS
from tests.background import background
from tests.collect.locker.cabinets import (
    CODE_KEY,
    PUBLIC_KEY,
    hello,
    issuer,
    plain_change,
    plain_refs,
)
from tests.serving import Metadata, calling_as, serving

KINDS = (ATTEMPTS, CABINETS, STATEMENTS, RECEIPTS)
LOCKER = calling_as("c-paris", "locker", session_id=PUBLIC_KEY.hex())
OPERATOR = calling_as("olga", "staff:operator", locations=("paris",))
READ_S_MAX = 10.0
# Only the log's hint wakes a stream within the time of a test.
NEVER_LOOK_S = 300.0


@dataclass(frozen=True, slots=True)
class House:
    records: Records
    issuer: Issuer
    tail: Tail
    stub: "pb_grpc.LockerServiceAsyncStub"


@asynccontextmanager
async def open_house(
    records: Records, log: EventLog, *, clock: Clock = utc_now, **options: Any
) -> AsyncIterator[House]:
    """One replica on these records."""
    signing, tail = await issuer(), Tail(log)
    servicer = LockerServicer(
        records,
        issuer=signing,
        tail=tail,
        secrets=Secrets(CODE_KEY),
        on_entry=plain_change,
        refs_for=plain_refs,
        clock=clock,
        **{"look_s": NEVER_LOOK_S} | options,
    )
    async with background(tail.run()), serving(servicer) as channel:
        yield House(records, signing, tail, pb_grpc.LockerServiceStub(channel))


class Attached:
    """A cabinet's stream that has been greeted. `greeting` is what came before the first
    acknowledgement, `sequence` how far that goes."""

    def __init__(self, call: Any, greeting: list[pb.AttachResponse], sequence: int) -> None:
        self._call = call
        self.greeting = greeting
        self.sequence = sequence

    async def send(self, message: pb.AttachRequest) -> None:
        await self._call.write(message)

    async def told(self, name: str) -> Any:
        """The next message of this name; others are skipped. Raises AioRpcError at an error."""
        async with asyncio.timeout(READ_S_MAX):
            while (response := await self._call.read()) is not grpc.aio.EOF:
                if response.WhichOneof("message") == name:
                    return getattr(response, name)
        raise AssertionError("the stream has ended")

    async def ended(self) -> Exception:
        """The error with which the house ends it."""
        try:
            await self.told("nothing is called so")
        except grpc.aio.AioRpcError as error:
            return error
        raise AssertionError("unreachable")

    async def ended_by_cutting(self) -> None:
        self._call.cancel()
        with suppress(asyncio.CancelledError):
            await self._call.code()


async def attached(
    house: House, *, last_sequence: int = 0, metadata: Metadata = LOCKER
) -> Attached:
    call: Any = house.stub.Attach(metadata=metadata)
    await call.write(hello(last_sequence))
    greeting: list[pb.AttachResponse] = []
    async with asyncio.timeout(READ_S_MAX):
        while (response := await call.read()).WhichOneof("message") != "acknowledgement":
            greeting.append(response)
    return Attached(call, greeting, response.acknowledgement.sequence)
