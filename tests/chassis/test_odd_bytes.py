"""What bytes that are no text do to a server, and to its log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import pytest
from comptoir.type.v1 import event_service_pb2 as pb
from comptoir.type.v1 import event_service_pb2_grpc as pb_grpc
from grpc_health.v1 import health_pb2_grpc

from chassis.health import LIVE, SERVING, Health
from tests.chassis.test_server import Engine, until
from tests.http2 import answer_to, call
from tests.serving import calling_as, serving_at

HEAD = b"/comptoir.type.v1.EventService/GetHead"
ODD_PATHS = [b"/\xff", b"/comptoir.type.v1.EventService/\xff", HEAD + b"\xc3", b"\xff"]
UNIMPLEMENTED = b"grpc-status\x0212"
AT_ONCE = 50


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """Of a service with one method that answers at once."""
    engine = Engine()
    engine.may_end.set()
    async with serving_at(engine) as served:
        yield served


async def is_served(address: str) -> bool:
    async with grpc.aio.insecure_channel(address) as channel:
        call = pb_grpc.EventServiceStub(channel).GetHead
        metadata = calling_as("s-1", "service:collect")
        return bool((await call(pb.GetHeadRequest(), metadata=metadata)).cursor == "head")


@pytest.mark.parametrize("path", ODD_PATHS)
async def test_a_path_that_is_no_text_is_an_unknown_method(address: str, path: bytes) -> None:
    assert UNIMPLEMENTED in await answer_to(address, call(path))
    assert await is_served(address)


async def test_unknown_methods_are_refused_however_many_at_once(address: str) -> None:
    odd = [call(b"/%d/\xff" % number) for number in range(AT_ONCE)]
    answers = await asyncio.gather(*(answer_to(address, each) for each in odd))

    assert all(UNIMPLEMENTED in answer for answer in answers)
    assert await is_served(address)


@asynccontextmanager
async def health_at() -> AsyncIterator[str]:
    health = Health([""])
    port = health.server.add_insecure_port("127.0.0.1:0")
    async with health.serving():
        yield f"127.0.0.1:{port}"


async def test_health_lives_on_too() -> None:
    async with health_at() as address:
        assert UNIMPLEMENTED in await answer_to(address, call(b"/\xff"))
        async with grpc.aio.insecure_channel(address) as channel:
            await until(health_pb2_grpc.HealthStub(channel), LIVE, SERVING)
