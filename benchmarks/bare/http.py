"""A constant answer from bare aiohttp: what the framework does where there is nothing to do."""

import argparse
import asyncio
import json
from pathlib import Path

import uvloop
from aiohttp import web
from aiohttp.typedefs import Handler
from multidict import CIMultiDict


def constant(file: Path) -> tuple[CIMultiDict[str], bytes]:
    """The headers and the body in `file`, a JSON object with both."""
    content = json.loads(file.read_text())
    return CIMultiDict(content["headers"]), content["body"].encode()


async def serve(port: int, file: Path) -> None:
    headers, body = constant(file)

    async def answered(request: web.Request) -> web.Response:
        return web.Response(body=body, headers=headers)

    await until_killed(answered, port)


async def until_killed(answered: Handler, port: int) -> None:
    app = web.Application()
    app.router.add_get("/v1/products/{sku}", answered)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("file", type=Path)
    given = parser.parse_args()
    uvloop.run(serve(given.port, given.file))


if __name__ == "__main__":
    main()
