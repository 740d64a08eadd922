"""How many reservations a second are made: over many skus, on one, and how long one alone takes."""

import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
from comptoir.associate.v1 import client_service_pb2 as client_pb
from comptoir.associate.v1.client_service_pb2_grpc import ClientServiceStub
from comptoir.inventory.v1 import location_service_pb2 as location_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1.location_service_pb2_grpc import LocationServiceStub
from comptoir.inventory.v1.reservation_service_pb2_grpc import ReservationServiceStub
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from benchmarks.bare.owner import PATH
from benchmarks.figures import Figure, Target
from benchmarks.house import House, bare
from benchmarks.loading import loaded
from benchmarks.products import throughput
from benchmarks.reservers import Load, requests, sku_of
from benchmarks.rounds import Measure, Run, alternated, p50_ms
from deploy.local.child_stack import free_ports
from deploy.local.demo.clients import read_secret
from deploy.local.demo.sending import Stream, send, sign_in
from deploy.local.suite import BOOTSTRAP_CLIENT

METHOD = "/comptoir.inventory.v1.ReservationService/Reserve"
SHOP = "bench-reservations"
MARKET = "bench-market"
SKUS_COUNT, LEVELS_A_MESSAGE = 10_000, 1000
PLENTY = 1_000_000
CALLERS_COUNT, FEW_COUNT = 256, 64
ROUNDS_COUNT, ROUND_S = 3, 4.0
# Until the events of the one before are in order: who is idle does nothing else.
PAUSE_S = 0.1
STREAMS_COUNT, IN_FLIGHT = 32, 8
UNARY_MIN, STREAM_MIN, HOT_MIN, IDLE_MAX = 0.55, 10.0, 1.2, 1.5


async def made(house: House) -> list[Figure]:
    await stocked(house)
    called = await told(house)
    ours = written(house, "reservers.json", called)
    unary = partial(reserving, house, ours)
    # First, before there are events of thousands to be put in order.
    figures = [await idle(house, unary(callers=1, pause=PAUSE_S))]
    async with bare_owner(house, called) as (theirs, bare_pid):
        answering = calling(theirs, [bare_pid])
        figures.append(await rate("reserve_unary", unary(), answering, Target(least=UNARY_MIN)))
    streamed = unary(callers=STREAMS_COUNT, in_flight=IN_FLIGHT)
    one_by_one = writing(house, callers=STREAMS_COUNT)
    figures.append(await rate("reserve_stream", streamed, one_by_one, Target(least=STREAM_MIN)))
    figures[-1] = replace(
        figures[-1], note=f"{IN_FLIGHT} under way on a stream; {figures[-1].note}"
    )
    # A reservation has each sku once: on one sku it has one line, so on many it has one here.
    hot, spread = unary(lines=1, skus=1), unary(lines=1)
    figures.append(await rate("reserve_hot", hot, spread, Target(least=HOT_MIN)))
    return figures


async def of_few(house: House) -> Figure:
    """As `reserve_unary`, with fewer callers. On what `stocked` has brought."""
    called = await told(house)
    ours = reserving(house, written(house, "reservers.json", called), callers=FEW_COUNT)
    async with bare_owner(house, called) as (theirs, bare_pid):
        answering = calling(theirs, [bare_pid], callers=FEW_COUNT)
        return await rate("reserve_unary_64", ours, answering, None)


async def rate(name: str, ours: Measure, baseline: Measure, target: Target | None) -> Figure:
    rounds = await alternated(ours, baseline, rounds_count=ROUNDS_COUNT)
    return throughput(name, rounds, target)


async def idle(house: House, ours: Measure) -> Figure:
    """One caller now and then, against one transaction that writes the same documents."""
    return await slower(
        "reserve_idle", ours, writing(house, pause_s=PAUSE_S), Target(most=IDLE_MAX)
    )


async def slower(name: str, ours: Measure, baseline: Measure, target: Target) -> Figure:
    """The middle latency of ours, by that of the baseline."""
    rounds = await alternated(ours, baseline, rounds_count=ROUNDS_COUNT)
    return Figure(
        name=name,
        value=rounds.ours(p50_ms),
        unit="ms",
        baseline=rounds.bare(p50_ms),
        ratio=rounds.ratio(p50_ms),
        target=target,
        note=rounds.note,
    )


def writing(house: House, *, callers: int = 1, pause_s: float = 0.0) -> Measure:
    """Transactions of the bare driver, each of which writes what one reservation does."""
    options = ("--skus", SKUS_COUNT, "--callers", callers, "--pause", pause_s)
    bare = (sys.executable, "-m", "benchmarks.bare.reservations", house.suite.engines.mongo_uri)
    command = (*bare, *map(str, options), "--seconds", str(ROUND_S))

    async def written() -> Run:
        run = await loaded(command, seconds=ROUND_S, servers=house.mongod_pids)
        return replace(run, generator_cores=0.0)  # It is what is measured.

    return written


def reserving(house: House, file: Path, **load: float) -> Measure:
    return calling(file, [house.pids["inventory"], *house.mongod_pids], **load)


def calling(file: Path, servers: list[int], **load: float) -> Measure:
    """`load` is of `benchmarks.reservers.Load`, by the names of its options."""
    options = {"callers": CALLERS_COUNT, "lines": 2, "skus": SKUS_COUNT, **load}
    words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    command = (sys.executable, "-m", "benchmarks.reservers", str(file), *words)
    return partial(loaded, (*command, f"--seconds={ROUND_S}"), seconds=ROUND_S, servers=servers)


@asynccontextmanager
async def bare_owner(house: House, called: dict[str, Any]) -> AsyncIterator[tuple[Path, int]]:
    """A server that answers with as many bytes as ours; yields how to call it, and its pid."""
    port = free_ports()
    there = {**called, "address": f"127.0.0.1:{port}", "method": PATH}
    file = written(house, "bare-reservers.json", there)
    arguments = [await answer_bytes(called)]
    async with bare(house.folder, "owner", port, arguments, http=False) as pid:
        yield file, pid


def written(house: House, name: str, called: Mapping[str, object]) -> Path:
    """For the callers' process. Holds a token."""
    file = house.folder / name
    file.write_text(json.dumps(called))
    file.chmod(0o600)
    return file


async def answer_bytes(called: dict[str, Any]) -> int:
    load = Load(callers_count=1, lines_count=2, skus_count=SKUS_COUNT, seconds=ROUND_S)
    request = requests([SHOP], load)()
    metadata = (("authorization", f"Bearer {called['token']}"),)
    async with grpc.aio.insecure_channel(called["address"]) as channel:
        answer = await ReservationServiceStub(channel).Reserve(request, metadata=metadata)
    return answer.ByteSize()


async def stocked(
    house: House, location_ids: Sequence[str] = (SHOP,), skus_count: int = SKUS_COUNT
) -> None:
    """Shops of their own, with plenty of everything."""
    suite = house.suite
    async with (
        grpc.aio.insecure_channel(suite.address("associate")) as associate,
        grpc.aio.insecure_channel(suite.address("inventory")) as inventory,
    ):
        bearer = await sign_in(associate, "importer", house.stack.panel["clients"]["importer"])
        locations = [
            location_pb.ImportLocationsRequest(number=number, location=shop(location_id))
            for number, location_id in enumerate(location_ids, start=1)
        ]
        import_locations = LocationServiceStub(inventory).ImportLocations
        await send(Stream("locations", import_locations, locations), bearer)
        import_stock = StockServiceStub(inventory).ImportStock
        levels = levels_of(location_ids, skus_count)
        await send(Stream("stock", import_stock, levels), bearer)


def shop(location_id: str) -> location_pb.Location:
    return location_pb.Location(
        location_id=location_id,
        kind=location_pb.LOCATION_KIND_SHOP,
        name="Bench",
        address=location_pb.Address(country="FR"),
        time_zone="Europe/Paris",
    )


def levels_of(location_ids: Sequence[str], skus_count: int) -> list[stock_pb.ImportStockRequest]:
    levels = [
        stock_pb.StockLevel(
            number=number, location_id=location_id, sku=sku_of(sku), sellable_quantity=PLENTY
        )
        for number, (location_id, sku) in enumerate(product(location_ids, range(skus_count)), 1)
    ]
    firsts = range(0, len(levels), LEVELS_A_MESSAGE)
    return [
        stock_pb.ImportStockRequest(levels=levels[first : first + LEVELS_A_MESSAGE])
        for first in firsts
    ]


async def told(house: House) -> dict[str, Any]:
    """What the callers' process needs, as a client that may reserve and nothing else."""
    token = await token_of(house, MARKET, ["stock.reserve"])
    address = house.suite.address("inventory")
    return {"address": address, "method": METHOD, "token": token, "location_ids": [SHOP]}


async def token_of(house: House, client_id: str, scopes: Sequence[str]) -> str:
    """Of a client that is made for it."""
    suite = house.suite
    async with grpc.aio.insecure_channel(suite.address("associate")) as associate:
        bearer = await sign_in(
            associate, BOOTSTRAP_CLIENT, read_secret(suite.secrets, BOOTSTRAP_CLIENT)
        )
        request = client_pb.PutClientRequest(
            request_id=str(uuid4()), client_id=client_id, scopes=scopes, renew_secret=True
        )
        put_client = ClientServiceStub(associate).PutClient
        secret = (await put_client(request, metadata=bearer.metadata)).secret
        return (await sign_in(associate, client_id, secret)).token
