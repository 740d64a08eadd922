"""Bare aiohttp before one bare gRPC call: the least that reading from another process takes."""

import argparse
from pathlib import Path
from typing import Any

import grpc
import uvloop
from aiohttp import web

from benchmarks.bare.http import constant, until_killed
from benchmarks.bare.owner import PATH


async def serve(port: int, owner_port: int, request_bytes: int, file: Path) -> None:
    headers, body = constant(file)
    request_content = bytes(request_bytes)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{owner_port}") as channel:
        ask: Any = channel.unary_unary(PATH)

        async def answered(request: web.Request) -> web.Response:
            await ask(request_content)
            return web.Response(body=body, headers=headers)

        await until_killed(answered, port)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("owner_port", type=int)
    parser.add_argument("request_bytes", type=int)
    parser.add_argument("file", type=Path)
    given = parser.parse_args()
    uvloop.run(serve(given.port, given.owner_port, given.request_bytes, given.file))


if __name__ == "__main__":
    main()
