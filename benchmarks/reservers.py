"""Callers who reserve one time after another over one channel, in a process of their own."""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import grpc
import uvloop
from comptoir.inventory.v1 import reservation_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from google.protobuf.duration_pb2 import Duration

from benchmarks.generator import summary_of
from chassis.opening import opened_channel, options_for
from comptoir_client import near

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
    """`told` says where, by which method, under which token and at which locations.

    With `affinity` each caller has one of these, in turn, and says it; without, all of them.
    """
    seen = Seen()
    async with channel_of(told) as channel:
        begin_s = time.perf_counter()
        ends_s = begin_s + load.seconds
        callers = []
        for location_ids in islice(cycle(shares(told)), load.callers_count):
            next_request = requests(location_ids, load)
            metadata = (("authorization", f"Bearer {told['token']}"), *near(location_ids[0]))
            if load.in_flight:
                open_stream: Any = partial(channel.stream_stream(STREAM), metadata=metadata)
                callers.append(streaming(open_stream, next_request, load, ends_s, seen))
            else:
                method: Any = channel.unary_unary(told["method"])
                call = partial(method, metadata=metadata, timeout=CALL_S)
                callers.append(calling(call, next_request, load, ends_s, seen))
        await asyncio.gather(*callers)
        took_s = time.perf_counter() - begin_s
    if seen.refusals:
        print("first refusal:", seen.refusals[0])
    return summary_of(seen.latencies_s, len(seen.refusals), took_s)


def channel_of(told: dict[str, Any]) -> grpc.aio.Channel:
    """Of gRPC's own making, unless it is said whether calls are to keep to a replica."""
    if "affinity" in told:
        options = options_for(affinity=told["affinity"])
        return opened_channel(told["address"], certificates=None, options=options)
    return grpc.aio.insecure_channel(told["address"])


def shares(told: dict[str, Any]) -> list[list[str]]:
    """The locations of each caller."""
    location_ids = told["location_ids"]
    return [[one] for one in location_ids] if told.get("affinity") else [location_ids]


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


def requests(location_ids: Sequence[str], load: Load) -> NextRequest:
    """Each of its own id, at one of these and for skus by chance."""
    chance, skus = random.Random(), range(load.first_sku, load.first_sku + load.skus_count)

    def made() -> pb.ReserveRequest:
        location_id = chance.choice(location_ids)
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
