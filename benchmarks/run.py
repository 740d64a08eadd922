"""`make bench`: how fast we are, as ratios to bare baselines in the same run.

Prints a table and writes latest.json. Takes some ten minutes; a machine that does other
things meanwhile gives other ratios too.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks import (
    availability,
    holds,
    orders,
    products,
    proof,
    replicas,
    reservations,
    stock,
    telemetry,
    watching,
)
from benchmarks.figures import Figure, Target, to_list, to_table
from benchmarks.house import House, bare
from deploy.local.child_stack import free_ports, started
from deploy.local.errors import LocalError

LATEST = Path(__file__).parent / "latest.json"
BEGIN_S = time.perf_counter()
SETTLE_S = 5.0  # Until start-up work is over and idle is idle.
START_S_MAX = 15.0
PSS_MB_MAX = 550.0


def main() -> int:
    try:
        figures = asyncio.run(measured())
    except LocalError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    LATEST.write_text(json.dumps(to_list(figures), indent=2) + "\n")
    print(f"\n{to_table(figures)}\n\nwritten to {LATEST}")
    return 0


async def measured() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="comptoir-bench-") as name:
        folder = Path(name)
        say("first start, with the demo chain")
        async with opened(folder):
            pass
        say("second start")
        begin_s = time.perf_counter()
        async with opened(folder) as house:
            start_s = time.perf_counter() - begin_s
            await asyncio.sleep(SETTLE_S)
            figures = [*idle(house, start_s)]
            say("product views from the near cache")
            sample = await products.sample_of(house)
            figures += await products.cached(house, sample)
            say("product views from their owners")
            figures += await products.uncached(house, sample)
            say("orders")
            figures += await orders.placed(house)
            say("reservations")
            figures += await reservations.made(house)
            say("stock, watched while it changes")
            figures += await watching.lagged(house)
            figures += await asked_and_proven(house)
            say("stock levels from a file")
            figures += await stock.imported(house)
            say("a sku of which very much is held")
            figures.append(await holds.grown(house))
            say("two replicas of inventory, and one of them killed")
            figures += await replicas.compared(house)
        say("product views with and without traces")
        figures += await traced(folder, sample)
        return figures


async def asked_and_proven(house: House) -> list[Figure]:
    """What is available is asked before the rows are there that are proven, and behind."""
    say("what is available, and from where")
    few_ms = await availability.few(house)
    figures = await availability.sourced(house)
    say("stock, proven while it sells")
    figures += await proof.verified(house)
    return [*figures, *await availability.answered(house, proof.SMALL.location_ids, few_ms)]


async def traced(folder: Path, sample: products.Sample) -> list[Figure]:
    """On a start of its own: the other figures are of services that send no spans."""
    port = free_ports()
    otlp_endpoint = f"127.0.0.1:{port}"
    async with (
        bare(folder, "receiver", port, [], http=False),
        opened(folder, otlp_endpoint=otlp_endpoint) as house,
    ):
        return await telemetry.cost(house, sample, otlp_endpoint)


@asynccontextmanager
async def opened(folder: Path, *, otlp_endpoint: str = "") -> AsyncIterator[House]:
    async with started(folder / "stack", otlp_endpoint=otlp_endpoint) as stack:
        yield House(folder, stack)


def idle(house: House, start_s: float) -> list[Figure]:
    return [
        Figure(name="start_to_ready_s", value=start_s, unit="s", target=Target(most=START_S_MAX)),
        Figure(name="pss_idle_mb", value=house.pss_mb, unit="MB", target=Target(most=PSS_MB_MAX)),
    ]


def say(words: str) -> None:
    """What is measured now, and behind how many minutes of others."""
    minutes, seconds = divmod(round(time.perf_counter() - BEGIN_S), 60)
    print(f"{minutes:2}:{seconds:02} {words} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
