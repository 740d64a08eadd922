"""A bare grpc.aio server that sends every stream one message of so many bytes at a steady rate."""

import argparse
import asyncio
import struct
import time
from collections.abc import AsyncIterator
from typing import Any

import grpc
import uvloop

PATH = "/bare.Fanout/Watch"
# When it was made, by the clock that all processes of a machine share.
STAMP = struct.Struct("<d")


class Ticker:
    """The newest message, for all."""

    def __init__(self, message_bytes: int, per_s: float) -> None:
        self._padding = bytes(message_bytes - STAMP.size)
        self._pause_s = 1 / per_s
        self._next = asyncio.Event()
        self.message = b""

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self._pause_s)
            self.message = STAMP.pack(time.perf_counter()) + self._padding
            self._next.set()
            self._next = asyncio.Event()

    async def watch(self, request: bytes, context: Any) -> AsyncIterator[bytes]:
        while True:
            await self._next.wait()
            yield self.message


async def serve(port: int, message_bytes: int, per_s: float) -> None:
    _, service, method = PATH.split("/")
    ticker = Ticker(message_bytes, per_s)
    handlers: dict[str, Any] = {method: grpc.unary_stream_rpc_method_handler(ticker.watch)}
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await ticker.run()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("message_bytes", type=int)
    parser.add_argument("per_s", type=float)
    given = parser.parse_args()
    uvloop.run(serve(given.port, given.message_bytes, given.per_s))


if __name__ == "__main__":
    main()
