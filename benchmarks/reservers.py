"""Callers who reserve one time after another over one channel, in a process of their own."""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import grpc
import uvloop
from comptoir.inventory.v1 import reservation_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from google.protobuf.duration_pb2 import Duration

from benchmarks.generator import summary_of

CALL_S = 10.0
HOLD = Duration(seconds=600)


async def reserved(
    told: dict[str, Any],
    *,
    callers_count: int,
    lines_count: int,
    skus_count: int,
    pause_s: float,
    seconds: float,
) -> dict[str, float]:
    """`told` says where, by which method, under which token and at which location.

    Answers are not read: whoever measures a server must not spend the machine on itself.
    """
    metadata = (("authorization", f"Bearer {told['token']}"),)
    latencies_s: list[float] = []
    refusals: list[str] = []
    next_request = requests(told["location_id"], lines_count=lines_count, skus_count=skus_count)

    async def caller(call: Any, ends_s: float) -> None:
        while (sent_s := time.perf_counter()) < ends_s:
            try:
                await call(next_request(), metadata=metadata, timeout=CALL_S)
                latencies_s.append(time.perf_counter() - sent_s)
            except grpc.aio.AioRpcError as error:
                refusals.append(f"{error.code().name} {error.details()}")
            if pause_s:
                await asyncio.sleep(pause_s)

    async with grpc.aio.insecure_channel(told["address"]) as channel:
        call: Any = channel.unary_unary(told["method"])
        begin_s = time.perf_counter()
        await asyncio.gather(*(caller(call, begin_s + seconds) for _ in range(callers_count)))
        took_s = time.perf_counter() - begin_s
    if refusals:
        print("first refusal:", refusals[0])
    return summary_of(latencies_s, len(refusals), took_s)


def requests(location_id: str, *, lines_count: int, skus_count: int) -> Callable[[], bytes]:
    """Encoded, each of its own id and for skus by chance."""
    chance = random.Random()

    def made() -> bytes:
        skus = chance.sample(range(skus_count), lines_count)
        return pb.ReserveRequest(
            request_id=str(UUID(int=chance.getrandbits(128), version=4)),
            lines=[
                stock_pb.StockLine(location_id=location_id, sku=sku_of(sku), quantity=1)
                for sku in skus
            ],
            hold_duration=HOLD,
        ).SerializeToString()

    return made


def sku_of(number: int) -> str:
    return f"SKU-{number:06}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--callers", type=int, required=True)
    parser.add_argument("--lines", type=int, required=True)
    parser.add_argument("--skus", type=int, required=True)
    parser.add_argument("--pause", type=float, default=0.0)
    parser.add_argument("--seconds", type=float, required=True)
    given = parser.parse_args()
    made = reserved(
        json.loads(given.file.read_text()),
        callers_count=given.callers,
        lines_count=given.lines,
        skus_count=given.skus,
        pause_s=given.pause,
        seconds=given.seconds,
    )
    print(json.dumps(uvloop.run(made)))


if __name__ == "__main__":
    main()
