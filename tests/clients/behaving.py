"""A service of the house that behaves as a test wants it to, on a real server."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import grpc
from google.protobuf import descriptor_pool, message_factory
from google.rpc import code_pb2, error_details_pb2, status_pb2

from comptoir_client import Session, open_channel
from comptoir_client.sessions import Metadata
from tests.serving import found

STOCK, CLIENTS = "comptoir.inventory.v1.StockService", "comptoir.associate.v1.ClientService"


@asynccontextmanager
async def behaving(service: str, **behaviours: Any) -> AsyncIterator[str]:
    """Its address; methods by name, as coroutines or async generators of (request, context)."""
    described = descriptor_pool.Default().FindServiceByName(service)
    handlers = {
        name: handler(described.methods_by_name[name], behaviour)
        for name, behaviour in behaviours.items()
    }
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


@asynccontextmanager
async def channel_to(service: str, **behaviours: Any) -> AsyncIterator[grpc.aio.Channel]:
    async with behaving(service, **behaviours) as address, open_channel(address) as channel:
        await found(channel)
        yield channel


def handler(method: Any, behaviour: Any) -> Any:
    kind = (
        grpc.unary_stream_rpc_method_handler
        if method.server_streaming
        else grpc.unary_unary_rpc_method_handler
    )
    return kind(
        behaviour,
        request_deserializer=message_factory.GetMessageClass(method.input_type).FromString,
        response_serializer=message_factory.GetMessageClass(method.output_type).SerializeToString,
    )


async def refuse(context: Any, code: grpc.StatusCode, reason: str, *details: Any) -> None:
    """As a service of the house refuses: with its reason, and whatever else it says."""
    said: Sequence[Any] = (error_details_pb2.ErrorInfo(reason=reason, domain="tests"), *details)
    status = status_pb2.Status(code=code_pb2.Code.Value(code.name), message="no")
    for detail in said:
        status.details.add().Pack(detail)
    trailing = (("grpc-status-details-bin", status.SerializeToString()),)
    await context.abort(code, "no", trailing)


class SignedIn(Session):
    """Whoever we are, we are in: signing in has its own tests."""

    def __init__(self) -> None:
        self.forgotten_count = 0

    async def metadata(self) -> Metadata:
        return ()

    def forget(self) -> None:
        self.forgotten_count += 1
