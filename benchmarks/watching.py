"""How long a change of stock takes from its commit to a hundred who watch."""

import base64
import sys
from functools import partial
from typing import Any

import grpc
from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from benchmarks.bare.fanout import PATH
from benchmarks.figures import Figure, Target
from benchmarks.house import House, bare
from benchmarks.loading import loaded
from benchmarks.reservations import SHOP, token_of, written
from benchmarks.rounds import Run, alternated, p50_ms, p99_ms, per_s
from deploy.local.child_stack import free_ports

METHOD = "/comptoir.inventory.v1.StockService/WatchStock"
WATCHERS_COUNT, ROWS_PER_S, LINES_COUNT = 100, 1000, 10
# A client may have 32 streams.
CLIENTS_COUNT = 4
ROUNDS_COUNT, ROUND_S = 3, 3.0
MESSAGES_PER_S = 50
LAG_MS_MAX = 150.0


async def lagged(house: House) -> list[Figure]:
    """At a shop that `benchmarks.reservations` has stocked."""
    called = await told(house)
    _, row_bytes = await snapshot(called)
    message_bytes, port = row_bytes * ROWS_PER_S // MESSAGES_PER_S, free_ports()
    there = {**called, "address": f"127.0.0.1:{port}", "method": PATH, "till_token": ""}
    arguments = [message_bytes, MESSAGES_PER_S]
    async with bare(house.folder, "fanout", port, arguments, http=False) as pid:
        rounds = await alternated(
            partial(following, house, called, [house.pids["inventory"]]),
            partial(heard, house, there, [pid]),
            rounds_count=ROUNDS_COUNT,
        )
    lag_ms, rate = rounds.ours(p99_ms), rounds.ours(per_s) or 0
    return [
        Figure(
            name="watch_lag_ms",
            value=lag_ms,
            unit="ms",
            target=Target(most=LAG_MS_MAX),
            note=f"p99, {WATCHERS_COUNT} watchers, {rate:,.0f} rows a second; {rounds.note}",
        ),
        Figure(
            name="watch_lag",
            value=lag_ms,
            unit="ms",
            baseline=rounds.bare(p99_ms),
            ratio=rounds.ratio(p99_ms),
            note=f"p50 {rounds.ours(p50_ms) or 0:.0f} ms; bare streams of {message_bytes:,} bytes, "
            f"{MESSAGES_PER_S} a second",
        ),
    ]


async def following(house: House, called: dict[str, Any], servers: list[int]) -> Run:
    """All from one snapshot's end: a hundred snapshots are not what is measured."""
    cursor, _ = await snapshot(called)
    request = pb.WatchStockRequest(location_ids=[SHOP], cursor=cursor).SerializeToString()
    return await heard(house, {**called, "request": base64.b64encode(request).decode()}, servers)


async def heard(house: House, called: dict[str, Any], servers: list[int]) -> Run:
    options = (
        f"--watchers={WATCHERS_COUNT}",
        f"--rows-per-s={ROWS_PER_S}",
        f"--lines={LINES_COUNT}",
        f"--seconds={ROUND_S}",
    )
    file = written(house, "watchers.json", called)
    command = (sys.executable, "-m", "benchmarks.watchers", str(file), *options)
    return await loaded(command, seconds=ROUND_S, servers=servers)


async def told(house: House) -> dict[str, Any]:
    """What the watchers' process needs."""
    names = [f"bench-watcher-{number}" for number in range(CLIENTS_COUNT)]
    return {
        "address": house.suite.address("inventory"),
        "method": METHOD,
        "request": "",
        "tokens": [await token_of(house, name, ["stock.read"]) for name in names],
        "till_token": await token_of(house, "bench-till", ["sale.write"]),
        "location_id": SHOP,
    }


async def snapshot(called: dict[str, Any]) -> tuple[str, int]:
    """The cursor behind it, and how many bytes one of its rows takes."""
    metadata = (("authorization", f"Bearer {called['tokens'][0]}"),)
    request, row_bytes = pb.WatchStockRequest(location_ids=[SHOP]), 0
    async with grpc.aio.insecure_channel(called["address"]) as channel:
        async for answer in StockServiceStub(channel).WatchStock(request, metadata=metadata):
            if answer.rows:
                row_bytes = answer.ByteSize() // len(answer.rows)
            if answer.snapshot_complete:
                return answer.cursor, row_bytes
    raise AssertionError("the snapshot ended before it was whole")
