"""How the demo is sent: signed in as a client, a stream at a time; what is refused is said."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import grpc
from comptoir.associate.v1 import client_service_pb2 as client_pb
from comptoir.associate.v1.client_service_pb2_grpc import ClientServiceStub

from deploy.local.errors import LocalError

CALL_S, IMPORT_S = 10.0, 300.0
TRIES_MAX, AGAIN_S = 3, 1.0
AGAIN = "start it again: what is in stays as it is, and the rest follows"


class DemoError(LocalError):
    """The demo chain did not go in, or not whole."""


@contextmanager
def step(what: str) -> Iterator[None]:
    """One part of the demo, which a DemoError names where a service fails in it."""
    try:
        yield
    except grpc.aio.AioRpcError as error:
        why = f"{error.code().name}, {error.details()}"
        raise DemoError(f"the demo chain: {what} did not go in ({why}); {AGAIN}") from error
    except (aiohttp.ClientError, TimeoutError) as error:
        why = type(error).__name__
        raise DemoError(f"the demo chain: {what} did not go in ({why}); {AGAIN}") from error


@dataclass(frozen=True, slots=True)
class Bearer:
    """Metadata of a signed-in client."""

    token: str

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self.token}"),)


async def sign_in(channel: grpc.aio.Channel, client_id: str, secret: str) -> Bearer:
    request = client_pb.IssueTokenRequest(client_id=client_id, secret=secret)
    answer = await ClientServiceStub(channel).IssueToken(request, timeout=CALL_S)
    return Bearer(answer.access_token)


@dataclass(frozen=True, slots=True)
class Stream:
    """All of one kind, to be imported by one call."""

    what: str
    method: Any
    requests: Iterable[Any]


async def send(stream: Stream, bearer: Bearer) -> None:
    """Import all of it. Raises DemoError for the first that is refused: ours are right.

    A stream that is cut, as by an engine that is slow to wake, is begun again: what is in
    stays as it is.
    """
    requests = list(stream.requests)
    for number, request in enumerate(requests, 1):
        request.number = number
    with step(stream.what):
        for tries_left in reversed(range(TRIES_MAX)):
            try:
                return await send_once(stream, requests, bearer)
            except grpc.aio.AioRpcError:
                if not tries_left:
                    raise
                await asyncio.sleep(AGAIN_S)


async def send_once(stream: Stream, requests: list[Any], bearer: Bearer) -> None:
    async def flowing() -> AsyncIterator[Any]:
        for request in requests:
            yield request

    async for response in stream.method(flowing(), metadata=bearer.metadata, timeout=IMPORT_S):
        for rejection in response.progress.rejections:
            raise DemoError(
                f"the demo chain: number {rejection.number} of its {stream.what} was refused: "
                f"{rejection.message} ({rejection.reason})"
            )
