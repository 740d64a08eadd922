"""Customers who place one order after another, in a process of their own."""

import argparse
import asyncio
import json
import random
import time
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import uvloop

from benchmarks.generator import summary_of


async def bought(told: dict[str, Any], *, seconds: float) -> dict[str, float]:
    """`told` says where, with which tokens, and what may be ordered."""
    orders: list[Any] = told["orders"]
    random.shuffle(orders)  # Each run begins at other slots and articles.
    wishes = cycle(orders)
    latencies_s: list[float] = []
    failures: list[str] = []
    begin_s = time.perf_counter()

    async def customer(http: aiohttp.ClientSession, token: str) -> None:
        while (sent_s := time.perf_counter()) < begin_s + seconds:
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
            async with http.post("/v1/orders", json=next(wishes), headers=headers) as response:
                order = await response.json(content_type=None)
            if response.status == 201 and order["state"] == "confirmed":
                latencies_s.append(time.perf_counter() - sent_s)
            else:
                failures.append(str(order.get("reason", order.get("state"))))

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(told["url"], connector=connector) as http:
        await asyncio.gather(*(customer(http, token) for token in told["tokens"]))
    took_s = time.perf_counter() - begin_s
    if failures:
        print("first refusal:", failures[0])
    return summary_of(latencies_s, len(failures), took_s)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--seconds", type=float, required=True)
    given = parser.parse_args()
    print(json.dumps(uvloop.run(bought(json.loads(given.file.read_text()), seconds=given.seconds))))


if __name__ == "__main__":
    main()
