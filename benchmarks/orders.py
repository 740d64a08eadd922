"""How many orders a second are placed and confirmed, stock, slot and all."""

import json
import sys
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

import aiohttp
import grpc
from comptoir.collect.v1 import point_service_pb2 as point_pb
from comptoir.collect.v1.point_service_pb2_grpc import PointServiceStub
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from benchmarks.figures import Figure
from benchmarks.house import House
from benchmarks.loading import GeneratorError, loaded
from benchmarks.products import throughput
from benchmarks.rounds import Run, alternated, p50_ms, p99_ms
from deploy.local.demo import chain
from deploy.local.demo.families import families, goods
from deploy.local.demo.load import post
from deploy.local.demo.sending import Stream, send, sign_in

CUSTOMERS_COUNT = 32
ARTICLES_COUNT = 100
ROUNDS_COUNT, ROUND_S = 3, 6.0
LENGTH = ("--seconds", str(ROUND_S))
PLENTY = 100_000
PLACES_A_SLOT = 1000


async def placed(house: House) -> list[Figure]:
    at_once = ("--connections", str(CUSTOMERS_COUNT))
    uri = house.suite.engines.mongo_uri
    bare = (sys.executable, "-m", "benchmarks.bare.transactions", uri, *at_once, *LENGTH)
    rounds = await alternated(
        partial(ordering, house, await buyers(house)),
        partial(transacting, house, bare),
        rounds_count=ROUNDS_COUNT,
    )
    return [
        throughput("place_order", rounds, None),
        *(
            Figure(
                name=f"place_order_{name}",
                value=rounds.ours(of),
                unit="ms",
                baseline=rounds.bare(of),
                ratio=rounds.ratio(of),
            )
            for name, of in (("p50", p50_ms), ("p99", p99_ms))
        ),
    ]


async def buyers(house: House) -> tuple[str, ...]:
    """The command that lets customers order there, where there is plenty of all."""
    file = house.folder / "buyers.json"
    await topped_up(house)
    file.write_text(json.dumps(await told(house)))
    file.chmod(0o600)
    return (sys.executable, "-m", "benchmarks.buyers", str(file), *LENGTH)


async def ordering(house: House, command: tuple[str, ...]) -> Run:
    servers = [*house.pids.values(), *house.mongod_pids]
    return await loaded(command, seconds=ROUND_S, servers=servers)


async def transacting(house: House, command: tuple[str, ...]) -> Run:
    """The driver is what is measured here, not a generator beside it."""
    run = await loaded(command, seconds=ROUND_S, servers=house.mongod_pids)
    return replace(
        run,
        generator_cores=0.0,
        server_cores=max(run.server_cores, run.generator_cores),
        server_ms=run.server_ms + run.generator_cores * 1000 / max(run.per_s, 1.0),
    )


async def topped_up(house: House) -> None:
    """Stock and places at every counter for as many orders as may come."""
    suite = house.suite
    async with (
        grpc.aio.insecure_channel(suite.address("associate")) as associate,
        grpc.aio.insecure_channel(suite.address("collect")) as collect,
        grpc.aio.insecure_channel(suite.address("inventory")) as inventory,
    ):
        bearer = await sign_in(associate, "importer", house.stack.panel["clients"]["importer"])
        import_points = PointServiceStub(collect).ImportPoints
        points = (point_pb.ImportPointsRequest(point=point) for point in counters())
        await send(Stream("points", import_points, points), bearer)
        levels = [
            stock_pb.ImportStockRequest(
                location_id=point.location_id, sku=sku, sellable_quantity=PLENTY
            )
            for point in counters()
            for sku in articles()
        ]
        await send(Stream("stock", StockServiceStub(inventory).ImportStock, levels), bearer)


def counters() -> list[point_pb.Point]:
    found = [point for point in chain.points() if point.kind == point_pb.POINT_KIND_COUNTER]
    for point in found:
        point.slot_capacity_count = PLACES_A_SLOT
    return found


def articles() -> list[str]:
    """Sold by the piece."""
    sold = (article for family in families() for article in goods(family))
    return [article["sku"] for article in sold if "stock_unit" not in article][:ARTICLES_COUNT]


async def told(house: House) -> dict[str, Any]:
    """What the buyers' process needs: where, who, and orders over all counters and slots."""
    skus = articles()
    async with aiohttp.ClientSession(house.stack.url) as http:
        tokens = [await signed_up(http) for _ in range(CUSTOMERS_COUNT)]
        body = {
            "lines": [{"sku": skus[0], "quantity": 1}],
            "location_ids": [point.location_id for point in counters()],
        }
        headers = {"Authorization": f"Bearer {tokens[0]}"}
        async with http.post("/v1/pickup-options", json=body, headers=headers) as response:
            options = (await response.json())["options"]
    slots = [
        (option["point_id"], slot["slot_id"])
        for option in options
        if option["kind"] == "counter"
        for slot in option["slots"]
    ]
    orders = [
        {
            "lines": [{"sku": sku, "quantity": 1}],
            "point_id": point_id,
            "slot_id": slot_id,
            "payment": {"method": "at_counter"},
        }
        for point_id, slot_id in slots
        for sku in skus
    ]
    return {"url": house.stack.url, "tokens": tokens, "orders": orders}


async def signed_up(http: aiohttp.ClientSession) -> str:
    """A new customer's access token. Raises GeneratorError."""
    name = f"bench-{uuid4().hex}@example.com"
    body = {"email": name, "password": "bench a stack of orders", "given_name": "Bench"}
    status, answer = await post(http, "/v1/customers", body)
    if status != 201:
        raise GeneratorError(f"a customer was refused: {answer.get('reason')}")
    return str(answer["tokens"]["access_token"])
