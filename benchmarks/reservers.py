"""Callers who reserve one time after another over one channel, in a process of their own."""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import grpc
import uvloop
from comptoir.inventory.v1 import reservation_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from google.protobuf.duration_pb2 import Duration

from benchmarks.generator import summary_of

STREAM = "/comptoir.inventory.v1.ReservationService/ReserveStream"
CALL_S = 10.0
HOLD = Duration(seconds=600)


NextRequest: TypeAlias = Callable[[], pb.ReserveRequest]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Who reserves what. Each caller has one call under way or, on a stream, `in_flight`."""

    callers_count: int
    lines_count: int
    skus_count: int
    first_sku: int = 0
    in_flight: int = 0
    pause_s: float = 0.0
    seconds: float


@dataclass(slots=True)
class Seen:
    latencies_s: list[float] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)


async def reserved(told: dict[str, Any], load: Load) -> dict[str, float]:
    """`told` says where, by which method, under which token and at which location."""
    seen, next_request = Seen(), requests(told["location_id"], load)
    metadata = (("authorization", f"Bearer {told['token']}"),)
    async with grpc.aio.insecure_channel(told["address"]) as channel:
        begin_s = time.perf_counter()
        ends_s = begin_s + load.seconds
        if load.in_flight:
            open_stream: Any = partial(channel.stream_stream(STREAM), metadata=metadata)
            callers = [
                streaming(open_stream, next_request, load, ends_s, seen)
                for _ in range(load.callers_count)
            ]
        else:
            call: Any = partial(
                channel.unary_unary(told["method"]), metadata=metadata, timeout=CALL_S
            )
            callers = [
                calling(call, next_request, load, ends_s, seen) for _ in range(load.callers_count)
            ]
        await asyncio.gather(*callers)
        took_s = time.perf_counter() - begin_s
    if seen.refusals:
        print("first refusal:", seen.refusals[0])
    return summary_of(seen.latencies_s, len(seen.refusals), took_s)


async def calling(
    call: Any, next_request: NextRequest, load: Load, ends_s: float, seen: Seen
) -> None:
    """One after the other. Answers are not read: who measures a server must not spend the
    machine on itself."""
    while (sent_s := time.perf_counter()) < ends_s:
        try:
            await call(next_request().SerializeToString())
            seen.latencies_s.append(time.perf_counter() - sent_s)
        except grpc.aio.AioRpcError as error:
            seen.refusals.append(f"{error.code().name} {error.details()}")
        if load.pause_s:
            await asyncio.sleep(load.pause_s)


async def streaming(
    open_stream: Any, next_request: NextRequest, load: Load, ends_s: float, seen: Seen
) -> None:
    """On one stream: the next goes out for each that is answered."""
    stream, sent_s = open_stream(), dict[str, float]()

    async def send() -> None:
        request = next_request()
        sent_s[request.request_id] = time.perf_counter()
        await stream.write(pb.ReserveStreamRequest(reserve=request).SerializeToString())

    for _ in range(load.in_flight):
        await send()
    while sent_s:
        answer = pb.ReserveStreamResponse.FromString(await stream.read())
        took_s = time.perf_counter() - sent_s.pop(answer.request_id)
        if answer.HasField("refusal"):
            seen.refusals.append(answer.refusal.message)
        else:
            seen.latencies_s.append(took_s)
        if time.perf_counter() < ends_s:
            await send()
    await stream.done_writing()


def requests(location_id: str, load: Load) -> NextRequest:
    """Each of its own id and for skus by chance."""
    chance, skus = random.Random(), range(load.first_sku, load.first_sku + load.skus_count)

    def made() -> pb.ReserveRequest:
        return pb.ReserveRequest(
            request_id=str(UUID(int=chance.getrandbits(128), version=4)),
            lines=[
                stock_pb.StockLine(location_id=location_id, sku=sku_of(sku), quantity=1)
                for sku in chance.sample(skus, load.lines_count)
            ],
            hold_duration=HOLD,
        )

    return made


def sku_of(number: int) -> str:
    return f"SKU-{number:06}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--callers", dest="callers_count", type=int, required=True)
    parser.add_argument("--lines", dest="lines_count", type=int, required=True)
    parser.add_argument("--skus", dest="skus_count", type=int, required=True)
    parser.add_argument("--first-sku", type=int, default=0)
    parser.add_argument("--in-flight", type=int, default=0)
    parser.add_argument("--pause", dest="pause_s", type=float, default=0.0)
    parser.add_argument("--seconds", type=float, required=True)
    given = vars(parser.parse_args())
    told = json.loads(given.pop("file").read_text())
    print(json.dumps(uvloop.run(reserved(told, Load(**given)))))


if __name__ == "__main__":
    main()
