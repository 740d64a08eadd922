"""A closed loop of GETs in a process of its own, where wrk is not installed.

Reads answers only as far as their length, so that it costs less than whoever it loads.
"""

import argparse
import asyncio
import json
import time
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import uvloop

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


class Connection(asyncio.Protocol):
    """Sends a request, waits for its answer, sends the next, until `ends_s`."""

    def __init__(self, requests: "cycle[bytes]", ends_s: float) -> None:
        self.latencies_s: list[float] = []
        self.failed_count = 0
        self.over = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._ends_s = ends_s
        self._received = b""
        self._sent_s = 0.0
        self._transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's are of no class of asyncio's.
        self._transport = cast(asyncio.WriteTransport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head_end = self._received.find(HEAD_END)
        if head_end < 0:
            return
        if len(self._received) < head_end + len(HEAD_END) + length_in(self._received[:head_end]):
            return
        now_s = time.perf_counter()
        if self._received.startswith(b"HTTP/1.1 200 "):
            self.latencies_s.append(now_s - self._sent_s)
        else:
            self.failed_count += 1
        if now_s < self._ends_s:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if time.perf_counter() < self._ends_s:
            self.failed_count += 1
        if not self.over.done():
            self.over.set_result(None)

    def _send(self) -> None:
        self._received = b""
        self._sent_s = time.perf_counter()
        self._transport.write(next(self._requests))


def length_in(head: bytes) -> int:
    lowered = head.lower()
    begin = lowered.index(LENGTH) + len(LENGTH)
    return int(lowered[begin:].partition(b"\r\n")[0])


async def generated(
    url: str, paths: list[str], *, connections_count: int, seconds: float
) -> dict[str, float]:
    where = urlsplit(url)
    host, port = str(where.hostname), int(where.port or 80)
    requests = cycle(
        [f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n".encode() for path in paths]
    )
    begin_s = time.perf_counter()
    begun = partial(Connection, requests, begin_s + seconds)
    loop = asyncio.get_running_loop()
    connections = [
        (await loop.create_connection(begun, host, port))[1] for _ in range(connections_count)
    ]
    await asyncio.gather(*(connection.over for connection in connections))
    latencies_s = [latency_s for each in connections for latency_s in each.latencies_s]
    failed_count = sum(connection.failed_count for connection in connections)
    return summary_of(latencies_s, failed_count, time.perf_counter() - begin_s)


def summary_of(latencies_s: list[float], failed_count: int, took_s: float) -> dict[str, float]:
    ordered = sorted(latencies_s) or [0.0]
    return {
        "per_s": len(latencies_s) / took_s,
        "p50_ms": ordered[len(ordered) // 2] * 1000,
        "p99_ms": ordered[len(ordered) * 99 // 100] * 1000,
        "failed_count": failed_count,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("paths", type=Path)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    given = parser.parse_args()
    made = generated(
        given.url,
        given.paths.read_text().splitlines(),
        connections_count=given.connections,
        seconds=given.seconds,
    )
    print(json.dumps(uvloop.run(made)))


if __name__ == "__main__":
    main()
