"""The five services as the gateway meets them: real servers that answer what a test prepares."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import grpc
from comptoir.associate.v1 import staff_service_pb2, terminal_service_pb2
from comptoir.catalog.v1 import product_service_pb2, review_service_pb2
from comptoir.collect.v1 import (
    basket_service_pb2,
    locker_service_pb2,
    order_service_pb2,
    picking_service_pb2,
    point_service_pb2,
)
from comptoir.customer.v1 import history_service_pb2, identity_service_pb2, profile_service_pb2
from comptoir.inventory.v1 import location_service_pb2, stock_service_pb2
from comptoir.type.v1 import (
    event_service_pb2,
    event_service_pb2_grpc,
    key_service_pb2,
    key_service_pb2_grpc,
)
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from chassis.auth import Verifier, trusted
from chassis.changes import Event
from chassis.clock import utc_now
from chassis.errors import AppError
from chassis.event_servicer import EventServicer
from chassis.events import MemoryLog
from chassis.interceptors import Context
from chassis.keys import Keyring, KeyServicer, MemoryKeyStore, Wrapping
from chassis.public_keys import KeySource
from chassis.server import Check, Service, Settings, running
from chassis.tokens import Issuer
from chassis.writes import event_to_document
from services.inventory.events import DETAILS
from tests.serving import generated

SETTINGS = Settings(address="127.0.0.1:0", unready_s=0, drain_s=0)
FILES: Mapping[str, tuple[Any, ...]] = {
    "catalog": (product_service_pb2, review_service_pb2),
    "inventory": (location_service_pb2, stock_service_pb2),
    "customer": (identity_service_pb2, profile_service_pb2, history_service_pb2),
    "collect": (
        basket_service_pb2,
        locker_service_pb2,
        order_service_pb2,
        picking_service_pb2,
        point_service_pb2,
    ),
    "associate": (staff_service_pb2, terminal_service_pb2),
}

# A message, an error, for streams a list of messages, or what makes one of them of a request.
Prepared: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that came."""

    method: str
    request: Any
    authorization: str


@dataclass(slots=True)
class Neighbour:
    """One service: its keys, its log, and what it answers by method name."""

    name: str
    keyring: Keyring
    log: MemoryLog = field(default_factory=MemoryLog)
    answers: dict[str, Prepared] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    servicers: tuple[object, ...] = ()  # Real ones, which go before what is prepared.
    address: str = ""

    @property
    def issuer(self) -> Issuer:
        return Issuer(self.name, self.keyring)

    def requests(self, method: str) -> list[Any]:
        return [asked.request for asked in self.asked if asked.method == method]

    def tells(self, event: Event) -> None:
        """It comes into its log."""
        self.log.append([event_to_document(event, utc_now())])


Neighbours: TypeAlias = dict[str, Neighbour]


@asynccontextmanager
async def neighbourhood(
    gateway: KeySource, move_in: Callable[[Neighbours], None]
) -> AsyncIterator[Neighbours]:
    """All five, each on a server of its own that takes the tokens of the others.

    `move_in` may give them real servicers before they serve.
    """
    found = {name: Neighbour(name, await keyring_of(name)) for name in FILES}
    move_in(found)
    keys = {name: one.keyring.public_keys for name, one in found.items()}
    async with AsyncExitStack() as stack:
        for one in found.values():
            verifier = Verifier(one.name, trusted({**keys, "gateway": gateway}))
            service = service_of(one, verifier)
            ports = await stack.enter_async_context(running(service, SETTINGS))
            one.address = f"127.0.0.1:{ports.port}"
        yield found


async def keyring_of(name: str) -> Keyring:
    keyring = Keyring(name, MemoryKeyStore(), Wrapping(b"w" * 32))
    await keyring.refresh()
    return keyring


def service_of(neighbour: Neighbour, verifier: Verifier) -> Service:
    descriptors = [
        service
        for file in FILES[neighbour.name]
        for service in file.DESCRIPTOR.services_by_name.values()
    ]

    @asynccontextmanager
    async def resources(server: grpc.aio.Server) -> AsyncIterator[Check]:
        for one in descriptors:
            server.add_registered_method_handlers(one.full_name, handlers(one, neighbour))
        # What is registered last is asked.
        for servicer in neighbour.servicers:
            generated(servicer)[0](servicer, server)
        events = EventServicer(neighbour.log, DETAILS)
        event_service_pb2_grpc.add_EventServiceServicer_to_server(events, server)
        key_service_pb2_grpc.add_KeyServiceServicer_to_server(
            KeyServicer(neighbour.keyring), server
        )
        yield ready

    return Service(
        name=f"{neighbour.name}.comptoir",
        descriptors=[*descriptors, *house_services()],
        authenticate=verifier.authenticate,
        resources=resources,
    )


def house_services() -> Iterable[ServiceDescriptor]:
    for file in (event_service_pb2, key_service_pb2):
        yield from file.DESCRIPTOR.services_by_name.values()


async def ready() -> None:
    """It has nothing to lose."""


def handlers(service: ServiceDescriptor, neighbour: Neighbour) -> dict[str, Any]:
    return {method.name: handler(method, neighbour) for method in service.methods}


def handler(method: MethodDescriptor, neighbour: Neighbour) -> Any:
    kind = "stream" if method.server_streaming else "unary"
    sends = "stream" if method.client_streaming else "unary"
    make: Callable[..., Any] = getattr(grpc, f"{sends}_{kind}_rpc_method_handler")
    behaviour = (
        streaming(method, neighbour) if method.server_streaming else unary(method, neighbour)
    )
    return make(
        behaviour,
        request_deserializer=GetMessageClass(method.input_type).FromString,
        response_serializer=GetMessageClass(method.output_type).SerializeToString,
    )


def unary(
    method: MethodDescriptor, neighbour: Neighbour
) -> Callable[[Any, Context], Awaitable[Message]]:
    async def answer(request: Any, context: Context) -> Message:
        prepared = await heard(method, neighbour, request, context)
        found: Message = GetMessageClass(method.output_type)() if prepared is None else prepared
        return found

    return answer


def streaming(
    method: MethodDescriptor, neighbour: Neighbour
) -> Callable[[Any, Context], AsyncIterator[Message]]:
    async def answer(request: Any, context: Context) -> AsyncIterator[Message]:
        prepared = await heard(method, neighbour, request, context)
        messages: Any = prepared if hasattr(prepared, "__anext__") else listed(prepared)
        async for message in messages:
            yield message

    return answer


async def listed(messages: Iterable[Message] | None) -> AsyncIterator[Message]:
    for message in messages or ():
        yield message


async def heard(
    method: MethodDescriptor, neighbour: Neighbour, request: Any, context: Context
) -> Prepared:
    metadata = dict(context.invocation_metadata() or ())
    authorization = str(metadata.get("authorization", ""))
    neighbour.asked.append(Asked(method.name, request, authorization))
    prepared = neighbour.answers.get(method.name)
    if callable(prepared):
        prepared = prepared(request)
    if inspect.isawaitable(prepared):
        prepared = await prepared
    if isinstance(prepared, AppError):
        raise prepared
    return prepared
