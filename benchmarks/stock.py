"""How many stock levels a second go in, from the file to the ledger."""

import asyncio
import sys
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

from benchmarks.figures import Figure, Target
from benchmarks.house import House
from benchmarks.loading import loaded, output_of
from benchmarks.products import throughput
from benchmarks.rounds import Run, alternated, per_s

# Ten seconds of work: of three, signing in and the first chunks were a tenth.
SKUS_COUNT, LOCATIONS_COUNT = 2500, 40
ROWS_COUNT = SKUS_COUNT * LOCATIONS_COUNT
ROUNDS_COUNT = 3
# What a slow machine may take: a run has no length of its own.
ROUND_S_MAX = 90.0
PER_S_MIN = 10_000


async def imported(house: House) -> list[Figure]:
    numbers = count()
    rounds = await alternated(
        lambda: importing(house, next(numbers)),
        partial(writing, house),
        rounds_count=ROUNDS_COUNT,
    )
    wanted = Target(least=PER_S_MIN)
    rate = Figure(name="import_stock_rate", value=rounds.ours(per_s), unit="1/s", target=wanted)
    return [throughput("import_stock", rounds, None), rate]


async def importing(house: House, number: int) -> Run:
    """Into shops of its own, where nothing lies yet. Raises GeneratorError."""
    panel = house.stack.folder / "panel.json"
    shops = [f"bench-{number}-{each}" for each in range(LOCATIONS_COUNT)]
    places, levels = house.folder / "places.csv", house.folder / "levels.csv"
    await asyncio.to_thread(write_files, places, levels, shops, SKUS_COUNT)
    cli = (sys.executable, "-m", "clients.cli", "import", "locations", str(places))
    await output_of((*cli, "--panel", str(panel)), timeout_s=ROUND_S_MAX)
    command = (sys.executable, "-m", "benchmarks.levels", str(levels), str(panel))
    return await by_row(command, [*house.pids.values(), *house.mongod_pids])


async def writing(house: House) -> Run:
    """The driver is what is measured here, not a generator beside it."""
    uri = house.suite.engines.mongo_uri
    rows = ("--rows", str(ROWS_COUNT))
    command = (sys.executable, "-m", "benchmarks.bare.stock", uri, *rows)
    run = await by_row(command, house.mongod_pids)
    return replace(
        run, generator_cores=0.0, server_cores=max(run.server_cores, run.generator_cores)
    )


async def by_row(command: tuple[str, ...], servers: list[int]) -> Run:
    run = await loaded(command, seconds=ROUND_S_MAX, servers=servers)
    return replace(run, server_ms=run.server_ms * run.per_s * ROUND_S_MAX / ROWS_COUNT)


def write_files(places: Path, levels: Path, shops: list[str], skus_count: int) -> None:
    with places.open("w") as file:
        file.write("location_id,name,country,time_zone\n")
        file.writelines(f"{shop},{shop},FR,Europe/Paris\n" for shop in shops)
    with levels.open("w") as file:
        file.write("location_id,sku,sellable_quantity\n")
        for shop in shops:
            file.writelines(f"{shop},SKU-{n:06},{1 + n % 50}\n" for n in range(skus_count))
