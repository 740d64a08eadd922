"""One run from start to verdict: load, faults, quiet, books."""

import asyncio
import os
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import uuid4

import psutil
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from chassis.background import background
from deploy.local.whole import until_whole
from tests.chaos.books import is_quiet, read_books
from tests.chaos.crew import PLENTY, SCARCE, SHOP, Crew, crewed
from tests.chaos.desk import Desk
from tests.chaos.journal import Entry, Journal, Outcome, Reply, is_in_doubt
from tests.chaos.journeys import WAYS, Way
from tests.chaos.load import Load
from tests.chaos.nemesis import Fault, Nemesis
from tests.chaos.report import Usage
from tests.chaos.rig import Rig
from tests.chaos.verdict import Run
from tests.chaos.watching import Watcher, watchers
from tests.waiting import until

ENDED_S_MAX, QUIET_S_MAX, SETTLED_S_MAX = 30.0, 60.0, 60.0
SETTLERS_COUNT, AGAIN_S, LOAD_EVERY_S = 8, 0.5, 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`seconds` bounds the time in which faults are begun; `calm_s` is before and after them."""

    seed: int
    seconds: float
    faults: Sequence[Fault]
    per_s: float = 1.0
    ways: Mapping[Way, int] = field(default_factory=lambda: WAYS)
    calm_s: float = 15.0
    stall_s: float = 15.0


@dataclass(slots=True)
class Result:
    run: Run
    usage: list[Mapping[str, Usage]] = field(default_factory=list)


async def ran(rig: Rig, plan: Plan) -> Result:
    """Load with faults on a running suite, until all is quiet again, and what that left."""
    journal = Journal(rig.folder / "journal.jsonl")
    try:
        async with crewed(rig) as crew:
            return await driven(rig, plan, crew, journal)
    finally:
        journal.close()


async def driven(rig: Rig, plan: Plan, crew: Crew, journal: Journal) -> Result:
    desk = Desk(journal, crew.session, cabinet_url=f"http://127.0.0.1:{rig.control_port}")
    load = Load(desk=desk, crew=crew, seed=plan.seed, per_s=plan.per_s, ways=plan.ways)
    nemesis = Nemesis(rig=rig, journal=journal, stall_s=plan.stall_s)
    listening = await watchers(crew.channels, crew.session)
    loads: list[float] = []
    async with background() as tasks:
        tasks.update(asyncio.create_task(watcher.run()) for watcher in listening)
        tasks.add(asyncio.create_task(load_noted(loads)))
        usage = [used(rig)]
        times = await under_faults(plan, load, nemesis)
        is_settled = await settled(rig, desk, crew, listening)
        usage.append(used(rig))
    run = Run(
        entries=journal.entries,
        books=await read_books(rig.suite.engines.mongo_uri),
        heard=[watcher.heard for watcher in listening],
        strikes=nemesis.strikes,
        begin_s=times.begin_s,
        end_s=times.end_s,
        calm_s=times.calm_s,
        is_quiet=is_settled,
        own_failures=load.failures,
        load_per_core=max(loads),
    )
    return Result(run, usage)


class Times(NamedTuple):
    """As Run has them."""

    begin_s: float
    calm_s: tuple[float, float]
    end_s: float


async def under_faults(plan: Plan, load: Load, nemesis: Nemesis) -> Times:
    """The load, calm at first and in the end, until its last journey is over."""
    begin_s = time.time()
    loading = asyncio.create_task(load.run())
    await asyncio.sleep(plan.calm_s)
    first_s = time.time()
    await nemesis.run(plan.faults, until_s=first_s + plan.seconds)
    last_s = time.time()
    await asyncio.sleep(plan.calm_s)
    end_s = time.time()
    loading.cancel()
    await asyncio.wait([loading])
    await load.ended(timeout_s=ENDED_S_MAX)
    return Times(begin_s, (first_s, last_s), end_s)


async def settled(rig: Rig, desk: Desk, crew: Crew, listening: Sequence[Watcher]) -> bool:
    """Ask again what nobody answered, wait for what is owed, and note what is said then."""
    await until_whole(rig.suite)
    await answered_all(desk.journal)

    async def quiet() -> bool:
        state = await desk.cabinet("GET", "state")
        told = state is not None and state["attached"] and not state["unacknowledged"]
        return told and await is_quiet(rig.suite.engines.mongo_uri)

    is_settled = True
    try:
        await until(quiet, timeout_s=QUIET_S_MAX, again_s=AGAIN_S)
    except TimeoutError:
        is_settled = False
    await noted_availability(desk, crew)
    await heard_to_the_end(listening)
    return is_settled


async def answered_all(journal: Journal) -> None:
    """Repeat each operation that is unknown, under its own key, until somebody answers."""
    room = asyncio.Semaphore(SETTLERS_COUNT)

    async def repeated(entry: Entry) -> None:
        async with room:
            with suppress(TimeoutError):
                async with asyncio.timeout(SETTLED_S_MAX):
                    while is_in_doubt(await journal.repeated(entry)):  # noqa: ASYNC110
                        await asyncio.sleep(random.uniform(0, AGAIN_S))

    await asyncio.gather(*(repeated(entry) for entry in journal.unknown()))


async def noted_availability(desk: Desk, crew: Crew) -> None:
    """What the shop is said to have, asked of both replicas, a few times each."""
    stub = StockServiceStub(crew.channels["inventory"])

    for sku in (*PLENTY, *SCARCE) * 2:
        request = stock_pb.BatchGetAvailabilityRequest(skus=[sku], location_ids=[SHOP])

        async def send(request: stock_pb.BatchGetAvailabilityRequest = request) -> Reply:
            metadata = await crew.session.metadata()
            answer = await stub.BatchGetAvailability(request, metadata=metadata)
            found = answer.availabilities[0]
            return Reply(Outcome.OK, "", {"held": found.held_quantity})

        await desk.journal.tried(
            "available",
            send,
            key=f"read {uuid4()}",
            asked={"location_id": SHOP, "sku": sku},
        )


async def heard_to_the_end(listening: Sequence[Watcher]) -> None:
    """Wait until consumers are sent nothing new any more."""
    before = [-1] * len(listening)
    while before != (now := [len(watcher.heard.events) for watcher in listening]):
        before = now
        await asyncio.sleep(3.0)


async def load_noted(loads: list[float]) -> None:
    """The machine's load average per core, for ever."""
    while True:
        loads.append(os.getloadavg()[0] / (os.cpu_count() or 1))
        await asyncio.sleep(LOAD_EVERY_S)


def used(rig: Rig) -> Mapping[str, Usage]:
    """Of every process of the suite now."""
    found = {}
    for name in (*(replica.name for replica in rig.suite.replicas), *rig.mongods, "redis"):
        identity = rig.identity(name)
        if identity is not None:
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(identity.pid)
                memory_mb = process.memory_info().rss / 1e6
                found[name] = Usage(identity.pid, memory_mb, process.num_fds())
    return found
