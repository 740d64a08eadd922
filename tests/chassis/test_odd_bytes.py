"""What bytes that are no text do to a server, and to its log."""

import asyncio
import io
import logging
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import orjson
import pytest
from comptoir.type.v1 import event_service_pb2 as pb
from comptoir.type.v1 import event_service_pb2_grpc as pb_grpc
from grpc._cython import cygrpc
from grpc_health.v1 import health_pb2_grpc

from chassis.health import LIVE, SERVING, Health
from chassis.interceptors import Context
from tests.chassis.echo import serving
from tests.chassis.test_server import Engine, until
from tests.http2 import CANCEL, RESET, answer_to, call, frame
from tests.serving import calling_as, serving_at
from tests.waiting import until as until_true

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


SECRET = b"hunter2"
NOT_TEXT = [
    (b"x-note", b"\xff" + SECRET),
    (b"authorization", b"Bearer " + SECRET + b"\xa0"),
    (b"traceparent", SECRET + b"\xe9"),
]


async def test_metadata_that_is_no_text_writes_nothing_into_the_log(
    address: str, out: io.BytesIO
) -> None:
    """Neither what it says, which may be a secret, nor how often it is sent."""
    for metadatum in NOT_TEXT:
        assert await answer_to(address, call(HEAD, metadatum))
    logging.getLogger("test").info("the last line")

    assert [orjson.loads(line)["event"] for line in out.getvalue().splitlines()] == [
        "the last line"
    ]


LARGE = b"x" * 3_000_000  # More than the caller takes without reading.


async def left_while_answered(address: str) -> None:
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(call(b"/t.T/unary_stream"))
    await reader.readuntil(b"xxxx")
    writer.write(frame(RESET, 0, 1, struct.pack(">I", CANCEL)))
    await writer.drain()
    writer.close()


async def test_a_caller_who_leaves_in_the_middle_of_an_answer_is_no_error(
    out: io.BytesIO, caplog: pytest.LogCaptureFixture
) -> None:
    async def answer(_: bytes, __: Context) -> bytes:
        return LARGE

    async def is_told_by_grpc() -> bool:
        await left_while_answered(echoing)
        return "ExecuteBatchError" in caplog.text

    async with serving(answer) as echoing:
        await until_true(is_told_by_grpc)

    assert out.getvalue() == b""


def test_a_batch_that_is_wrong_is_told(out: io.BytesIO) -> None:
    try:
        raise cygrpc.ExecuteBatchError(
            "Failed grpc_call_start_batch: 8 with grpc_call_error value: …"
        )
    except cygrpc.ExecuteBatchError:
        logging.getLogger("grpc._cython.cygrpc").exception("ExecuteBatchError raised in core")

    (line,) = out.getvalue().splitlines()
    assert orjson.loads(line)["level"] == "error"
