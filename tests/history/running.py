"""One run: callers under faults and with clocks that are off, then quiet, then the books."""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from chassis import mongo
from chassis.background import background
from chassis.mongo_log import OUTBOX
from services.inventory.ledger.store import OVERCLAIMS
from services.inventory.reservation.domain import Status
from services.inventory.reservation.store import RESERVATIONS
from tests.chaos.books import documents, read_books, records
from tests.chaos.journal import Journal, Outcome
from tests.chaos.nemesis import Fault, Kind, Nemesis, Strike
from tests.chaos.running import answered_all, heard_to_the_end, load_noted
from tests.chaos.watching import watchers
from tests.history.callers import Callers, Line, owners
from tests.history.checks import CLOCK_S_MAX
from tests.history.recorded import History
from tests.history.rig import House
from tests.simulation.operations import Verb
from tests.waiting import until

OFFSETS_S = (-CLOCK_S_MAX, -120.0, -20.0, 0.0, 20.0, 120.0, CLOCK_S_MAX)
CLOCK_EVERY_S = 6.0
QUIET_S_MAX, AGAIN_S, TOLD_S = 90.0, 0.5, 25.0
DATABASE = "comptoir_inventory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`seconds` bounds the time in which faults are begun; `calm_s` is before and after them."""

    seed: int
    seconds: float
    callers_count: int = 24
    calm_s: float = 8.0
    stall_s: float = 15.0


@dataclass(slots=True, kw_only=True)
class Ran:
    """Attributes:
    history: For the checker.
    calm_s: When the first fault could fall, and when the last was over.
    clocks_count: How often a replica's clock was set.
    is_quiet: Whether everything owed was told in time.
    """

    history: History
    begin_s: float
    end_s: float
    calm_s: tuple[float, float]
    strikes: Sequence[Strike]
    clocks_count: int
    is_quiet: bool
    load_per_core: float


@dataclass(slots=True)
class Clocks:
    """Sets now this replica's clock and now that one's."""

    house: House
    dice: random.Random
    set_count: int = 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self.set(self.dice.choice(OFFSETS_S))
            await asyncio.sleep(self.dice.uniform(0.0, 2 * CLOCK_EVERY_S))

    def set(self, offset_s: float) -> None:
        self.house.set_clock(self.dice.choice(self.house.replicas), offset_s)
        self.set_count += 1

    def right(self) -> None:
        for replica in self.house.replicas:
            self.house.set_clock(replica, 0.0)


def faults_of(seed: int) -> list[Fault]:
    """Every fault there is, shuffled, over and over."""
    dice, found = random.Random(seed), list[Fault]()
    for _ in range(20):
        each = [Fault(Kind.KILL, f"inventory-{n}") for n in (1, 2)]
        each += [
            Fault(Kind.STALL, f"inventory-{dice.randint(1, 2)}"),
            Fault(Kind.ROLL, "inventory"),
        ]
        each += [Fault(Kind.KILL, "primary"), Fault(Kind.ISOLATE, "primary")]
        each += [Fault(Kind.KILL, "secondary"), Fault(Kind.STALL, "secondary")]
        dice.shuffle(each)
        found += each
    return found


async def ran(house: House, plan: Plan) -> Ran:
    journal = Journal(house.rig.folder / "journal.jsonl", aimed_at=tuple(Verb))
    try:
        return await driven(house, plan, journal)
    finally:
        journal.close()


async def driven(house: House, plan: Plan, journal: Journal) -> Ran:
    nemesis = Nemesis(rig=house.rig, journal=journal, stall_s=plan.stall_s)
    clocks = Clocks(house, random.Random(plan.seed))
    listening = await watchers(house.channels, house.sessions["erp"], ["inventory"])
    loads = [os.getloadavg()[0] / (os.cpu_count() or 1)]
    async with background() as tasks:
        tasks.add(asyncio.create_task(load_noted(loads)))
        tasks.update(asyncio.create_task(watcher.run()) for watcher in listening)
        async with lined(house, journal, plan) as callers:
            async with background() as calls:
                calls.update(asyncio.create_task(callers.call()) for _ in range(plan.callers_count))
                begin_s = time.time()
                await asyncio.sleep(plan.calm_s)
                first_s = time.time()
                setting = asyncio.create_task(clocks.run())
                await nemesis.run(faults_of(plan.seed), until_s=first_s + plan.seconds)
                setting.cancel()
                last_s = time.time()
                await asyncio.sleep(plan.calm_s)
                end_s = time.time()
            clocks.right()
            is_quiet = await settled(house, journal)
        await heard_to_the_end(listening)
    return Ran(
        history=History(
            operations=callers.operations,
            entries=journal.entries,
            books=await read_books(house.rig.suite.engines.mongo_uri),
            heard=[watcher.heard for watcher in listening],
            read_s=time.time(),
        ),
        begin_s=begin_s,
        end_s=end_s,
        calm_s=(first_s, last_s),
        strikes=nemesis.strikes,
        clocks_count=clocks.set_count,
        is_quiet=is_quiet,
        load_per_core=max(loads),
    )


@asynccontextmanager
async def lined(house: House, journal: Journal, plan: Plan) -> AsyncIterator[Callers]:
    """Callers who have not called yet, their streams open inside the block."""
    lines = {owner: Line(house, owner) for owner in owners()}
    async with background() as tasks:
        tasks.update(asyncio.create_task(line.run()) for line in lines.values())
        yield Callers(house, journal, random.Random(plan.seed), lines)


async def settled(house: House, journal: Journal) -> bool:
    """Ask again what nobody answered, and wait until what is owed was told."""
    await answered_all(journal)
    uri = house.rig.suite.engines.mongo_uri

    async def quiet() -> bool:
        async with mongo.connect(uri, DATABASE) as database:
            if await documents(database, OUTBOX):
                return False
            if any(not each.mended for each in await records(database, OVERCLAIMS)):
                return False
            by_s = time.time() - TOLD_S
            found = await records(database, RESERVATIONS)
            return not any(r.status is Status.ACTIVE and r.expire_instant < by_s for r in found)

    try:
        await until(quiet, timeout_s=QUIET_S_MAX, again_s=AGAIN_S)
    except TimeoutError:
        return False
    return not any(entry.outcome is Outcome.UNKNOWN for entry in journal.unknown())
