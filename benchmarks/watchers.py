"""Watchers of a shop, and a till that sells there at a steady rate, in a process of their own."""

import argparse
import asyncio
import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import grpc
import uvloop
from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.type.v1.encoded_pb2 import EncodedList

from benchmarks.bare.fanout import STAMP
from benchmarks.generator import summary_of
from benchmarks.reservers import sku_of

SELL = "/comptoir.inventory.v1.StockService/RecordSale"
CALL_S, BEGIN_S_MAX = 10.0, 20.0
# For the last of them to arrive: what comes later counts as not come.
AFTER_S = 1.0


class Heard(NamedTuple):
    """A message, and when it came."""

    at_s: float
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """So many rows a second change, some by each sale, each another one for as long as it lasts."""

    watchers_count: int
    rows_per_s: int
    lines_count: int
    seconds: float


@dataclass(slots=True)
class Till:
    """Knows when it was answered: from then on a sale is known to be committed."""

    call: Any
    location_id: str
    lines_count: int
    answered_s: dict[tuple[str, int], float] = field(default_factory=dict)

    async def sell(self, number: int) -> None:
        first = number * self.lines_count
        lines = [
            pb.StockLine(location_id=self.location_id, sku=sku_of(first + each), quantity=1)
            for each in range(self.lines_count)
        ]
        sale = pb.RecordSaleRequest(request_id=str(uuid4()), lines=lines)
        answer = pb.RecordSaleResponse.FromString(await self.call(sale.SerializeToString()))
        now_s = time.perf_counter()
        self.answered_s.update({(row.sku, row.revision): now_s for row in answer.rows})


async def watched(told: dict[str, Any], load: Load) -> dict[str, float]:
    """`told` says where to watch, under which tokens and from which cursor; and under which
    to sell, or nobody does and the messages themselves say when they were made."""
    heard: list[list[Heard]] = [[] for _ in range(load.watchers_count)]
    async with grpc.aio.insecure_channel(told["address"]) as channel:
        listening = [
            asyncio.create_task(listen(channel, told, number, own))
            for number, own in enumerate(heard)
        ]
        await all_begun(heard)
        begin_s, till = time.perf_counter(), None
        if token := told["till_token"]:
            till = Till(calling(channel, token), told["location_id"], load.lines_count)
            await sold(till, load, begin_s)
        else:
            await asyncio.sleep(load.seconds)
        took_s = time.perf_counter() - begin_s
        await asyncio.sleep(AFTER_S)
        for task in listening:
            task.cancel()
        await asyncio.wait(listening)
    if till is None:
        return summary_of(list(stamped_lags_s(heard, begin_s)), 0, took_s + AFTER_S)
    lags_s = list(row_lags_s(heard, till.answered_s))
    missed_count = len(till.answered_s) * load.watchers_count - len(lags_s)
    summary = summary_of(lags_s, missed_count, took_s)
    return {**summary, "per_s": len(till.answered_s) / took_s}


async def listen(
    channel: grpc.aio.Channel, told: dict[str, Any], number: int, heard: list[Heard]
) -> None:
    """What comes is looked at afterwards: who measures must not spend the machine on itself."""
    token = told["tokens"][number % len(told["tokens"])]
    method: Any = channel.unary_stream(told["method"])
    request = base64.b64decode(told["request"])
    async for content in method(request, metadata=(("authorization", f"Bearer {token}"),)):
        heard.append(Heard(time.perf_counter(), content))


async def all_begun(heard: list[list[Heard]]) -> None:
    async with asyncio.timeout(BEGIN_S_MAX):
        while not all(heard):  # noqa: ASYNC110 (a hundred streams, looked at before it begins)
            await asyncio.sleep(0.05)


def calling(channel: grpc.aio.Channel, token: str) -> Any:
    method: Any = channel.unary_unary(SELL)
    metadata = (("authorization", f"Bearer {token}"),)
    return lambda request: method(request, metadata=metadata, timeout=CALL_S)


async def sold(till: Till, load: Load, begin_s: float) -> None:
    """Whether or not those before are answered."""
    each_s = load.lines_count / load.rows_per_s
    async with asyncio.TaskGroup() as group:
        for number in range(round(load.seconds / each_s)):
            await asyncio.sleep(max(begin_s + number * each_s - time.perf_counter(), 0))
            group.create_task(till.sell(number))


def stamped_lags_s(heard: list[list[Heard]], begin_s: float) -> Iterator[float]:
    for own in heard:
        for at_s, content in own:
            if at_s > begin_s:
                yield at_s - STAMP.unpack_from(content)[0]


def row_lags_s(
    heard: list[list[Heard]], answered_s: dict[tuple[str, int], float]
) -> Iterator[float]:
    """Of each row that each watcher was told of. They are told in the same bytes."""
    known = dict[bytes, float | None]()
    for own in heard:
        for at_s, content in own:
            for encoded in EncodedList.FromString(content).items:
                if encoded not in known:
                    row = pb.StockRow.FromString(encoded)
                    known[encoded] = answered_s.get((row.sku, row.revision))
                if (since_s := known[encoded]) is not None:
                    yield at_s - since_s


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--watchers", dest="watchers_count", type=int, required=True)
    parser.add_argument("--rows-per-s", type=int, required=True)
    parser.add_argument("--lines", dest="lines_count", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    given = vars(parser.parse_args())
    told = json.loads(given.pop("file").read_text())
    print(json.dumps(uvloop.run(watched(told, Load(**given)))))


if __name__ == "__main__":
    main()
