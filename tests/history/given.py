"""A history as a run would leave it, made by the product's own rules on records in memory."""

import random
from collections.abc import Coroutine
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from comptoir.inventory.v1 import reservation_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from chassis.errors import AppError
from chassis.events import LoggedEvent
from chassis.memory_records import MemoryRecords
from chassis.records import Kind, Where
from services.inventory.kinds import KINDS
from services.inventory.ledger.overclaims import Overclaim
from services.inventory.ledger.store import MOVEMENTS, OVERCLAIMS
from services.inventory.reservation.domain import Reservation
from services.inventory.reservation.mending import Mender
from services.inventory.reservation.messages import reservation_to_pb
from services.inventory.reservation.store import RESERVATIONS
from services.inventory.stock.messages import row_to_pb
from services.inventory.stock.store import ROWS
from tests.chaos.books import Books
from tests.chaos.journal import Entry, Outcome
from tests.history.messages import answer_from_pb
from tests.history.recorded import History, key_of
from tests.simulation.chance import Chance
from tests.simulation.handling import handled
from tests.simulation.operations import Operation, Verb
from tests.simulation.world import BEGIN_MS, EPOCH

OPERATIONS_COUNT = 400
TOOK_S = 0.01


class Recorder:
    """One replica after the other, with another clock each time; one operation at a time."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.chance = Chance(self.dice)
        self.now = EPOCH + timedelta(milliseconds=BEGIN_MS)
        self.skew = timedelta()
        self.records = MemoryRecords(KINDS, clock=self.clock)
        self.operations: dict[str, Operation] = {}
        self.entries: list[Entry] = []

    def clock(self) -> datetime:
        return self.now + self.skew

    def record(self) -> None:
        for noted in self._all(OVERCLAIMS):
            if not noted.mended and self.dice.random() < 0.5:
                self._mend(noted)
        operation = self.chance.operation(self._stands)
        self.now += timedelta(seconds=self.dice.choice((0.02, 0.02, 1, 30)))
        self.skew = timedelta(seconds=self.dice.randint(-300, 300))
        if operation.safety:
            return  # An import that changes that alone leaves no movement.
        reply = self._reply(operation)
        if operation.verb is Verb.TELL:
            return
        self.operations[key_of(operation)] = operation
        begin_s = self.now.timestamp()
        self.entries.append(
            Entry(
                operation=operation.verb,
                key=key_of(operation),
                about=operation.about,
                asked={},
                begin_s=begin_s,
                end_s=begin_s + TOOK_S,
                **reply,
            )
        )

    def _mend(self, noted: Overclaim) -> None:
        at_once(Mender(self.records, clock=self.clock).mend([noted]))

    def _reply(self, operation: Operation) -> dict[str, Any]:
        number = self.chance.number()
        try:
            work = handled(operation, self.records, now=self.clock(), task=number)
            answer = at_once(work)
        except AppError as error:
            return {"outcome": Outcome.FAILED, "reason": error.reason}
        return {"outcome": Outcome.OK, "answer": told(operation, answer)}

    def _stands(self, reservation_id: str) -> bool:
        found: Reservation | None = at_once(self.records.find(RESERVATIONS, reservation_id))
        return found is not None and found.status.value == "active"

    def history(self) -> History:
        # Behind the end of every hold that is left, and told of it.
        self.now += timedelta(hours=3)
        self.skew = timedelta()
        held = tuple(r.reservation_id for r in self._all(RESERVATIONS))
        last = Operation(verb=Verb.TELL, request_id="", lapsed=held)
        at_once(handled(last, self.records, now=self.clock(), task=self.chance.number()))
        head = at_once(self.records.log.head())
        log: list[LoggedEvent] = list(at_once(self.records.log.read(0, head.position)).events)
        books = Books(
            rows=self._all(ROWS),
            movements=self._all(MOVEMENTS),
            reservations=self._all(RESERVATIONS),
            logs={"inventory": log},
        )
        return History(
            operations=self.operations,
            entries=self.entries,
            books=books,
            read_s=self.now.timestamp(),
        )

    def _all(self, kind: Kind[Any]) -> list[Any]:
        found: list[Any] = at_once(self.records.select(kind, Where(limit=1000)))
        return found


@cache
def good_history(seed: int, count: int = OPERATIONS_COUNT) -> History:
    recorder = Recorder(seed)
    for _ in range(count):
        recorder.record()
    return recorder.history()


def at_once(work: Coroutine[Any, Any, Any]) -> Any:
    """What records in memory do they do without waiting for anybody."""
    try:
        work.send(None)
    except StopIteration as ended:
        return ended.value
    raise AssertionError("it waits for something")


def told(operation: Operation, answer: Any) -> Any:
    """As a caller would have been told."""
    if operation.verb in (Verb.SELL, Verb.MOVE):
        rows = [row_to_pb(row) for row in answer]
        return answer_from_pb(stock_pb.RecordSaleResponse(rows=rows))
    if operation.verb in (Verb.IMPORT, Verb.TELL) or answer is None:
        return {}
    return answer_from_pb(pb.ReserveResponse(reservation=reservation_to_pb(answer)))
