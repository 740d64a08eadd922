"""Replicas, callers and the network between them, one step at a time.

A history is a list of steps. Each says for itself what happens, so that one that is left out
leaves the others meaningful: what it would have brought is simply not there.
"""

from collections.abc import Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, cast

from chassis.errors import AppError
from chassis.records import Records
from services.inventory.kinds import KINDS
from tests.simulation.auditor import Auditor
from tests.simulation.broken import BrokenError
from tests.simulation.buyers import Heard
from tests.simulation.handling import handled
from tests.simulation.hearing import Ear
from tests.simulation.operations import Operation, Verb
from tests.simulation.plain_records import PlainRecords

REPLICAS_COUNT = 3
BEGIN_MS = int(datetime(2026, 1, 2, 12, tzinfo=UTC).timestamp()) * 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Happening(StrEnum):
    SEND = "send"
    ARRIVE = "arrive"
    LOSE = "lose"
    GO_ON = "go on"
    DIE = "die"
    PASS = "pass"
    SET = "set"
    HEAR = "hear"


class Step(NamedTuple):
    """`what` happens to message, task or replica `number`; `value` is a replica, or milliseconds.

    `task` is begun by it: of one message several may be.
    """

    what: Happening
    number: int = 0
    value: int = 0
    task: int = 0
    operation: Operation | None = None

    def __str__(self) -> str:
        match self.what:
            case Happening.SEND:
                return f"message {self.number} is sent: {self.operation}"
            case Happening.ARRIVE:
                return f"message {self.number} arrives at replica {self.value}: task {self.task}"
            case Happening.LOSE:
                return f"message {self.number} arrives no more"
            case Happening.GO_ON:
                return f"task {self.number} goes on"
            case Happening.DIE:
                return f"replica {self.number} dies and starts again"
            case Happening.PASS:
                return f"{self.value} ms pass"
            case Happening.SET:
                return f"the clock of replica {self.number} is set {self.value} ms off"
            case Happening.HEAR:
                return f"replica {self.number} hears of the limits there are"


@dataclass(slots=True)
class Task:
    """A message in the hands of a replica."""

    operation: Operation
    replica: int
    now_ms: int
    work: Coroutine[Any, Any, Any]
    was_known: bool
    heard: Heard

    def end(self) -> None:
        """As if it had never gone on. One that was amidst a list cannot even put that away."""
        with suppress(RuntimeError):
            self.work.close()


@dataclass(slots=True)
class World:
    now_ms: int = BEGIN_MS
    skews_ms: list[int] = field(default_factory=lambda: [0] * REPLICAS_COUNT)
    messages: dict[int, Operation] = field(default_factory=dict)
    tasks: dict[int, Task] = field(default_factory=dict)
    auditor: Auditor = field(default_factory=Auditor)
    store: PlainRecords = field(init=False)
    ears: list[Ear] = field(init=False)

    def __post_init__(self) -> None:
        self.store = PlainRecords(KINDS, self.auditor)
        self.ears = [Ear(self.store) for _ in range(REPLICAS_COUNT)]

    def clock_ms(self, replica: int) -> int:
        return self.now_ms + self.skews_ms[replica]

    def happen(self, step: Step) -> None:
        """Raises BrokenError. What concerns something that is not there brings nothing."""
        match step.what:
            case Happening.GO_ON:
                if (task := self.tasks.get(step.number)) is not None:
                    self._go_on(step.number, task)
            case Happening.ARRIVE:
                if (operation := self.messages.get(step.number)) is not None:
                    self._arrive(step.task, operation, step.value)
            case Happening.SEND:
                assert step.operation is not None
                self.messages[step.number] = step.operation
            case Happening.LOSE:
                self.messages.pop(step.number, None)
            case Happening.PASS:
                self.now_ms += step.value
            case Happening.SET:
                self.skews_ms[step.number] = step.value
            case Happening.HEAR:
                self.ears[step.number].hear(self.auditor.account.buyers.rules)
            case Happening.DIE:
                self._die(step.number)

    def close(self) -> None:
        for task in self.tasks.values():
            task.end()

    def _arrive(self, number: int, operation: Operation, replica: int) -> None:
        now_ms = self.clock_ms(replica)
        now = EPOCH + timedelta(milliseconds=now_ms)
        limits, heard = self.ears[replica].of(operation)
        store = cast(Records, self.store)
        work = handled(operation, store, now=now, task=number, limits=limits)
        task = Task(operation, replica, now_ms, work, self._is_known(operation), heard)
        self.tasks[number] = task
        self._go_on(number, task)

    def _is_known(self, operation: Operation) -> bool:
        """Whether the reservation it concerns is there, and its caller's."""
        hold = self.auditor.account.holds.get(operation.about)
        return hold is not None and hold.owner == operation.owner

    def _go_on(self, number: int, task: Task) -> None:
        self.auditor.asked, self.auditor.now_ms = task.operation, task.now_ms
        self.auditor.account.buyers.heard = task.heard
        try:
            task.work.send(None)
            return
        except StopIteration as ended:
            self.auditor.answered(task.operation, ended.value)
            if task.operation.verb is Verb.LIMIT:
                self.ears[task.replica].told(ended.value)
        except AppError as error:
            if error.reason == "UNKNOWN_RESERVATION" and task.was_known:
                words = f"what was acknowledged is not found: {task.operation}"
                raise BrokenError("I10", words) from error
        except BrokenError:
            raise
        except Exception as error:
            raise BrokenError("I4", f"{task.operation} came to {error!r}") from error
        del self.tasks[number]

    def _die(self, replica: int) -> None:
        for number, task in list(self.tasks.items()):
            if task.replica == replica:
                task.end()
                del self.tasks[number]
        self.ears[replica] = Ear(self.store)
        self.ears[replica].hear(self.auditor.account.buyers.rules)


def broken_by(history: Iterable[Step]) -> BrokenError | None:
    """What a history comes to, told from its beginning."""
    world = World()
    try:
        for step in history:
            world.happen(step)
    except BrokenError as broken:
        return broken
    finally:
        world.close()
    return None
