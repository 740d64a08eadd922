"""Real servers for tests of servicers: the interceptors of the house, callers by metadata."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeAlias

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from prometheus_client import CollectorRegistry

from chassis.access import Caller, UnauthenticatedError
from chassis.errors import AppError
from chassis.remote import app_error_from
from chassis.server import Check, Service, Settings, running

Metadata: TypeAlias = tuple[tuple[str, str], ...]

FOUND_S_MAX = 60.0
SETTINGS = Settings(address="127.0.0.1:0", unready_s=0, drain_s=0)


def calling_as(
    subject: str,
    *grants: str,
    locations: tuple[str, ...] = (),
    session_id: str = "",
    actor: str = "",
    expire_time: datetime | None = None,
) -> Metadata:
    """Metadata with which a call is made as `subject`: `calling_as("anna", "customer")`."""
    return (
        ("subject", subject),
        ("grants", ",".join(grants)),
        ("locations", ",".join(locations)),
        ("session-id", session_id),
        ("actor", actor),
        ("expire-time", expire_time.isoformat() if expire_time else ""),
    )


@asynccontextmanager
async def serving(*servicers: object) -> AsyncIterator[grpc.aio.Channel]:
    """Serve them all inside the block; yields a plain channel, which raises AioRpcError."""
    async with serving_at(*servicers) as address, grpc.aio.insecure_channel(address) as channel:
        await found(channel)
        yield channel


async def found(channel: grpc.aio.Channel) -> None:
    """Its server: gRPC remembers of a port that nobody was there, a moment before this one was."""
    async with asyncio.timeout(FOUND_S_MAX):
        await channel.channel_ready()


@asynccontextmanager
async def serving_at(
    *servicers: object, registry: CollectorRegistry | None = None
) -> AsyncIterator[str]:
    """Serve them all inside the block; yields the address, for another process or channel.

    What it counts goes into `registry`, where one is given.
    """
    services = [generated(servicer) for servicer in servicers]

    @asynccontextmanager
    async def resources(server: grpc.aio.Server) -> AsyncIterator[Check]:
        for servicer, (add, _) in zip(servicers, services, strict=True):
            add(servicer, server)
        yield ready

    service = Service(
        name="test.comptoir",
        descriptors=[descriptor for _, descriptor in services],
        authenticate=authenticate,
        resources=resources,
        registry=registry or CollectorRegistry(),
    )
    async with running(service, SETTINGS) as ports:
        yield f"127.0.0.1:{ports.port}"


def reason_of(error: Exception) -> str:
    """The reason a failed call was given, from any kind of channel."""
    if isinstance(error, grpc.aio.AioRpcError):
        error = app_error_from(error)
    assert isinstance(error, AppError)
    return error.reason


async def authenticate(metadata: Mapping[str, str | bytes]) -> Caller:
    if "subject" not in metadata:
        raise UnauthenticatedError("valid credentials are required")
    until = str(metadata["expire-time"])
    return Caller(
        subject=str(metadata["subject"]),
        grants=words(metadata["grants"]),
        issuer="test",
        location_ids=words(metadata["locations"]),
        session_id=str(metadata["session-id"]),
        actor=str(metadata["actor"]),
        expire_time=datetime.fromisoformat(until) if until else None,
    )


def words(text: str | bytes) -> frozenset[str]:
    return frozenset(filter(None, str(text).split(",")))


async def ready() -> None:
    """The engines of a test are there, or it would not have come so far."""


def generated(servicer: object) -> tuple[Any, ServiceDescriptor]:
    """What adds a servicer to a server, and the service it is of, as generated for it."""
    for base in type(servicer).__mro__:
        if base.__module__.endswith("_pb2_grpc"):
            add = getattr(sys.modules[base.__module__], f"add_{base.__name__}_to_server")
            messages = sys.modules[base.__module__.removesuffix("_grpc")]
            name = base.__name__.removesuffix("Servicer")
            return add, messages.DESCRIPTOR.services_by_name[name]
    raise TypeError(f"{type(servicer).__name__} serves nothing that protoc made")
