"""The page for scrapers, on a running server and by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import replace

import aiohttp
import pytest
from comptoir.type.v1 import event_service_pb2 as pb
from comptoir.type.v1 import event_service_pb2_grpc as pb_grpc
from prometheus_client import CollectorRegistry, Counter

from chassis import server
from chassis.metrics_page import CONNECTIONS_MAX, HEAD_BYTES_MAX, metrics_served
from tests.chassis.test_server import FAST, Engine, service, stubs
from tests.suite import free_ports


@pytest.fixture
async def port() -> AsyncIterator[int]:
    registry = CollectorRegistry()
    Counter("lamps_sold", "Lamps.", registry=registry).inc(7)
    async with metrics_served(registry, host="127.0.0.1", port=0) as opened:
        yield opened


async def said(port: int, words: bytes) -> bytes:
    """All that is answered to these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(words)
        async with asyncio.timeout(10):
            return await reader.read()
    except ConnectionResetError:
        return b""  # It hung up with our words unread.
    finally:
        await hung_up(writer)


async def hung_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def test_what_a_running_service_served_is_on_its_page() -> None:
    engine, metrics_port = Engine(), free_ports()
    engine.may_end.set()
    settings = replace(FAST, metrics_port=metrics_port)
    async with server.running(service(engine), settings) as ports, stubs(ports) as opened:
        await pb_grpc.EventServiceStub(opened).GetHead(pb.GetHeadRequest())
        async with aiohttp.ClientSession(f"http://127.0.0.1:{metrics_port}") as http:
            async with http.get("/metrics") as answer:
                text = await answer.text()

    assert (answer.status, answer.content_type) == (200, "text/plain")
    line = 'grpc_server_calls_total{code="OK",method="comptoir.type.v1.EventService/GetHead"} 1.0'
    assert line in text.splitlines()


async def test_without_a_port_there_is_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("chassis.server.metrics_served")
    async with server.running(service(Engine()), FAST) as ports:
        assert ports.port


async def test_a_port_that_is_taken_is_said_with_what_to_set(port: int) -> None:
    settings = replace(FAST, metrics_port=port)
    with pytest.raises(server.AddressInUseError, match="TEST_METRICS_PORT"):
        async with server.running(service(Engine()), settings):
            pass


async def test_a_head_is_answered_without_a_body(port: int) -> None:
    whole = await said(port, b"GET /metrics?x=1 HTTP/1.1\r\nHost: x\r\n\r\n")
    head = await said(port, b"HEAD /metrics HTTP/1.1\r\n\r\n")

    assert whole.startswith(head) and head.endswith(b"\r\n\r\n")
    assert b"lamps_sold_total 7.0" in whole and b"lamps" not in head


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 404 "),
        (b"GET /metrics/x HTTP/1.1\r\n\r\n", b"HTTP/1.1 404 "),
        (b"\r\n\r\n", b"HTTP/1.1 404 "),
        (b"POST /metrics HTTP/1.1\r\n\r\n", b"HTTP/1.1 405 "),
    ],
)
async def test_there_is_nothing_else(port: int, words: bytes, status: bytes) -> None:
    answer = await said(port, words)
    assert answer.startswith(status) and b"lamps" not in answer


async def test_a_head_without_end_is_cut_off(port: int) -> None:
    assert await said(port, b"GET /metrics HTTP/1.1\r\n" + b"x" * HEAD_BYTES_MAX * 4) == b""


async def test_who_says_nothing_is_let_go_and_keeps_nobody_out_meanwhile(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.metrics_page.ANSWER_S_MAX", 0.2)
    assert await said(port, b"GET /metrics") == b""
    assert b"lamps_sold_total 7.0" in await said(port, b"GET /metrics HTTP/1.1\r\n\r\n")


async def test_lines_held_open_are_bounded_and_closed_with_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chassis.metrics_page.ANSWER_S_MAX", 3600)
    async with asyncio.timeout(10), AsyncExitStack() as stack:
        page = metrics_served(CollectorRegistry(), host="127.0.0.1", port=0)
        port = await stack.enter_async_context(page)
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS_MAX)]
        assert await said(port, b"GET /metrics HTTP/1.1\r\n\r\n") == b""

    for reader, writer in held:
        with suppress(ConnectionResetError):
            assert await reader.read() == b""
        await hung_up(writer)
