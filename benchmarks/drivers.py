"""`make bench-drivers`: PyMongo's asynchronous client against motor, in turn, in one run.

The value is PyMongo's, the baseline motor's. A ratio of rates moves with whatever else the
machine does; the processor time that each takes for one answer hardly does.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import orders
from benchmarks.figures import Figure, to_table
from benchmarks.house import House
from benchmarks.loading import PATIENCE_S, output_of
from benchmarks.products import throughput
from benchmarks.rounds import Rounds, Run, alternated, p50_ms, p99_ms
from benchmarks.run import SETTLE_S, say
from chassis.mongo_drivers import DriverName
from deploy.local.child_stack import started
from deploy.local.errors import LocalError

ROUNDS_COUNT, ROUND_S = 5, 2.0
ORDER_ROUNDS_COUNT = 3
MANY = 64


@dataclass(frozen=True, slots=True)
class Job:
    work: str
    at_once: int

    @property
    def name(self) -> str:
        return f"{self.work}_{self.at_once}_at_once"


JOBS = (
    Job("find_one", 1),
    Job("find_one", MANY),
    Job("update", MANY),
    Job("transaction", MANY),
    Job("cursor", 1),
)


def main() -> int:
    try:
        figures = asyncio.run(measured())
    except LocalError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print(f"\n{to_table(figures)}")
    return 0


async def measured() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="comptoir-bench-") as name:
        async with AsyncExitStack() as stack:
            houses = {}
            for driver in DriverName:
                say(f"the suite on {driver}")
                houses[driver] = await stack.enter_async_context(opened(Path(name), driver))
            await asyncio.sleep(SETTLE_S)
            figures = [idle(houses)]
            for job in JOBS:
                say(job.name)
                figures += await compared(houses[DriverName.MOTOR], job)
            say("orders")
            return [*figures, *await ordered(houses)]


@asynccontextmanager
async def opened(folder: Path, driver: DriverName) -> AsyncIterator[House]:
    own = folder / driver
    own.mkdir()
    async with started(own / "stack", mongo_driver=driver) as stack:
        yield House(own, stack)


def idle(houses: dict[DriverName, House]) -> Figure:
    by_driver = {driver: house.pss_mb for driver, house in houses.items()}
    ours, bare = by_driver[DriverName.PYMONGO], by_driver[DriverName.MOTOR]
    return Figure(name="pss_idle_mb", value=ours, unit="MB", baseline=bare, ratio=ours / bare)


async def compared(house: House, job: Job) -> list[Figure]:
    rounds = await alternated(
        partial(worked, house, DriverName.PYMONGO, job),
        partial(worked, house, DriverName.MOTOR, job),
        rounds_count=ROUNDS_COUNT,
    )
    return figures_of(job.name, rounds)


async def worked(house: House, driver: DriverName, job: Job) -> Run:
    options = ("--at-once", str(job.at_once), "--seconds", str(ROUND_S))
    uri = house.suite.engines.mongo_uri
    command = (sys.executable, "-m", "benchmarks.driver_work", uri, driver, job.work, *options)
    said = await output_of(command, timeout_s=ROUND_S + PATIENCE_S)
    return Run(**json.loads(said.splitlines()[-1]), generator_cores=0.0)


async def ordered(houses: dict[DriverName, House]) -> list[Figure]:
    ordering = {
        driver: partial(orders.ordering, house, await orders.buyers(house))
        for driver, house in houses.items()
    }
    rounds = await alternated(
        ordering[DriverName.PYMONGO], ordering[DriverName.MOTOR], rounds_count=ORDER_ROUNDS_COUNT
    )
    return figures_of("place_order", rounds)


def figures_of(name: str, rounds: Rounds) -> list[Figure]:
    return [
        throughput(name, rounds, None),
        *(
            Figure(
                name=f"{name}_{kind}",
                value=rounds.ours(of),
                unit="ms",
                baseline=rounds.bare(of),
                ratio=rounds.ratio(of),
            )
            for kind, of in (("p50", p50_ms), ("p99", p99_ms), ("cpu", cpu_ms))
        ),
    ]


def cpu_ms(run: Run) -> float:
    """Processor time by answer."""
    return run.server_ms


if __name__ == "__main__":
    sys.exit(main())
