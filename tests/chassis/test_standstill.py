"""A replica that stands still, as a stopped process does: alive to the kernel, deaf to calls."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from comptoir.type.v1 import event_service_pb2 as pb
from comptoir.type.v1 import event_service_pb2_grpc as pb_grpc

from chassis.client import channel
from chassis.errors import AppError
from chassis.partitions import near
from tests.chassis.test_server import started
from tests.http2 import GOAWAY, PING, begun, frame, kinds_in
from tests.serving import serving_at
from tests.waiting import until

CALLS_COUNT = 20  # In turn, or each about another place: some are for who stands still.
CALL_S = 1.0
# gRPC hangs up at the third ping that comes too soon, which the first never does.
PINGS_COUNT, PAUSE_S = 4, 1.1


@asynccontextmanager
async def replica() -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A process that serves, and where."""
    process = await started("127.0.0.1:0", "")
    assert process.stdout is not None
    said = orjson.loads(await process.stdout.readline())["event"]
    try:
        yield process, f"127.0.0.1:{said.split()[3].strip(',')}"
    finally:
        process.kill()
        await process.wait()


async def are_all_answered(stub: Any) -> bool:
    try:
        for number in range(CALLS_COUNT):
            with near(f"place-{number}"):
                await stub.GetHead(pb.GetHeadRequest(), timeout=CALL_S)
    except AppError:
        return False
    return True


@pytest.mark.parametrize("affinity", [False, True])
async def test_who_stands_still_is_called_no_more_until_it_goes_on(affinity: bool) -> None:
    async with replica() as (first, here), replica() as (_, there):
        async with channel(f"ipv4:///{here},{there}", affinity=affinity) as opened:
            stub: Any = pb_grpc.EventServiceStub(opened)
            await until(lambda: are_all_answered(stub))

            first.send_signal(signal.SIGSTOP)
            assert not await are_all_answered(stub)
            await until(lambda: are_all_answered(stub))
            first.send_signal(signal.SIGCONT)
            await until(lambda: are_all_answered(stub))


async def test_who_pings_once_a_second_is_not_hung_up_on() -> None:
    """Else services hang up on each other every few seconds, and ping more rarely each time."""
    async with serving_at() as address:
        host, _, port = address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(begun())
        for _ in range(PINGS_COUNT):
            writer.write(frame(PING, 0, 0, bytes(8)))
            await asyncio.sleep(PAUSE_S)
        writer.write_eof()
        kinds = kinds_in(await reader.read())
        writer.close()

    assert kinds.count(PING) == PINGS_COUNT
    assert GOAWAY not in kinds
