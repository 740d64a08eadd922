"""What two processes of inventory reserve against one, and how long one that dies is missed."""

import asyncio
import os
import signal
import time
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

import grpc

from benchmarks.figures import Figure, Target
from benchmarks.house import House
from benchmarks.reservations import calling, rate, stocked, told, written
from benchmarks.reservers import Load, channel_of, requests
from benchmarks.rounds import Measure
from chassis.partitions import PARTITIONS_COUNT
from comptoir_client import near, partition_of
from deploy.local.child_stack import free_ports

# A shop in each partition: some 10,000 rows of stock in all.
SKUS_A_SHOP = 313
STREAMS = {"callers": 32, "in_flight": 8}
TWO_MIN, HOT_MIN, GAP_S_MAX = 1.2, 0.7, 5.0
# Of the one that is killed: until then nothing is lost, behind it everybody is heard again.
ALIVE_S, AFTER_S = 2.0, 8.0
TRY_S, PAUSE_S = 10.0, 0.05


async def compared(house: House, *, large: bool = False) -> list[Figure]:
    """Starts the second one, and kills it in the end. `large`: over streams, and without
    affinity too.
    """
    shops = shops_of_all_partitions()
    await stocked(house, shops, SKUS_A_SHOP)
    port = free_ports()
    async with house.second_inventory(port) as second_pid:
        one = {**await told(house), "location_ids": shops, "affinity": True}
        two = {**one, "address": f"ipv4:///{one['address']},127.0.0.1:{port}"}
        apart = {**two, "affinity": False}
        servers = [house.pids["inventory"], second_pid, *house.mongod_pids]
        by = partial(measured, house, servers)
        figures = [
            await rate("reserve_two_replicas", by(two), by(one), Target(least=TWO_MIN)),
            await rate("reserve_two_replicas_hot", *hot(by, two, one), Target(least=HOT_MIN)),
        ]
        if large:
            streams = partial(by, **STREAMS)
            figures += [
                await rate("reserve_two_streamed", streams(two), streams(one), None),
                await rate("reserve_two_scattered", by(apart), by(one), None),
            ]
        return [*figures, await kill_gap(two, second_pid)]


def shops_of_all_partitions() -> list[str]:
    found: dict[int, str] = {}
    for number in count():
        shop = f"bench-shop-{number:03}"
        found.setdefault(partition_of(shop), shop)
        if len(found) == PARTITIONS_COUNT:
            return [found[partition] for partition in sorted(found)]
    raise AssertionError


def measured(house: House, servers: list[int], called: dict[str, Any], **load: float) -> Measure:
    names = (called["affinity"], len(called["location_ids"]), len(called["address"]))
    file = written(house, f"reservers-{'-'.join(map(str, names))}.json", called)
    return calling(file, servers, **{"skus": SKUS_A_SHOP, **load})


def hot(by: Any, two: dict[str, Any], one: dict[str, Any]) -> tuple[Measure, Measure]:
    """On one sku of one shop."""
    here = {"location_ids": two["location_ids"][:1]}
    by = partial(by, lines=1, skus=1)
    return by({**two, **here}), by({**one, **here})


@dataclass(slots=True)
class Heard:
    """When a caller last got what it asked for, and the longest it waited for that."""

    last_s: float = field(default_factory=time.perf_counter)
    gap_s: float = 0.0
    failed_count: int = 0

    def again(self) -> None:
        now_s = time.perf_counter()
        self.gap_s, self.last_s = max(self.gap_s, now_s - self.last_s), now_s


async def kill_gap(called: dict[str, Any], pid: int) -> Figure:
    """The longest that any shop heard nothing good, `pid` being killed meanwhile."""
    callers = {shop: Heard() for shop in called["location_ids"]}
    over = asyncio.Event()
    async with channel_of(called) as channel, asyncio.TaskGroup() as tasks:
        for shop, heard in callers.items():
            tasks.create_task(reserving(channel, called, shop, heard, over))
        await asyncio.sleep(ALIVE_S)
        for heard in callers.values():
            heard.gap_s = 0.0
        os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(AFTER_S)
        over.set()
    failed_count = sum(heard.failed_count for heard in callers.values())
    return Figure(
        name="kill_gap_s",
        value=max(heard.gap_s for heard in callers.values()),
        unit="s",
        target=Target(most=GAP_S_MAX),
        note=f"{len(callers)} shops, one caller each; {failed_count} calls failed",
    )


async def reserving(
    channel: grpc.aio.Channel,
    called: dict[str, Any],
    shop: str,
    heard: Heard,
    over: asyncio.Event,
) -> None:
    load = Load(callers_count=1, lines_count=2, skus_count=SKUS_A_SHOP, seconds=AFTER_S)
    metadata = (("authorization", f"Bearer {called['token']}"), *near(shop))
    method: Any = channel.unary_unary(called["method"])
    next_request = requests([shop], load)
    while not over.is_set():
        try:
            await method(next_request().SerializeToString(), metadata=metadata, timeout=TRY_S)
        except grpc.aio.AioRpcError:
            heard.failed_count += 1
        else:
            heard.again()
        await asyncio.sleep(PAUSE_S)
    heard.again()
