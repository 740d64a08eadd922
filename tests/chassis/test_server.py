"""Start, readiness, liveness and drain, through a real server."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

import grpc
import orjson
import pytest
from comptoir.type.v1 import event_service_pb2 as pb
from comptoir.type.v1 import event_service_pb2_grpc as pb_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from chassis import server
from chassis.access import Caller, UndeclaredAccessError
from chassis.client import RemoteError, channel
from chassis.config import from_env
from chassis.health import LIVE, NOT_SERVING, SERVING, Health, report
from chassis.interceptors import Context
from chassis.telemetry import metrics_text

EVENTS = pb.DESCRIPTOR.services_by_name["EventService"]
UNDECLARED = health_pb2.DESCRIPTOR.services_by_name["Health"]
FAST = server.Settings(
    address="127.0.0.1:0",
    health_address="127.0.0.1:0",
    unready_s=0.05,
    drain_s=5,
    check_interval_s=0.01,
)


class Engine(pb_grpc.EventServiceServicer):
    """A service over an engine that may be down. Its calls last until told."""

    def __init__(self, *, up: bool = True) -> None:
        self.up = up
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()

    async def check(self) -> None:
        if not self.up:
            raise ConnectionError

    async def GetHead(self, request: pb.GetHeadRequest, context: Context) -> pb.GetHeadResponse:
        self.begun.set()
        await self.may_end.wait()
        return pb.GetHeadResponse(cursor="head")

    async def WatchEvents(
        self, request: pb.WatchEventsRequest, context: Context
    ) -> AsyncIterator[pb.WatchEventsResponse]:
        yield pb.WatchEventsResponse(cursor="1")
        self.begun.set()
        await self.may_end.wait()


@pytest.fixture
async def engine() -> Engine:
    return Engine()


def service(engine: Engine, descriptor: Any = EVENTS) -> server.Service:
    @asynccontextmanager
    async def resources(grpc_server: grpc.aio.Server) -> AsyncIterator[server.Check]:
        pb_grpc.add_EventServiceServicer_to_server(engine, grpc_server)
        yield engine.check

    async def anyone(_: Mapping[str, str | bytes]) -> Caller:
        return Caller(subject="s-1", grants=frozenset({"service:collect"}))

    return server.Service(
        name="test.comptoir", descriptors=[descriptor], authenticate=anyone, resources=resources
    )


@asynccontextmanager
async def health(ports: server.Ports) -> AsyncIterator[Any]:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{ports.health_port}") as opened:
        yield health_pb2_grpc.HealthStub(opened)


def stubs(ports: server.Ports) -> AbstractAsyncContextManager[grpc.aio.Channel]:
    return channel(f"127.0.0.1:{ports.port}")


async def until(stub: Any, name: str, status: int) -> None:
    async with asyncio.timeout(5):
        async for answer in stub.Watch(health_pb2.HealthCheckRequest(service=name)):
            if answer.status == status:
                return


async def test_a_method_that_does_not_say_who_may_call_it_does_not_start(engine: Engine) -> None:
    with pytest.raises(UndeclaredAccessError, match=r"/grpc.health.v1.Health/Check"):
        async with server.running(service(engine, UNDECLARED), FAST):
            pass


@pytest.mark.parametrize("name", ["", EVENTS.full_name])
async def test_readiness_follows_the_engine_and_liveness_does_not(name: str) -> None:
    engine = Engine(up=False)
    async with server.running(service(engine), FAST) as ports, health(ports) as stub:
        await until(stub, name, NOT_SERVING)
        await until(stub, LIVE, SERVING)
        engine.up = True
        await until(stub, name, SERVING)
        engine.up = False
        await until(stub, name, NOT_SERVING)
        await until(stub, LIVE, SERVING)


async def test_checks_stop_when_told_though_one_ends_in_that_moment() -> None:
    async def check() -> None:
        if not checks.cancelling():
            asyncio.get_running_loop().call_soon(checks.cancel)

    checks = asyncio.create_task(report(check, Health([""]), 0.001))
    async with asyncio.timeout(5):
        await asyncio.wait([checks])

    assert checks.cancelled()


async def test_health_answers_while_every_place_is_taken(engine: Engine) -> None:
    full = replace(FAST, calls_max=1)
    async with server.running(service(engine), full) as ports, stubs(ports) as opened:
        stub = pb_grpc.EventServiceStub(opened)
        taking = asyncio.ensure_future(stub.GetHead(pb.GetHeadRequest()))
        await engine.begun.wait()

        with pytest.raises(RemoteError, match="1 calls are being served"):
            await stub.GetHead(pb.GetHeadRequest())
        async with health(ports) as probe:
            await until(probe, "", SERVING)
            await until(probe, LIVE, SERVING)
        engine.may_end.set()
        await taking


async def test_health_is_not_served_where_callers_come(engine: Engine) -> None:
    async with server.running(service(engine), FAST) as ports, stubs(ports) as opened:
        stub: Any = health_pb2_grpc.HealthStub(opened)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Check(health_pb2.HealthCheckRequest())

    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_draining_is_unready_and_alive_and_finishes_what_was_begun(engine: Engine) -> None:
    running = server.running(service(engine), FAST)
    ports = await running.__aenter__()
    async with health(ports) as probe, stubs(ports) as opened:
        await until(probe, "", SERVING)
        begun = asyncio.ensure_future(pb_grpc.EventServiceStub(opened).GetHead(pb.GetHeadRequest()))
        await engine.begun.wait()
        stopped = asyncio.create_task(running.__aexit__(None, None, None))

        await until(probe, "", NOT_SERVING)
        await until(probe, LIVE, SERVING)
        assert not begun.done()
        engine.may_end.set()
        assert (await begun).cursor == "head"
        await stopped


async def test_calls_that_come_before_the_endpoints_know_are_served(engine: Engine) -> None:
    engine.may_end.set()
    running = server.running(service(engine), replace(FAST, unready_s=0.5))
    ports = await running.__aenter__()
    async with health(ports) as probe, stubs(ports) as opened:
        await until(probe, "", SERVING)
        stopped = asyncio.create_task(running.__aexit__(None, None, None))
        await until(probe, "", NOT_SERVING)

        head = await pb_grpc.EventServiceStub(opened).GetHead(pb.GetHeadRequest())
        assert head.cursor == "head"
        await stopped


async def test_draining_ends_streams_cleanly_and_waits_for_none(engine: Engine) -> None:
    running = server.running(service(engine), replace(FAST, drain_s=60))
    ports = await running.__aenter__()
    async with stubs(ports) as opened:
        stream = pb_grpc.EventServiceStub(opened).WatchEvents(pb.WatchEventsRequest())
        answers = asyncio.ensure_future(collected(stream))
        await engine.begun.wait()
        async with asyncio.timeout(5):
            await running.__aexit__(None, None, None)

        assert await answers == ["1"]


async def collected(stream: Any) -> list[str]:
    return [answer.cursor async for answer in stream]


@pytest.mark.parametrize("taken", ["address", "health_address"])
async def test_an_address_in_use_says_what_to_set(engine: Engine, taken: str) -> None:
    async with server.running(service(engine), FAST) as ports:
        at = f"127.0.0.1:{ports.port if taken == 'address' else ports.health_port}"
        settings = from_env(server.Settings, "TEST", {f"TEST_{taken.upper()}": at})
        with pytest.raises(server.AddressInUseError) as caught:
            async with server.running(service(Engine()), settings):
                pass

    assert str(caught.value) == (
        f"{at} is in use: stop what listens there, or set TEST_{taken.upper()} to another address"
    )


async def test_a_request_beyond_the_limit_is_refused(engine: Engine) -> None:
    small = replace(FAST, message_bytes_max=1000)
    async with server.running(service(engine), small) as ports, stubs(ports) as opened:
        stream = pb_grpc.EventServiceStub(opened).WatchEvents(
            pb.WatchEventsRequest(cursor="x" * 2000)
        )
        with pytest.raises(RemoteError, match="RESOURCE_EXHAUSTED"):
            await collected(stream)


async def test_what_was_served_shows_in_its_metrics(engine: Engine) -> None:
    made = service(engine)
    engine.may_end.set()
    async with server.running(made, FAST) as ports, stubs(ports) as opened:
        await pb_grpc.EventServiceStub(opened).GetHead(pb.GetHeadRequest())

    method = "comptoir.type.v1.EventService/GetHead"
    line = f'grpc_server_calls_total{{code="OK",method="{method}"}} 1.0'
    assert line in metrics_text(made.registry).decode()


PROGRAM = """
from tests.chassis.test_server import FAST, Engine, server, service
from dataclasses import replace
import sys
engine = Engine()
engine.may_end.set()
server.run(service(engine), replace(FAST, address=sys.argv[1], otlp_endpoint=sys.argv[2]))
"""


@pytest.mark.parametrize("otlp_endpoint", ["", "127.0.0.1:9"])
async def test_a_process_serves_until_sigterm_and_says_so_in_json(otlp_endpoint: str) -> None:
    process = await started("127.0.0.1:0", otlp_endpoint)
    assert process.stdout is not None
    line = orjson.loads(await process.stdout.readline())
    assert (line["service"], line["level"]) == ("test", "info")
    assert line["event"].startswith("listening on port ")

    process.terminate()
    async with asyncio.timeout(10):
        assert await process.wait() == 0


async def test_a_process_whose_address_is_taken_says_so_without_a_traceback(
    engine: Engine,
) -> None:
    async with server.running(service(engine), FAST) as ports:
        process = await started(f"127.0.0.1:{ports.port}", "")
        _, error = await process.communicate()

    assert process.returncode == 1
    assert b"set TEST_ADDRESS to another address" in error and b"Traceback" not in error


async def started(address: str, otlp_endpoint: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        address,
        otlp_endpoint,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )


def test_settings_come_from_the_environment() -> None:
    settings = from_env(server.Settings, "INVENTORY", {"INVENTORY_ADDRESS": "[::]:9"})

    assert (settings.address, settings.calls_max) == ("[::]:9", 256)
