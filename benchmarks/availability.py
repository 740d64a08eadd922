"""How many questions about stock are answered: what is available, and from where it comes."""

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import grpc
from comptoir.inventory.v1 import location_service_pb2 as location_pb
from comptoir.inventory.v1 import sourcing_service_pb2 as sourcing_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1.location_service_pb2_grpc import LocationServiceStub
from comptoir.inventory.v1.sourcing_service_pb2_grpc import SourcingServiceStub
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub
from google.protobuf.duration_pb2 import Duration

from benchmarks.askers import AVAILABILITY, SOURCE
from benchmarks.figures import Figure, Target
from benchmarks.house import House
from benchmarks.loading import loaded
from benchmarks.products import latency, throughput
from benchmarks.reservations import SHOP, SKUS_COUNT, written
from benchmarks.reservers import sku_of
from benchmarks.rounds import Measure, Run, alternated, middle
from deploy.local.demo.sending import Bearer, Stream, send, sign_in

BATCH_MIN, GROWTH_MAX = 0.5, 1.2
ROWS_A_CALL, CALLERS_COUNT = 100, 16
SOURCES_COUNT, LINES_COUNT = 200, 20
ROUNDS_COUNT, ROUND_S = 3, 4.0
DATABASE = "comptoir_inventory"
# Of an hour, a day and two, by distance, with two departures a day.
BANDS = ((50_000, 1, 400), (200_000, 20, 600), (500_000, 28, 900), (0, 48, 1200))


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked for: so many rows of `skus` articles at some locations."""

    method: str
    location_ids: Sequence[str]
    skus: int
    rows: int
    callers: int


FEW = Load(AVAILABILITY, [SHOP], SKUS_COUNT, ROWS_A_CALL, CALLERS_COUNT)


async def few(house: House) -> float:
    """Processor time of a call, in ms, where inventory has little more than ten thousand rows:
    those that reservations are made of."""
    asking = await asked(house, FEW)
    return middle([(await asking()).server_ms for _ in range(ROUNDS_COUNT)]) or 0.0


async def answered(house: House, location_ids: Sequence[str], few_ms: float) -> list[Figure]:
    """At these locations, with ten thousand rows each, against the driver and against `few`."""
    load = replace(FEW, location_ids=location_ids)
    rounds = await alternated(
        await asked(house, load), found(house, load), rounds_count=ROUNDS_COUNT
    )
    many_ms = rounds.ours(lambda run: run.server_ms)
    rows_count = len(location_ids) * SKUS_COUNT
    growth = Figure(
        name="availability_growth",
        value=many_ms,
        unit="ms",
        baseline=few_ms,
        ratio=many_ms and many_ms / few_ms,
        target=Target(most=GROWTH_MAX),
        note=f"processor time of a call with {rows_count:,} rows against {SKUS_COUNT:,}",
    )
    return [throughput("availability_batch", rounds, Target(least=BATCH_MIN)), growth]


async def sourced(house: House) -> list[Figure]:
    """A plan of 20 lines at 200 locations, one after the other, against a find of their rows."""
    location_ids = [f"bench-source-{n:03}" for n in range(SOURCES_COUNT)]
    await spread(house, location_ids)
    rows_count = SOURCES_COUNT * LINES_COUNT
    load = Load(SOURCE, location_ids, LINES_COUNT, rows_count, callers=1)
    rounds = await alternated(
        await asked(house, load), found(house, load), rounds_count=ROUNDS_COUNT
    )
    return [latency("source_p50", rounds)]


async def asked(house: House, load: Load) -> Measure:
    bearer = await importer(house)
    told = {
        "address": house.suite.address("inventory"),
        "method": load.method,
        "token": bearer.token,
        "location_ids": list(load.location_ids),
    }
    file = written(house, "askers.json", told)
    command = (sys.executable, "-m", "benchmarks.askers", str(file), *options(load))
    servers = [house.pids["inventory"], *house.mongod_pids]
    return partial(loaded, command, seconds=ROUND_S, servers=servers)


def found(house: House, load: Load) -> Measure:
    """The driver is what is measured here, not a generator beside it."""
    uri, file = house.suite.engines.mongo_uri, house.folder / "askers.json"
    finds = ("-m", "benchmarks.bare.finds", uri, DATABASE, str(file))
    command = (sys.executable, *finds, *options(load))

    async def finding() -> Run:
        run = await loaded(command, seconds=ROUND_S, servers=house.mongod_pids)
        return replace(run, generator_cores=0.0)

    return finding


def options(load: Load) -> list[str]:
    counts = ("--callers", load.callers, "--skus", load.skus, "--rows", load.rows)
    return [*map(str, counts), "--seconds", str(ROUND_S)]


async def importer(house: House) -> Bearer:
    async with grpc.aio.insecure_channel(house.suite.address("associate")) as associate:
        return await sign_in(associate, "importer", house.stack.panel["clients"]["importer"])


async def spread(house: House, location_ids: Sequence[str]) -> None:
    """Shops all over a country, each with half of the articles, and a rule for all of them."""
    chance, bearer = random.Random(1), await importer(house)
    shops = [location_pb.ImportLocationsRequest(location=shop(at, chance)) for at in location_ids]
    levels = [
        stock_pb.StockLevel(
            number=number,
            location_id=at,
            sku=sku_of(sku),
            sellable_quantity=chance.choice((0, 9)),
            # A level that says nothing writes no row, and what is read would not be found.
            safety_quantity=1,
        )
        for number, (at, sku) in enumerate(
            ((at, sku) for at in location_ids for sku in range(LINES_COUNT)), start=1
        )
    ]
    async with grpc.aio.insecure_channel(house.suite.address("inventory")) as inventory:
        locations: Any = LocationServiceStub(inventory)
        await send(Stream("locations", locations.ImportLocations, shops), bearer)
        stock: Any = StockServiceStub(inventory)
        message = stock_pb.ImportStockRequest(levels=levels)
        await send(Stream("stock", stock.ImportStock, [message]), bearer)
        sourcing: Any = SourcingServiceStub(inventory)
        await sourcing.PutTransferRules(rules(), metadata=bearer.metadata)


def shop(location_id: str, chance: random.Random) -> location_pb.Location:
    return location_pb.Location(
        location_id=location_id,
        kind=location_pb.LOCATION_KIND_SHOP,
        name=location_id,
        address=location_pb.Address(country="FR"),
        time_zone="Europe/Paris",
        coordinates=location_pb.Coordinates(
            latitude=43 + 7 * chance.random(), longitude=-1 + 7 * chance.random()
        ),
        opening_hours=[
            location_pb.OpeningHours(weekday=day, opens_minute=600, closes_minute=1140)
            for day in range(1, 7)
        ],
    )


def rules() -> sourcing_pb.PutTransferRulesRequest:
    bands = [
        sourcing_pb.DistanceBand(
            distance_max_m=metres, lead_duration=Duration(seconds=hours * 3600), parcel_cost=cost
        )
        for metres, hours, cost in BANDS
    ]
    everywhere = sourcing_pb.TransferRule(
        preparation_duration=Duration(seconds=3600),
        cut_off_minutes=[660, 960],
        weekdays=[1, 2, 3, 4, 5, 6],
        bands=bands,
    )
    return sourcing_pb.PutTransferRulesRequest(rules=[everywhere])
