"""What goes wrong, in an order that the seed decides: processes die, stall and are replaced."""

import asyncio
import random
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from redis.exceptions import RedisError

from deploy.local import redis_server
from deploy.local.suite import GRPC_SERVICES
from tests.chaos import mongo_set
from tests.chaos.journal import Journal
from tests.chaos.rig import Rig
from tests.waiting import until

SERVICES = (*GRPC_SERVICES, "gateway")
# How long to wait for an order under way before the blow falls, and between two faults.
AIM_S, AIM_LOOK_S = 2.0, 0.002
BREATH_S = 3.0
# Longer than any call may take: one that waited for Redis would fail.
REDIS_STALL_S = 8.0
# Shorter than it takes the others to miss a primary: what it has said alone dies with it.
ISOLATED_S = 1.2
WHOLE_S_MAX, LOOK_S = 60.0, 0.2


class Kind(StrEnum):
    KILL = "kill -9"
    STALL = "stop and continue"
    ROLL = "roll by SIGTERM"
    FLUSH = "flush"
    ISOLATE = "isolate and kill -9"


@dataclass(frozen=True, slots=True)
class Fault:
    """`target` is a process, for ROLL a service; `primary` and `members` speak of MongoDB."""

    kind: Kind
    target: str

    def __str__(self) -> str:
        return f"{self.kind} {self.target}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """A fault that was made: when, until when, and how many calls of orders it met."""

    fault: Fault
    begin_s: float
    end_s: float
    in_flight_count: int


def round_of(seed: int, *, members_count: int) -> list[Fault]:
    """Every fault there is, shuffled."""
    dice = random.Random(seed)
    faults = [Fault(Kind.KILL, f"{name}-{n}") for name in SERVICES for n in (1, 2)]
    faults += [Fault(Kind.STALL, f"{name}-{dice.randint(1, 2)}") for name in SERVICES]
    faults += [Fault(Kind.ROLL, name) for name in SERVICES]
    faults += [Fault(Kind.KILL, "redis"), Fault(Kind.STALL, "redis"), Fault(Kind.FLUSH, "redis")]
    faults += [Fault(Kind.KILL, "primary"), Fault(Kind.KILL, "members")]
    if members_count > 1:
        faults += [Fault(Kind.ISOLATE, "primary"), Fault(Kind.KILL, "secondary")]
    faults += [Fault(Kind.KILL, "cabinet")]
    dice.shuffle(faults)
    return faults


@dataclass(slots=True, kw_only=True)
class Nemesis:
    rig: Rig
    journal: Journal
    stall_s: float
    strikes: list[Strike] = field(default_factory=list)

    async def run(self, faults: Sequence[Fault], *, until_s: float) -> None:
        """One after the other, none begun after `until_s`, seconds since 1970."""
        for fault in faults:
            if time.time() >= until_s:
                return
            await self.strike(fault)
            await asyncio.sleep(BREATH_S)

    async def strike(self, fault: Fault) -> None:
        """Done when what was hit is back."""
        await self._aim()
        begin_s, in_flight_count = time.time(), self.journal.aimed_at_count
        match fault.kind:
            case Kind.KILL:
                await self._kill(await self._names(fault.target))
            case Kind.STALL:
                async with self._stalled([fault.target]):
                    await asyncio.sleep(REDIS_STALL_S if fault.target == "redis" else self.stall_s)
            case Kind.ROLL:
                await self._roll(fault.target)
            case Kind.FLUSH:
                await self._flush()
            case Kind.ISOLATE:
                await self._isolate()
        strike = Strike(
            fault=fault, begin_s=begin_s, end_s=time.time(), in_flight_count=in_flight_count
        )
        self.strikes.append(strike)

    async def _aim(self) -> None:
        """Wait a moment for an order to be under way: a fault that meets none proves little."""
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + AIM_S
        while not self.journal.aimed_at_count and loop.time() < ends_s:  # noqa: ASYNC110
            await asyncio.sleep(AIM_LOOK_S)

    async def _names(self, target: str) -> list[str]:
        if target == "members":
            return self.rig.mongods
        if target in ("primary", "secondary"):
            primary = await self._primary()
            others = [name for name in self.rig.mongods if name != primary]
            return [primary] if target == "primary" else others[:1]
        return [target]

    async def _primary(self) -> str:
        """The member that takes writes; the first where none does now."""
        port = await mongo_set.primary_port(self.rig.suite.engines.mongo_uri)
        found = [name for name in self.rig.mongods if self.rig.mongod_port(name) == port]
        return found[0] if found else self.rig.mongods[0]

    async def _kill(self, names: Sequence[str]) -> None:
        before = {name: self.rig.signal(name, signal.SIGKILL) for name in names}
        for name, identity in before.items():
            await self.rig.replaced(name, identity)
        # A member that listens is not yet one that a majority can count on.
        await until(self._is_whole, timeout_s=WHOLE_S_MAX, again_s=LOOK_S)

    async def _roll(self, service: str) -> None:
        for replica in self.rig.replicas(service):
            before = self.rig.signal(replica.name, signal.SIGTERM)
            await self.rig.replaced(replica.name, before)

    async def _flush(self) -> None:
        async with redis_server.client(self.rig.suite.engines.redis_url) as redis:
            try:
                await redis.flushall()
            except RedisError:
                pass  # Killed a moment ago: as empty as can be.

    async def _isolate(self) -> None:
        """The primary alone for a moment, then dead: only what the majority has is kept."""
        primary = await self._primary()
        async with self._stalled([name for name in self.rig.mongods if name != primary]):
            await mongo_set.end_followers(self.rig.mongod_port(primary))
            await asyncio.sleep(ISOLATED_S)
            before = self.rig.signal(primary, signal.SIGKILL)
        # Back at once it would be elected again, with all that it has said alone.
        await self.rig.replaced(primary, before)
        async with self._stalled([primary]):
            await until(self._is_elected, timeout_s=WHOLE_S_MAX, again_s=LOOK_S)
        await until(self._is_whole, timeout_s=WHOLE_S_MAX, again_s=LOOK_S)

    async def _is_elected(self) -> bool:
        return await mongo_set.primary_port(self.rig.suite.engines.mongo_uri) is not None

    async def _is_whole(self) -> bool:
        return await mongo_set.is_whole(self.rig.suite.engines.mongo_uri)

    @asynccontextmanager
    async def _stalled(self, names: Sequence[str]) -> AsyncIterator[None]:
        for name in names:
            self.rig.signal(name, signal.SIGSTOP)
        try:
            yield
        finally:
            for name in names:
                self.rig.signal(name, signal.SIGCONT)
