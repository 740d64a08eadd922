"""How fast product views are: from the gateway's near cache, and from their owners."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import aiohttp
import grpc
from comptoir.catalog.v1 import product_service_pb2 as product_pb
from comptoir.catalog.v1.product_service_pb2_grpc import ProductServiceStub
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from benchmarks.figures import Figure, Target
from benchmarks.house import House, bare
from benchmarks.loading import Gets, loaded
from benchmarks.rounds import Rounds, alternated, p50_ms, per_s
from deploy.local.child_stack import free_ports
from deploy.local.demo import families
from deploy.local.demo.sending import sign_in

SHOP = "paris-bastille"
CONNECTIONS_COUNT = 64
ROUNDS_COUNT, ROUND_S, SOLO_ROUND_S = 3, 4.0, 2.0
# What belongs to one answer, and is made by whoever answers.
OWN_HEADERS = {"content-length", "date", "server"}


@dataclass(frozen=True, slots=True)
class Sample:
    """A real answer, for baselines to give, and what is said to the owners for it."""

    file: Path
    paths: Path
    question_bytes: int
    answer_bytes: int


async def sample_of(house: House) -> Sample:
    skus = [article["sku"] for family in families.families() for article in families.goods(family)]
    paths = house.folder / "paths.txt"
    paths.write_text("".join(f"{path_of(sku)}\n" for sku in skus))
    answers = house.folder / "answer.json"
    async with aiohttp.ClientSession(house.stack.url) as http:
        bodies = {}
        for sku in skus:
            async with http.get(path_of(sku)) as response:
                bodies[sku] = await response.text()
                headers = dict(response.headers)
    # The one of middle length stands for all.
    sku = sorted(skus, key=lambda each: len(bodies[each]))[len(skus) // 2]
    kept = {name: value for name, value in headers.items() if name.lower() not in OWN_HEADERS}
    answers.write_text(json.dumps({"headers": kept, "body": bodies[sku]}))
    question, answer = await messages_of(house, sku)
    return Sample(answers, paths, question_bytes=question, answer_bytes=answer)


def path_of(sku: str) -> str:
    return f"/v1/products/{sku}?location_id={SHOP}"


async def messages_of(house: House, sku: str) -> tuple[int, int]:
    """How many bytes are asked of the owners for one view, and how many they answer with."""
    suite = house.suite
    async with (
        grpc.aio.insecure_channel(suite.address("associate")) as associate,
        grpc.aio.insecure_channel(suite.address("catalog")) as catalog,
        grpc.aio.insecure_channel(suite.address("inventory")) as inventory,
    ):
        secret = house.stack.panel["clients"]["importer"]
        metadata = (await sign_in(associate, "importer", secret)).metadata
        views = product_pb.BatchGetProductViewsRequest(skus=[sku], location_id=SHOP)
        stock = stock_pb.BatchGetAvailabilityRequest(skus=[sku], location_ids=[SHOP])
        answers = (
            await ProductServiceStub(catalog).BatchGetProductViews(views, metadata=metadata),
            await StockServiceStub(inventory).BatchGetAvailability(stock, metadata=metadata),
        )
    return views.ByteSize() + stock.ByteSize(), sum(answer.ByteSize() for answer in answers)


async def cached(house: House, sample: Sample) -> list[Figure]:
    port = free_ports()
    async with bare(house.folder, "http", port, [sample.file]) as bare_pid:
        ours = Gets(url=house.stack.url, paths=sample.paths, connections_count=CONNECTIONS_COUNT)
        rounds = await compared(
            ours,
            [house.stack.pid("gateway")],
            replace(ours, url=local(port)),
            [bare_pid],
            seconds=ROUND_S,
        )
    return [throughput("product_view_cached", rounds, Target(least=0.50))]


async def uncached(house: House, sample: Sample) -> list[Figure]:
    port = free_ports()
    async with (
        house.second_gateway(port, NEAR_CACHE="false") as gateway_pid,
        hop(house, sample) as (hop_url, hop_pids),
    ):
        many = Gets(url=local(port), paths=sample.paths, connections_count=CONNECTIONS_COUNT)
        one = replace(many, connections_count=1)
        owners = [house.stack.pid("catalog"), house.stack.pid("inventory")]
        pids = [gateway_pid, *owners, *house.mongod_pids]
        await loaded(many.command(ROUND_S), seconds=ROUND_S, servers=[])  # Warm, as it stays.
        rounds, solo = [
            await compared(gets, pids, replace(gets, url=hop_url), hop_pids, seconds=seconds)
            for gets, seconds in ((many, ROUND_S), (one, SOLO_ROUND_S))
        ]
    return [
        throughput("product_view_uncached", rounds, Target(least=0.80)),
        latency("product_view_uncached_p50", solo),
    ]


@asynccontextmanager
async def hop(house: House, sample: Sample) -> AsyncIterator[tuple[str, list[int]]]:
    port = free_ports()
    asked = [port + 1, sample.question_bytes, sample.file]
    async with (
        bare(house.folder, "owner", port + 1, [sample.answer_bytes], http=False) as owner_pid,
        bare(house.folder, "hop", port, asked) as hop_pid,
    ):
        yield local(port), [hop_pid, owner_pid]


async def compared(
    ours: Gets,
    our_pids: list[int],
    other: Gets,
    other_pids: list[int],
    *,
    seconds: float,
    rounds_count: int = ROUNDS_COUNT,
) -> Rounds:
    return await alternated(
        partial(loaded, ours.command(seconds), seconds=seconds, servers=our_pids),
        partial(loaded, other.command(seconds), seconds=seconds, servers=other_pids),
        rounds_count=rounds_count,
    )


def throughput(name: str, rounds: Rounds, target: Target | None) -> Figure:
    return Figure(
        name=name,
        value=rounds.ours(per_s),
        unit="1/s",
        baseline=rounds.bare(per_s),
        ratio=rounds.ratio(per_s),
        target=target,
        note=rounds.note,
    )


def latency(name: str, rounds: Rounds) -> Figure:
    return Figure(
        name=name,
        value=rounds.ours(p50_ms),
        unit="ms",
        baseline=rounds.bare(p50_ms),
        ratio=rounds.ratio(p50_ms),
        note=rounds.note,
    )


def local(port: int) -> str:
    return f"http://127.0.0.1:{port}"
