"""Callers of inventory, some by unary calls, some over one stream: each try is written down."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import grpc
from comptoir.inventory.v1 import reservation_service_pb2 as pb
from comptoir.inventory.v1.reservation_service_pb2_grpc import ReservationServiceStub
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from comptoir_client.errors import call_error_from
from tests.chaos.desk import UNSURE
from tests.chaos.journal import Entry, Journal, Outcome, Reply
from tests.history.messages import (
    ON_RESERVATIONS,
    ON_STOCK,
    answer_from_pb,
    levels_pb,
    to_pb,
)
from tests.history.recorded import key_of
from tests.history.rig import SUBJECT, House
from tests.simulation.chance import Chance
from tests.simulation.operations import Operation, Verb
from tests.simulation.repertoire import OWNERS

CALL_S_MAX = 4.0
PAUSE_S_MAX = 0.1
# Some of the callers use a stream where there is one.
STREAMED_PART = 0.4
ENDED = (Verb.RELEASE, Verb.COMMIT, Verb.SUPERSEDE)


def owners() -> list[str]:
    """Of reservations, as inventory knows them."""
    return [f"{SUBJECT}{name}" for name in OWNERS]


@dataclass(slots=True)
class Line:
    """A ReserveStream of one owner, opened anew whenever it breaks. Answers come in any order.

    `late` are ids of which an answer may come that nobody waits for any more.
    """

    house: House
    owner: str
    waiting: dict[str, "asyncio.Future[Any]"] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    sent: "asyncio.Queue[Any]" = field(default_factory=asyncio.Queue)

    async def run(self) -> None:
        """Until cancelled."""
        stub: Any = ReservationServiceStub(self.house.channels["inventory"])
        while True:
            self.sent = asyncio.Queue()
            with suppress(grpc.aio.AioRpcError):
                metadata = await self.house.session(self.owner).metadata()
                async for answer in stub.ReserveStream(self._asked(), metadata=metadata):
                    self._take(answer)
            for each in self.waiting.values():
                if not each.done():
                    each.set_exception(ConnectionError("the stream has ended"))
            self.late.clear()
            await asyncio.sleep(PAUSE_S_MAX)

    async def ask(self, operation: Operation) -> Reply:
        field_name, _ = ON_RESERVATIONS[operation.verb]
        key = operation.request_id
        self.waiting[key] = asyncio.get_running_loop().create_future()
        await self.sent.put(pb.ReserveStreamRequest(**{field_name: to_pb(operation)}))
        try:
            async with asyncio.timeout(CALL_S_MAX):
                return reply_from_stream(await self.waiting[key])
        except TimeoutError as error:
            self.late.add(key)
            return Reply(Outcome.UNKNOWN, type(error).__name__)
        except ConnectionError as error:
            return Reply(Outcome.UNKNOWN, type(error).__name__)
        finally:
            del self.waiting[key]

    def is_free(self, operation: Operation) -> bool:
        """Of one id a reservation and its undo may be asked for: answers name the id alone."""
        return operation.request_id not in self.waiting.keys() | self.late

    async def _asked(self) -> AsyncIterator[Any]:
        queue = self.sent
        while True:
            yield await queue.get()

    def _take(self, answer: Any) -> None:
        waiting = self.waiting.get(answer.request_id)
        self.late.discard(answer.request_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)


def reply_from_stream(answer: Any) -> Reply:
    if not answer.HasField("refusal"):
        return Reply(Outcome.OK, "", answer_from_pb(answer))
    code = answer.refusal.code
    outcome = Outcome.UNKNOWN if code in UNSURE else Outcome.FAILED
    return Reply(outcome, answer.refusal.reason or code)


@dataclass(slots=True)
class Callers:
    """Attributes:
    operations: All that was asked, by the key of the journal.
    stand: Reservations that were made and, as far as was told, not ended.
    """

    house: House
    journal: Journal
    dice: random.Random
    lines: Mapping[str, Line]
    chance: Chance = field(init=False)
    operations: dict[str, Operation] = field(default_factory=dict)
    stand: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.chance = Chance(self.dice, subject=SUBJECT)

    async def call(self) -> None:
        """One caller, for ever. Half of what nobody answered is repeated at once."""
        while True:
            operation = self.chance.operation(self.stand.__contains__)
            if is_asked(operation):
                entry = await self.ask(operation)
                if entry.outcome is Outcome.UNKNOWN and self.dice.random() < 0.5:
                    await self.ask(operation)
            await asyncio.sleep(self.dice.uniform(0.0, PAUSE_S_MAX))

    async def ask(self, operation: Operation) -> Entry:
        key = key_of(operation)
        self.operations[key] = operation
        line = self.lines.get(operation.owner)
        is_streamed = (
            line is not None
            and operation.verb in ON_RESERVATIONS
            and self.dice.random() < STREAMED_PART
        )

        async def send() -> Reply:
            if line is not None and is_streamed and line.is_free(operation):
                return await line.ask(operation)
            return await self._unary(operation)

        entry = await self.journal.tried(operation.verb, send, key=key, about=operation.about)
        if entry.outcome is Outcome.OK:
            self._note(operation, entry)
        return entry

    def _note(self, operation: Operation, entry: Entry) -> None:
        if operation.verb in (Verb.RESERVE, Verb.SUPERSEDE):
            self.stand.add(entry.answer["reservation_id"])
        if operation.verb in ENDED:
            self.stand.discard(operation.about)

    async def _unary(self, operation: Operation) -> Reply:
        channel = self.house.channels["inventory"]
        try:
            metadata = await self.house.session(operation.owner).metadata()
            if operation.verb is Verb.IMPORT:
                return await imported(operation, channel, metadata)
            method = method_of(operation, channel)
            answer = await method(to_pb(operation), metadata=metadata, timeout=CALL_S_MAX)
        except grpc.aio.AioRpcError as error:
            failed = call_error_from(error)
            outcome = Outcome.UNKNOWN if failed.code.name in UNSURE else Outcome.FAILED
            return Reply(outcome, failed.reason or failed.code.name)
        return Reply(Outcome.OK, "", answer_from_pb(answer))


def is_asked(operation: Operation) -> bool:
    """Lapses the service tells of by itself; what is kept back leaves no movement."""
    return operation.verb is not Verb.TELL and not operation.safety


def method_of(operation: Operation, channel: grpc.aio.Channel) -> Any:
    if operation.verb in ON_STOCK:
        return getattr(StockServiceStub(channel), ON_STOCK[operation.verb])
    return getattr(ReservationServiceStub(channel), ON_RESERVATIONS[operation.verb][1])


async def imported(operation: Operation, channel: grpc.aio.Channel, metadata: Any) -> Reply:
    async def levels() -> AsyncIterator[Any]:
        yield levels_pb(operation)

    stub: Any = StockServiceStub(channel)
    async for answer in stub.ImportStock(levels(), metadata=metadata, timeout=CALL_S_MAX):
        for rejection in answer.progress.rejections:
            return Reply(Outcome.FAILED, rejection.reason)
    return Reply(Outcome.OK)
