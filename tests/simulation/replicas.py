"""Replicas that write by a committer each, and callers who do not wait for ever."""

import asyncio
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from prometheus_client import CollectorRegistry

from chassis.committer import Committer
from chassis.errors import AppError
from chassis.records import Change, Key, Kind, Outcome, Records, Ref, Update, Where
from chassis.requests import Request
from tests.simulation.broken import BrokenError
from tests.simulation.chance import SKEW_MS_MAX, Chance
from tests.simulation.engine import Delivered, Delivery, Engine, delivery_of
from tests.simulation.handling import handled
from tests.simulation.operations import Operation, Verb
from tests.simulation.plain_records import selected_of
from tests.simulation.world import BEGIN_MS, EPOCH

A = TypeVar("A")
R = TypeVar("R")
REPLICAS_COUNT, CALLERS_COUNT, OPERATIONS_COUNT, TRIES_MAX = 2, 30, 10, 4
WAITING_MAX = 16
# Of a write: some callers have hardly any time.
TIMEOUTS_S = (0.03, 0.2, 2.0, 2.0)
NEVER = frozenset({"NOT_BEGUN", "TOO_MANY_WRITES", "WRITES_ENDED"})
UNKNOWN = frozenset({"WRITE_UNDER_WAY", "DATABASE_UNAVAILABLE", "DATABASE_TIMEOUT"})
# By the store itself, as the servicers do.
UNGATHERED = (Verb.IMPORT, Verb.TELL)


@dataclass(slots=True, eq=False)
class Replica:
    """One process. Its clock is `skew_ms` off; what of it was killed rests in `grave` for ever."""

    engine: Engine
    skew_ms: int = 0
    is_killed: bool = False
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    turns_count: int = 0
    last_turn: int = 0
    grave: list["asyncio.Future[None]"] = field(default_factory=list)
    committer: Committer = field(init=False)

    def __post_init__(self) -> None:
        self.goes_on.set()
        self.committer = Committer(
            cast(Records, self), registry=CollectorRegistry(), waiting_max=WAITING_MAX, write_s=1.0
        )

    async def rest(self) -> None:
        """A round trip; now and then a long one."""
        dice = self.engine.dice
        is_slow = self.engine.fails(2)
        await asyncio.sleep(dice.uniform(0.2, 1.5) if is_slow else dice.uniform(0.001, 0.02))
        await self.goes_on.wait()
        if self.is_killed:
            # Kept, since a task that nobody could ever wake is garbage, and complained of.
            self.grave.append(asyncio.get_running_loop().create_future())
            await self.grave[-1]

    async def update_all(
        self,
        updates: Sequence[Update[Any]],
        *,
        timeout_s: float,
        patience_s: float | None = None,
    ) -> list[Outcome]:
        if patience_s is not None:  # Else one by one, where others were held up.
            self._check_turns([delivery_of(update).turn for update in updates])
        return await self.engine.written(
            updates, timeout_s=timeout_s, patience_s=patience_s, rest=self.rest
        )

    def _check_turns(self, turns: list[int]) -> None:
        in_turn = [self.last_turn, *turns]
        if in_turn != sorted(in_turn):
            self.engine.broken = BrokenError("order", f"{turns} are written behind {in_turn[0]}")
        self.last_turn = in_turn[-1]


@dataclass(frozen=True, slots=True)
class Hand:
    """What one delivery sees of its replica's store."""

    replica: Replica
    delivery: Delivery

    async def find(self, kind: Kind[R], key: Key) -> R | None:
        await self.replica.rest()
        found: R | None = self.replica.engine.records.get(Ref(kind, key))
        return found

    async def find_many(self, kind: Kind[R], keys: Iterable[Key]) -> dict[Key, R]:
        await self.replica.rest()
        found = {key: self.replica.engine.records.get(Ref(kind, key)) for key in keys}
        return {key: record for key, record in found.items() if record is not None}

    async def select(self, kind: Kind[R], where: Where) -> list[R]:
        await self.replica.rest()
        return selected_of(self.replica.engine.records, kind, where)

    async def update(
        self,
        refs: Iterable[Ref[Any]],
        change: Change[A],
        *,
        answer: type[A],
        request: Request | None = None,
        timeout_s: float,
    ) -> A:
        delivered = Delivered(change, self.delivery)
        if self.delivery.operation.verb in UNGATHERED:
            update = Update(refs=tuple(refs), change=delivered, answer=answer, request=request)
            [outcome] = await self.replica.update_all([update], timeout_s=timeout_s)
            if isinstance(outcome, Exception):
                raise outcome
            return cast(A, outcome)
        self.replica.turns_count += 1
        self.delivery.turn = self.replica.turns_count
        timeout_s = self.replica.engine.dice.choice(TIMEOUTS_S)
        return await self.replica.committer.update(
            refs, delivered, answer=answer, request=request, timeout_s=timeout_s
        )

    async def cancel(self, request: Request, *, timeout_s: float) -> bool:
        return await self.replica.engine.cancelled(self.delivery, rest=self.replica.rest)


@dataclass(slots=True)
class Shop:
    """All of it, in one event loop. `told` says what callers were told how often."""

    dice: random.Random
    engine: Engine = field(init=False)
    chance: Chance = field(init=False)
    replicas: list[Replica] = field(init=False)
    told: dict[str, int] = field(default_factory=dict)
    killed: list[Replica] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.engine = Engine(dice=self.dice, now=lambda: time_of(self.now_ms()))
        self.chance = Chance(self.dice)
        self.replicas = [Replica(self.engine) for _ in range(REPLICAS_COUNT)]

    def now_ms(self) -> int:
        return BEGIN_MS + int(asyncio.get_running_loop().time() * 1000)

    async def call(self) -> None:
        """One caller's day."""
        auditor = self.engine.auditor
        for _ in range(OPERATIONS_COUNT):
            operation = self.chance.operation(auditor.stands, auditor.position)
            for _ in range(self.dice.randint(1, TRIES_MAX)):
                if await self._is_known(operation):
                    break
            if self.dice.random() < 0.25:
                await asyncio.sleep(self.dice.uniform(0.0, 90.0))

    async def _is_known(self, operation: Operation) -> bool:
        """Sent once; or to two replicas at once, as a channel does that has lost patience."""
        count = 2 if self.dice.random() < 0.1 else 1
        tries = [asyncio.create_task(self._try(operation)) for _ in range(count)]
        patience_s = self.dice.choice((0.02, 1.0, 5.0))
        _, late = await asyncio.wait(tries, timeout=patience_s)
        for each in late:
            each.cancel()
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        return outcomes[0] is True

    async def _try(self, operation: Operation) -> bool:
        """Whether what came of it is known."""
        replica = self.dice.choice(self.replicas)
        delivery = Delivery(operation=operation, now_ms=self.now_ms() + replica.skew_ms)
        hand = cast(Records, Hand(replica, delivery))
        number = self.chance.number()
        try:
            now = time_of(delivery.now_ms)
            answer = await handled(operation, hand, now=now, task=number)
        except AppError as error:
            return self._refused(delivery, error)
        except Exception as error:
            # Else whoever gathers the tries takes it for one of those whose end is not known.
            broken = BrokenError("I2", f"{operation} came to {error!r}")
            self.engine.broken = self.engine.broken or broken
            return False
        self._count("done")
        try:
            self.engine.auditor.answered(operation, answer)
        except BrokenError as broken:
            self.engine.broken = self.engine.broken or broken
        return True

    def _refused(self, delivery: Delivery, error: AppError) -> bool:
        self._count(error.reason)
        if error.reason in NEVER:
            delivery.was_told_never = True
        is_definite = error.reason not in NEVER | UNKNOWN
        if is_definite and delivery.is_decided and delivery.outcome is not error:
            words = f"{delivery.operation} came to {delivery.outcome}, its caller was told {error}"
            self.engine.broken = self.engine.broken or BrokenError("I2", words)
        return is_definite

    def _count(self, what: str) -> None:
        self.told[what] = self.told.get(what, 0) + 1

    async def trouble(self) -> None:
        """Until cancelled: one dies, stands still, or has its clock set."""
        while True:
            await asyncio.sleep(self.dice.uniform(0.1, 8.0))
            number = self.dice.randrange(REPLICAS_COUNT)
            replica = self.replicas[number]
            match self.dice.randrange(3):
                case 0:
                    replica.is_killed = True
                    self.killed.append(replica)
                    self.replicas[number] = Replica(self.engine, replica.skew_ms)
                case 1:
                    replica.goes_on.clear()
                    await asyncio.sleep(self.dice.uniform(0.5, 15.0))
                    replica.goes_on.set()
                case 2:
                    replica.skew_ms = self.dice.randint(-SKEW_MS_MAX, SKEW_MS_MAX)

    async def day(self) -> "Shop":
        """Callers in trouble, and an end in peace in which all that was admitted is written."""
        trouble = asyncio.create_task(self.trouble())
        await asyncio.gather(*(self.call() for _ in range(CALLERS_COUNT)))
        trouble.cancel()
        self.engine.is_shaky = False
        for replica in self.replicas:
            replica.goes_on.set()
            await replica.committer.close()
        return self


def time_of(now_ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=now_ms)
