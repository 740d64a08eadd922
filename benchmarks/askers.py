"""Callers who ask what is available, or from where, one time after another, in a process of
their own."""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import grpc
import uvloop
from comptoir.inventory.v1 import sourcing_service_pb2 as sourcing_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from benchmarks.bare.finds import places_by_chance
from benchmarks.generator import summary_of
from benchmarks.reservers import sku_of

CALL_S = 10.0
AVAILABILITY = "/comptoir.inventory.v1.StockService/BatchGetAvailability"
SOURCE = "/comptoir.inventory.v1.SourcingService/Source"


def availability_requests(
    location_ids: Sequence[str], *, skus_count: int, rows_count: int
) -> Callable[[], bytes]:
    """Encoded, each for so many articles at one location."""
    chance = random.Random()

    def made() -> bytes:
        places = places_by_chance(chance, location_ids, skus_count, rows_count)
        return stock_pb.BatchGetAvailabilityRequest(
            skus=[sku for _, sku in places], location_ids=[places[0][0]]
        ).SerializeToString()

    return made


def source_requests(
    location_ids: Sequence[str], *, skus_count: int, rows_count: int
) -> Callable[[], bytes]:
    """Encoded, each for every article at another location; `rows_count` are looked at."""
    chance = random.Random()
    lines = [sourcing_pb.SourcingLine(sku=sku_of(n), quantity=1) for n in range(skus_count)]

    def made() -> bytes:
        return sourcing_pb.SourceRequest(
            pick_up_location_id=chance.choice(location_ids), lines=lines
        ).SerializeToString()

    return made


REQUESTS = {AVAILABILITY: availability_requests, SOURCE: source_requests}


async def asked(
    told: dict[str, Any],
    next_request: Callable[[], bytes],
    *,
    callers_count: int,
    seconds: float,
) -> dict[str, float]:
    """`told` says where, by which method and under which token. Answers are not read."""
    metadata = (("authorization", f"Bearer {told['token']}"),)
    latencies_s: list[float] = []
    refusals: list[str] = []

    async def caller(call: Any, ends_s: float) -> None:
        while (sent_s := time.perf_counter()) < ends_s:
            try:
                await call(next_request(), metadata=metadata, timeout=CALL_S)
                latencies_s.append(time.perf_counter() - sent_s)
            except grpc.aio.AioRpcError as error:
                refusals.append(f"{error.code().name} {error.details()}")

    async with grpc.aio.insecure_channel(told["address"]) as channel:
        call: Any = channel.unary_unary(told["method"])
        begin_s = time.perf_counter()
        await asyncio.gather(*(caller(call, begin_s + seconds) for _ in range(callers_count)))
        took_s = time.perf_counter() - begin_s
    if refusals:
        print("first refusal:", refusals[0])
    return summary_of(latencies_s, len(refusals), took_s)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    for name in ("callers", "skus", "rows"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    given = parser.parse_args()
    told = json.loads(given.file.read_text())
    requests = REQUESTS[told["method"]]
    asking = asked(
        told,
        requests(told["location_ids"], skus_count=given.skus, rows_count=given.rows),
        callers_count=given.callers,
        seconds=given.seconds,
    )
    print(json.dumps(uvloop.run(asking)))


if __name__ == "__main__":
    main()
