"""gRPC servers that never read the path of a call which is for none of their methods."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import grpc
from grpc._cython import cygrpc
from grpc.aio import _server

NO_METHODS = cygrpc._MethodResolver([], {})


def new_server(
    *,
    interceptors: Sequence[grpc.aio.ServerInterceptor] = (),
    options: Sequence[tuple[str, int]] = (),
) -> grpc.aio.Server:
    """Like `grpc.aio.server`, but a path that is not UTF-8 is an unknown method.

    That one decodes the path of each call in the loop that serves them all (grpcio 1.85,
    `_server_main_loop` of server.pyx.pxi): a stranger's single byte stopped the server for good,
    with health still telling that it was ready. gRPC's core compares the paths of methods that
    are registered, as generated code does, byte for byte; so only the rest had to be read.
    """
    return cast(grpc.aio.Server, Server(interceptors, options))


class Server(_server.Server):
    """What `grpc.aio.server` makes, but for its loop."""

    def __init__(
        self,
        interceptors: Sequence[grpc.aio.ServerInterceptor],
        options: Sequence[tuple[str, int]],
    ) -> None:
        self._loop = cygrpc.get_working_loop()
        self._server = Serving(self._loop, None, (), tuple(interceptors), tuple(options), None)


class Serving(cygrpc.AioServer):  # type: ignore[misc]
    """Hands its loop the calls of registered methods alone.

    Whoever asks gRPC's core for the next call owns what that call is written into, until it is.
    When the loop fails, it cancels all who ask (grpcio 1.85.1) and only then shuts the core down,
    which tells them by a write: into memory that is somebody else's by then, and the process dies
    of it, now or later, anywhere. So they are not cancelled: the core tells each in the end.
    """

    def _make_request_call_future(self, method: bytes | None) -> Any:
        if method is None:
            return asyncio.create_task(self._refuse_the_rest())
        return asyncio.shield(super()._make_request_call_future(method))

    async def _refuse_the_rest(self) -> None:
        """Answer UNIMPLEMENTED until the server stops, which raises what the loop knows."""
        loop, refused = asyncio.get_running_loop(), set[asyncio.Task[None]]()
        while True:
            call = await asyncio.shield(self._request_call())
            answer = cygrpc._handle_rpc("", NO_METHODS, (), call, loop, False)
            task = loop.create_task(cygrpc._schedule_rpc_coro(answer, call, loop, ""))
            refused.add(task)
            task.add_done_callback(refused.discard)
