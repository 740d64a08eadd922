"""What is no HTTP, is not finished or is not read: each has an answer or an end, on raw sockets."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvloop
from aiohttp import web

from services.gateway.connections import Runner
from tests.gateway.house import House
from tests.gateway.raw import BOUND_S, END, HOST, asked, connected, framed, get, rest_of
from tests.waiting import until

PATH, QUOTE = b"/v1/categories", b"/v1/orders/quote"
FAR_S = 3600.0
HEAD_S, IDLE_S = 0.3, 1.0
SECRET = b"eyJ-a-secret"
CHUNKED = b"Transfer-Encoding: chunked"
SMUGGLED = b"0\r\n\r\nGET /v1/me HTTP/1.1\r\nHost: comptoir\r\n\r\n"

QUIET = {"services.gateway.readiness"}  # The house comes up meanwhile.

MALFORMED = {
    "a TLS greeting": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 100,
    "every byte": bytes(range(256)) * 4,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    "a version to come": b"GET /v1/categories HTTP/3.0\r\n" + HOST + END,
    "a version without headers": b"GET /v1/categories\r\n\r\n",
    "a method that is none": get(PATH, method=b"BREW"),
    "a method without end": get(PATH, method=b"A" * 10_000),
    "a target without end": get(b"/v1/products?q=" + b"a" * 9_000),
    "raw bytes in the target": get(b"/v1/products/\xff\xfe"),
    "a raw zero in the target": get(b"/v1/products/\x00"),
    "bare line feeds": b"GET /v1/categories HTTP/1.1\nHost: x\n\n",
    "no host": b"GET /v1/categories HTTP/1.1\r\n" + END,
    "two hosts": get(PATH, b"Host: elsewhere"),
    "a giant header": get(PATH, b"X-Large: " + b"a" * 20_000),
    "many headers": get(PATH, *(b"X-%d: a" % number for number in range(1_000))),
    "a folded header": get(PATH, b"X-Folded: a\r\n b"),
    "a zero in a header": get(PATH, b"Authorization: Bearer " + SECRET + b"\x00"),
    "a header without colon": get(PATH, b"Authorization " + SECRET),
    "a space before a colon": get(PATH, b"Authorization : Bearer " + SECRET),
    "a negative length": framed(QUOTE, b"{}", b"Content-Length: -2"),
    "a length with a sign": framed(QUOTE, b"{}", b"Content-Length: +2"),
    "a length beyond counting": framed(QUOTE, b"{}", b"Content-Length: " + b"9" * 30),
    "two lengths": framed(QUOTE, b"{}", b"Content-Length: 2", b"Content-Length: 3"),
    "a list of lengths": framed(QUOTE, b"{}", b"Content-Length: 2, 2"),
    "a length and chunks": framed(QUOTE, SMUGGLED, b"Content-Length: 5", CHUNKED),
    "chunks twice": framed(QUOTE, SMUGGLED, CHUNKED, b"Transfer-Encoding: identity"),
    "another coding than chunks": framed(QUOTE, SMUGGLED, b"Transfer-Encoding: xchunked"),
    "a chunk of no size": framed(QUOTE, b"zz\r\n", CHUNKED),
    "a chunk of negative size": framed(QUOTE, b"-1\r\nabc\r\n", CHUNKED),
    "a chunk beyond counting": framed(QUOTE, b"f" * 20 + b"\r\nabc\r\n", CHUNKED),
    "a chunk longer than said": framed(QUOTE, b"1\r\nabc\r\n", CHUNKED),
}


@pytest.mark.parametrize("content", MALFORMED.values(), ids=MALFORMED)
async def test_what_is_no_http_is_a_problem_that_says_nothing_again(
    house: House, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    with caplog.at_level(logging.INFO):
        reply = await asked(house.url, content)

    assert (reply.status, reply.problem["reason"], reply.count) == (400, "MALFORMED_REQUEST", 1)
    assert reply.headers["server"] == "comptoir"
    assert SECRET not in reply.content and b"aiohttp" not in reply.content
    # Anybody could fill the log, with secrets too.
    assert not [record for record in caplog.records if record.name not in QUIET]


@pytest.mark.parametrize(
    ("content", "status", "reason"),
    [
        (get(b"elsewhere:443", method=b"CONNECT"), 404, "NOT_FOUND"),
        (get(b"*", method=b"OPTIONS"), 404, "NOT_FOUND"),
        (get(b"//v1/categories"), 404, "NOT_FOUND"),
        (get(b"/app/../../pyproject.toml"), 404, "NOT_FOUND"),
        (get(b"/app/%2e%2e/%2e%2e/pyproject.toml"), 404, "NOT_FOUND"),
        (get(PATH, method=b"TRACE"), 405, "METHOD_NOT_ALLOWED"),
        (get(PATH, b"Expect: a-miracle"), 417, "EXPECTATION_FAILED"),
    ],
)
async def test_what_reaches_no_route_is_a_problem_of_ours(
    house: House, content: bytes, status: int, reason: str
) -> None:
    reply = await asked(house.url, content)

    assert (reply.status, reply.problem["reason"]) == (status, reason)
    assert reply.headers["server"] == "comptoir"


async def test_the_way_to_the_app_does_not_tell_what_we_run_on(house: House) -> None:
    reply = await asked(house.url, get(b"/"))

    assert (reply.status, reply.headers["location"]) == (302, "/app")
    assert reply.headers["server"] == "comptoir"


async def test_a_request_in_chunks_of_an_older_version_hides_no_second_one(house: House) -> None:
    old = framed(QUOTE, SMUGGLED, CHUNKED, b"Connection: keep-alive", version=b"HTTP/1.0")
    reply = await asked(house.url, old)

    assert (reply.status, reply.problem["reason"], reply.count) == (400, "MALFORMED_REQUEST", 1)


async def test_what_is_sent_at_once_is_answered_in_order(house: House) -> None:
    twenty = get(b"/v1/unicorns").replace(END, b"\r\n") * 19 + get(PATH)
    reply = await asked(house.url, twenty)

    assert (reply.status, reply.count) == (404, 20)
    assert b"HTTP/1.1 200 OK" in reply.content.rpartition(b"HTTP/1.1 404")[2]


async def large(request: web.Request) -> web.Response:
    return web.Response(body=bytes(16 << 20))


async def counted(request: web.Request) -> web.Response:
    return web.Response(text=str(len(await request.read())))


async def broken(request: web.Request) -> web.Response:
    raise ZeroDivisionError("a secret")


@asynccontextmanager
async def running(
    *, write_s: float = 0.1, buffer_bytes: int = 0
) -> AsyncIterator[tuple[Runner, str]]:
    """A server of an answer that is large and one that is none, with little patience."""
    app = web.Application()
    app.router.add_get("/large", large)
    app.router.add_get("/broken", broken)
    app.router.add_post("/counted", counted)
    runner = Runner(app, write_s=write_s, head_s=HEAD_S, keepalive_timeout=IDLE_S, access_log=None)
    await runner.setup()
    try:
        listening = socket.create_server(("127.0.0.1", 0))
        if buffer_bytes:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer_bytes)
        await web.SockSite(runner, listening).start()
        yield runner, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def is_alone(runner: Runner) -> bool:
    assert runner.server is not None
    return not runner.server.connections


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
async def test_who_does_not_read_is_left(run: Callable[[Any], None]) -> None:
    """On the loop that the gateway runs on too: its transports are of another kind."""

    async def left() -> None:
        async with running() as (runner, url), connected(url) as (_, writer):
            writer.write(get(b"/large"))
            await until(lambda: has_connections(runner))
            await until(lambda: is_alone(runner))

    await asyncio.to_thread(run, left())


async def has_connections(runner: Runner) -> bool:
    return not await is_alone(runner)


async def test_who_reads_gets_it_all_however_large() -> None:
    async with running(write_s=60) as (_, url):
        assert len((await asked(url, get(b"/large"))).body) == 16 << 20


@pytest.mark.parametrize(
    ("begun", "more"),
    [
        (b"GET /", b""),
        (b"GET /", b"a"),
        (b"GET /large HTTP/1.1\r\nHost: a\r\nX", b"a"),
    ],
)
async def test_a_head_that_does_not_end_is_hung_up_on_however_it_trickles(
    begun: bytes, more: bytes
) -> None:
    async with running() as (runner, url), connected(url) as (reader, writer):
        trickling = asyncio.create_task(trickled(writer, begun, more))
        async with asyncio.timeout(60):
            assert await rest_of(reader) == b""
        trickling.cancel()
        await until(lambda: is_alone(runner))


async def trickled(writer: asyncio.StreamWriter, begun: bytes, more: bytes) -> None:
    writer.write(begun)
    while True:
        await asyncio.sleep(0.02)
        writer.write(more)


async def test_a_connection_that_rests_between_requests_is_kept() -> None:
    """Who keeps it sends the next write on it: hung up on just then, it would be lost."""
    request = get(b"/nowhere").replace(END, b"\r\n")
    async with running() as (_, url), connected(url) as (reader, writer):
        for _ in range(2):
            writer.write(request)
            async with asyncio.timeout(BOUND_S):
                assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 404")
                await reader.readuntil(b"}")
            writer.write(b"\r\n")  # Some say so much more than they mean.
            await asyncio.sleep(2 * HEAD_S)


async def test_a_body_may_take_longer_than_a_head() -> None:
    part = b"a" * 1000
    async with running() as (_, url), connected(url) as (reader, writer):
        writer.write(framed(b"/counted", part, b"Content-Length: 2000"))
        await asyncio.sleep(2 * HEAD_S)
        writer.write(part)
        async with asyncio.timeout(BOUND_S):
            assert b"2000" in await reader.readuntil(b"2000")


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
@pytest.mark.parametrize("last", [b"\r\n", END], ids=["kept", "to be closed"])
async def test_who_asks_much_and_reads_nothing_is_left(
    run: Callable[[Any], None], last: bytes
) -> None:
    """What is less than we hold back for waits in the transport, and would for ever."""
    request = get(b"/nowhere").replace(END, b"\r\n")

    async def left() -> None:
        async with running(buffer_bytes=4096) as (runner, url):
            reader, writer = await asyncio.open_connection(sock=slow_reader(url), limit=1)
            writer.write(request * 100 + get(b"/nowhere").replace(END, last))
            await until(lambda: has_connections(runner))
            await until(lambda: is_alone(runner))
            assert not reader.at_eof()
            writer.close()

    await asyncio.to_thread(run, left())


def slow_reader(url: str) -> socket.socket:
    """For which next to nothing fits on the way."""
    connecting = socket.socket()
    connecting.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    place = urlsplit(url)
    connecting.connect((place.hostname, place.port))
    connecting.setblocking(False)
    return connecting


async def test_a_second_head_that_does_not_end_is_hung_up_on() -> None:
    request = get(b"/nowhere").replace(END, b"\r\n")
    async with running() as (_, url), connected(url) as (reader, writer):
        writer.write(request)
        await reader.readuntil(b"}")
        writer.write(request[:9])
        async with asyncio.timeout(BOUND_S):
            assert await rest_of(reader) == b""


async def test_who_comes_as_it_closes_is_hung_up_on() -> None:
    """In the very turn of the loop before those that are there are closed."""
    ours, theirs = socket.socketpair()
    loop = asyncio.get_running_loop()
    runner = Runner(web.Application(), shutdown_timeout=FAR_S)
    await runner.setup()
    assert runner.server is not None
    connection = runner.server()
    transport, _ = await loop.connect_accepted_socket(asyncio.Protocol, theirs)
    transport.set_protocol(connection)
    reader, writer = await asyncio.open_connection(sock=ours)

    loop.call_soon(connection.connection_made, transport)
    async with asyncio.timeout(BOUND_S):
        await runner.cleanup()
        assert await rest_of(reader) == b""
    writer.close()


async def test_a_bug_beside_the_routes_is_a_bare_500(caplog: pytest.LogCaptureFixture) -> None:
    async with running() as (_, url):
        reply = await asked(url, get(b"/broken"))

    assert (reply.status, reply.problem["reason"]) == (500, "INTERNAL")
    assert b"secret" not in reply.content
    assert [record.message for record in caplog.records] == ["unexpected error beside the routes"]
