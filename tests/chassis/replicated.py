"""Replicas of a service, for tests, that say who answered about which shop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc

from chassis.client import channel
from chassis.errors import AppError, Kind
from chassis.interceptors import Context, error_interceptor
from chassis.partitions import near

METHOD, STREAM = "/t.T/unary", "/t.T/stream"
REPLICAS_COUNT = 3
SHOPS = [f"shop-{number}" for number in range(64)]
CALL_S = 10.0


class AwayError(AppError):
    kind, reason = Kind.UNAVAILABLE, "DATABASE_UNAVAILABLE"


class FullError(AppError):
    kind, reason = Kind.RESOURCE_EXHAUSTED, "TOO_MANY_WRITES"


@dataclass(slots=True, kw_only=True)
class Replica:
    """Answers with its address; `failing` with an error of its own, `aborting` with a status
    that says no more than gRPC's own do."""

    port: int = 0
    failing: type[AppError] | None = None
    aborting: grpc.StatusCode | None = None
    asked: list[dict[str, str | bytes]] = field(default_factory=list)
    server: grpc.aio.Server | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def begin(self) -> None:
        self.server = grpc.aio.server(interceptors=[error_interceptor("far.comptoir")])
        methods: dict[str, Any] = {
            "unary": grpc.unary_unary_rpc_method_handler(self._answer),
            "stream": grpc.stream_stream_rpc_method_handler(self._stream),
        }
        handler = grpc.method_handlers_generic_handler("t.T", methods)
        self.server.add_generic_rpc_handlers((handler,))
        self.port = self.server.add_insecure_port(self.address)
        await self.server.start()

    async def end(self) -> None:
        if self.server is not None:
            await self.server.stop(None)
            self.server = None

    async def _answer(self, _word: bytes, context: Context) -> bytes:
        self.asked.append(dict(context.invocation_metadata() or ()))
        if self.failing is not None:
            raise self.failing("not now")
        if self.aborting is not None:
            await context.abort(self.aborting)
        return self.address.encode()

    async def _stream(
        self, requests: AsyncIterator[bytes], _context: Context
    ) -> AsyncIterator[bytes]:
        async for _word in requests:
            yield self.address.encode()


@asynccontextmanager
async def called(*addresses: str) -> AsyncIterator[grpc.aio.Channel]:
    async with channel(f"ipv4:///{','.join(addresses)}", affinity=True) as opened:
        yield opened


async def asked(opened: grpc.aio.Channel, shop: str, timeout_s: float = CALL_S) -> str:
    """Who answers about a shop."""
    method: Any = opened.unary_unary(METHOD)
    with near(shop):
        answer: bytes = await method(b"", timeout=timeout_s)
    return answer.decode()


async def homes(opened: grpc.aio.Channel) -> dict[str, str]:
    return {shop: await asked(opened, shop) for shop in SHOPS}
