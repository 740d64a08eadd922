"""Every method of every service, as the contracts in gen/ describe it: who may, what it takes.

Read from the descriptors of all files there, so that a new method is here without anyone's doing.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import grpc
from comptoir.type.v1 import access_pb2
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from chassis.access import grants_from
from chassis.remote import app_error_from

GEN = Path(__file__).parents[2] / "gen"
SERVICES = ("associate", "catalog", "collect", "customer", "inventory")
SHARED = "type"  # Its services are served by all.
ANSWERS_MAX = 200
# What a stream that lives on says last: a bookmark, or nothing for so long.
BOUND_S = 60.0


@dataclass(frozen=True, slots=True)
class Method:
    """A method at one of the services that serve it."""

    service: str
    descriptor: MethodDescriptor

    @property
    def path(self) -> str:
        return f"/{self.descriptor.containing_service.full_name}/{self.descriptor.name}"

    @property
    def name(self) -> str:
        """Without its service, e.g. `OrderService.GetOrder`."""
        return f"{self.descriptor.containing_service.name}.{self.descriptor.name}"

    @property
    def opens_to(self) -> frozenset[str]:
        return grants_from(self.descriptor.GetOptions().Extensions[access_pb2.access])

    def request(self, **fields: Any) -> Message:
        return GetMessageClass(self.descriptor.input_type)(**fields)

    def __str__(self) -> str:
        return f"{self.service} {self.name}"


def methods() -> list[Method]:
    """In an order that is the same in every process."""
    return [
        Method(at, method)
        for service, file in contracts()
        for at in (SERVICES if service == SHARED else (service,))
        for _, described in sorted(file.services_by_name.items())
        for method in described.methods
    ]


def contracts() -> Iterator[tuple[str, Any]]:
    """The short name of the service and the descriptor of each file."""
    for file in sorted(GEN.glob("comptoir/*/v1/*_pb2.py")):
        service = file.parts[-3]
        yield service, import_module(f"comptoir.{service}.v1.{file.stem}").DESCRIPTOR


METHODS = methods()
SCOPES = sorted({g for m in METHODS for g in m.opens_to if g.startswith("client:")})


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: a status with its details, and all that was sent with it."""

    code: str
    reason: str
    text: str
    metadata: tuple[tuple[str, str], ...]
    # Everything in it as it came: status, answers, what came before them and after.
    content: bytes
    answers: tuple[Message, ...] = ()

    @property
    def refusal(self) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
        return self.code, self.reason, self.text, self.metadata

    def __str__(self) -> str:
        return f"{self.code} {self.reason} {self.text}".strip()


Metadata = tuple[tuple[str, str], ...]


async def call(
    channel: grpc.aio.Channel, method: Method, request: Message | None, metadata: Metadata
) -> Reply:
    """One call with one request, or of a stream of requests with none where it is None.

    A stream of answers is read until it ends, has brought ANSWERS_MAX, or has shown what it
    has: its snapshot or a bookmark.
    """
    ongoing = begun(channel, method, request, metadata)
    answers: list[Message] = []
    try:
        async with asyncio.timeout(BOUND_S):
            if method.descriptor.server_streaming:
                async for answer in ongoing:
                    answers.append(answer)
                    if len(answers) == ANSWERS_MAX or is_last_for_now(answer):
                        break
            else:
                answers.append(await ongoing)
    except grpc.aio.AioRpcError as error:
        return refusal_of(error, content_of(answers))
    headers = await ongoing.initial_metadata()
    ongoing.cancel()  # A stream that lives on has no trailers yet.
    content = content_of(answers, headers, await ongoing.trailing_metadata())
    return Reply("OK", "", "", (), content, tuple(answers))


def content_of(answers: Iterable[Message], *rest: object) -> bytes:
    """All bytes of the answers, and whatever else came with them."""
    return b"".join(answer.SerializeToString() for answer in answers) + repr(rest).encode()


def begun(
    channel: grpc.aio.Channel, method: Method, request: Message | None, metadata: Metadata
) -> Any:
    described = method.descriptor
    sides = (described.client_streaming, described.server_streaming)
    kind = "_".join("stream" if streaming else "unary" for streaming in sides)
    multicallable = getattr(channel, kind)(
        method.path,
        request_serializer=GetMessageClass(described.input_type).SerializeToString,
        response_deserializer=GetMessageClass(described.output_type).FromString,
    )
    if described.client_streaming:
        return multicallable(iter([] if request is None else [request]), metadata=metadata)
    return multicallable(request or method.request(), metadata=metadata)


def is_last_for_now(answer: Any) -> bool:
    """Whether nothing may follow until something happens."""
    names = set(answer.DESCRIPTOR.fields_by_name)
    if "snapshot_complete" in names:
        return bool(answer.snapshot_complete)
    return "events" not in names or not answer.events


def refusal_of(error: grpc.aio.AioRpcError, before: bytes) -> Reply:
    """`before` is what had been answered until then."""
    content = before + content_of(
        (), error.code(), error.details(), error.initial_metadata(), error.trailing_metadata()
    )
    try:
        known = app_error_from(error)
    except grpc.aio.AioRpcError:
        return Reply(error.code().name, "", error.details() or "", (), content)
    return Reply(
        error.code().name,
        known.reason,
        str(known),
        tuple(sorted(known.metadata.items())),
        content,
    )


def nonsense(method: Method) -> Message | None:
    """A request that no method can do anything with, whoever sends it; None for a stream.

    Its request_id is none, so that it writes nothing.
    """
    if method.descriptor.client_streaming:
        return None
    request = method.request()
    for field in method.descriptor.input_type.fields:
        if field.type == FieldDescriptor.TYPE_STRING and not field.is_repeated:
            setattr(request, field.name, "no such thing")
    return request
