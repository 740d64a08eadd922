"""Streams end with the right to them: by revocation and by expiry, over real gRPC."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import grpc
import pytest
from comptoir.type.v1 import event_service_pb2 as pb
from comptoir.type.v1 import event_service_pb2_grpc as pb_grpc

from chassis import server
from chassis.access import access_interceptor
from chassis.client import RemoteError, channel
from chassis.clock import utc_now
from chassis.errors import Kind
from chassis.event_servicer import EventServicer
from chassis.events import MemoryLog
from chassis.interceptors import Context, error_interceptor
from chassis.limits import StreamAge
from chassis.revocations import follow_own_revocations
from chassis.stream_rights import StreamRights
from tests.background import background
from tests.chassis.echo import KINDS, begin, serving
from tests.chassis.house import House
from tests.chassis.test_revocations import revoked as revocation
from tests.serving import SETTINGS

ANSWERING = [kind for kind in KINDS if kind.endswith("stream")]
SECOND = timedelta(seconds=1)
GRACE_S = 60.0


@pytest.fixture
async def house() -> House:
    opened = await House().open()
    opened.now.time = utc_now()
    return opened


class Lines:
    """A server whose streams send `first` and then nothing, and how many wait."""

    def __init__(self, house: House, *, left: timedelta) -> None:
        self.house = house
        self.waiting_count = 0
        self.begun = asyncio.Semaphore(0)
        self.ended = asyncio.Semaphore(0)
        self._left = left
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Lines":
        # To the rights, so much of every token's time is left, its grace included.
        def clock() -> datetime:
            return self.expire_time + GRACE_S * SECOND - self._left

        rights = StreamRights(self.house.revocations, grace_s=GRACE_S, clock=clock)
        grants = frozenset({"customer", "service:collect"})
        opens = {f"/t.T/{kind}": grants for kind in KINDS}
        interceptors = [
            error_interceptor("test.comptoir"),
            access_interceptor(opens, self.house.verifier.authenticate),
            StreamAge(3600, rights),
        ]
        address = await self._stack.enter_async_context(serving(self._wait, interceptors))
        self.channel = await self._stack.enter_async_context(channel(address))
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self._stack.aclose()

    @property
    def expire_time(self) -> datetime:
        return self.house.now.time.replace(microsecond=0) + timedelta(minutes=10)

    def begin(self, kind: str, token: str) -> Any:
        metadata = [("authorization", f"Bearer {token}")]
        return aiter(begin(self.channel, kind, b"", metadata=metadata))

    async def open(self, kind: str, token: str) -> Any:
        """A stream under way, behind its first answer."""
        call = self.begin(kind, token)
        async with asyncio.timeout(10):
            assert await anext(call) == b"first"
            await self.begun.acquire()
        return call

    async def _wait(self, word: bytes, _: Context) -> bytes:
        self.begun.release()
        self.waiting_count += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.waiting_count -= 1
            self.ended.release()
        return b""


async def refusal(call: Any) -> tuple[Kind, str]:
    with pytest.raises(RemoteError) as caught:
        async with asyncio.timeout(10):
            async for answer in call:
                assert answer == b"first"
    return caught.value.kind, caught.value.reason


UNAUTHENTICATED = (Kind.UNAUTHENTICATED, "UNAUTHENTICATED")
LONG = timedelta(hours=1)


@pytest.mark.parametrize("kind", ANSWERING)
async def test_a_stream_ends_with_the_session_of_its_caller(house: House, kind: str) -> None:
    async with Lines(house, left=LONG) as lines:
        call = await lines.open(kind, house.token(sid="s-1"))
        other = await lines.open(kind, house.token(sid="s-2"))
        house.revocations.revoke("s-1", house.now.time + LONG)

        assert await refusal(call) == UNAUTHENTICATED
        await lines.ended.acquire()
        assert lines.waiting_count == 1
        await other.aclose()


async def test_every_stream_of_the_session_ends(house: House) -> None:
    async with Lines(house, left=LONG) as lines:
        calls = [await lines.open("unary_stream", house.token(sid="s-1")) for _ in range(3)]
        house.revocations.revoke("s-1", house.now.time + LONG)

        assert [await refusal(call) for call in calls] == [UNAUTHENTICATED] * 3


async def test_a_stream_ends_when_its_token_has_expired_for_the_grace(house: House) -> None:
    async with Lines(house, left=timedelta(0)) as lines:
        call = lines.begin("unary_stream", house.token())

        assert await refusal(call) == UNAUTHENTICATED


async def test_a_stream_lives_on_within_the_grace(house: House) -> None:
    async with Lines(house, left=GRACE_S * SECOND) as lines:
        lived = await lines.open("unary_stream", house.token(sid="s-1"))
        house.revocations.revoke("s-2", house.now.time + LONG)
        later = await lines.open("unary_stream", house.token(sid="s-3"))

        assert lines.waiting_count == 2
        await lived.aclose()
        await later.aclose()


async def open_till_asked(lines: Lines, kind: str, token: str) -> None:
    """Nothing ends it before another stream, whose time is over too, has ended."""
    call = await lines.open(kind, token)
    over = lines.begin("unary_stream", lines.house.token())
    assert await refusal(over) == UNAUTHENTICATED
    assert lines.waiting_count == 1
    await call.aclose()


async def test_what_sends_both_ways_outlives_its_token(house: House) -> None:
    async with Lines(house, left=timedelta(0)) as lines:
        await open_till_asked(lines, "stream_stream", house.token())


async def test_a_services_stream_outlives_its_token(house: House) -> None:
    token = house.issuers["collect"].sign(
        subject="collect", grants=["service:collect"], audience="inventory"
    )
    async with Lines(house, left=timedelta(0)) as lines:
        await open_till_asked(lines, "unary_stream", token)


async def test_streams_that_have_ended_are_listened_for_no_more(house: House) -> None:
    async with Lines(house, left=LONG) as lines:
        call = await lines.open("unary_stream", house.token(sid="s-1"))
        await call.aclose()
        await lines.ended.acquire()
        again = await lines.open("unary_stream", house.token(sid="s-2"))
        await again.aclose()
        await lines.ended.acquire()

    assert house.revocations.listened_count == 0


def test_who_listens_for_a_session_that_has_ended_is_told_at_once() -> None:
    house, told = House(), list[str]()
    house.revocations.revoke("s-1", house.now.time + LONG)

    with house.revocations.listening("s-1", lambda: told.append("s-1")):
        assert told == ["s-1"]
    assert house.revocations.listened_count == 0


@asynccontextmanager
async def watching(
    house: House, log: MemoryLog, **settings: Any
) -> AsyncIterator["pb_grpc.EventServiceAsyncStub"]:
    """A service of the house as it runs, with its log to be watched."""

    @asynccontextmanager
    async def resources(grpc_server: grpc.aio.Server) -> AsyncIterator[server.Check]:
        pb_grpc.add_EventServiceServicer_to_server(EventServicer(log, {}), grpc_server)
        yield lambda: asyncio.sleep(0)

    service = server.Service(
        name="inventory.comptoir",
        descriptors=[pb.DESCRIPTOR.services_by_name["EventService"]],
        authenticate=house.verifier.authenticate,
        revocations=house.revocations,
        resources=resources,
    )
    given = server.Settings(address=SETTINGS.address, unready_s=0, drain_s=0, **settings)
    async with server.running(service, given) as ports, channel(f"127.0.0.1:{ports.port}") as line:
        yield pb_grpc.EventServiceStub(line)


async def outcome(
    stub: "pb_grpc.EventServiceAsyncStub", token: str, begun: asyncio.Event
) -> tuple[Kind, str]:
    """How a watch of the log ends."""
    metadata = [("authorization", f"Bearer {token}")]
    with pytest.raises(RemoteError) as caught:
        async with asyncio.timeout(30):
            async for _ in stub.WatchEvents(pb.WatchEventsRequest(), metadata=metadata):
                begun.set()
    return caught.value.kind, caught.value.reason


async def test_a_watch_on_a_running_server_ends_when_the_log_tells_of_the_end(
    house: House,
) -> None:
    log, begun = MemoryLog(), asyncio.Event()
    token = house.token("associate", subject="erp", grants=["client:events.read"], sid="s-1")
    following = follow_own_revocations(log, house.revocations)
    async with watching(house, log) as stub, background(following):
        watch = asyncio.create_task(outcome(stub, token, begun))
        await begun.wait()
        log.append([revocation("s-1")])

        assert await watch == UNAUTHENTICATED


async def test_a_watch_on_a_running_server_ends_with_its_token(house: House) -> None:
    token = house.token(
        "associate", subject="erp", grants=["client:events.read"], sid="", lifetime=2 * SECOND
    )
    async with watching(house, MemoryLog(), stream_grace_s=0.0) as stub:
        assert await outcome(stub, token, asyncio.Event()) == UNAUTHENTICATED
