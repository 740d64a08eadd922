"""What a server refuses when it has enough to do, and how it ends streams."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import grpc
import pytest

from chassis.access import Caller, access_interceptor
from chassis.auth import Revocations
from chassis.client import RemoteError, channel
from chassis.errors import Kind
from chassis.interceptors import Context, error_interceptor
from chassis.limits import StreamAge, call_limit, stream_limit
from chassis.stream_rights import StreamRights
from tests.chassis.echo import KINDS, begin, call, serving

STREAMS = [kind for kind in KINDS if kind != "unary_unary"]
RIGHTS = StreamRights(Revocations(), grace_s=60)
ANSWERING = [kind for kind in KINDS if kind.endswith("stream")]


class Work:
    """Handlers that wait until told, and say when they began and ended."""

    def __init__(self) -> None:
        self.begun = asyncio.Semaphore(0)
        self.may_end = asyncio.Event()
        self.ended = asyncio.Semaphore(0)

    async def answer(self, word: bytes, _: Context) -> bytes:
        self.begun.release()
        try:
            await self.may_end.wait()
        finally:
            self.ended.release()
        return b"done"


@pytest.fixture
async def work() -> Work:
    return Work()


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


async def authenticate(metadata: Mapping[str, str | bytes]) -> Caller:
    return Caller(subject=str(metadata["authorization"]), grants=frozenset({"customer"}))


async def opened(stack: AsyncExitStack, work: Work, *limits: Any) -> grpc.aio.Channel:
    interceptors = [error_interceptor("test.comptoir"), *limits]
    address = await stack.enter_async_context(serving(work.answer, interceptors))
    return await stack.enter_async_context(channel(address))


def known(*, public: bool = False) -> Any:
    grant = "public" if public else "customer"
    return access_interceptor({f"/t.T/{k}": frozenset({grant}) for k in KINDS}, authenticate)


def under_way(channel: grpc.aio.Channel, kind: str, who: str = "c-1") -> "asyncio.Task[Any]":
    task = asyncio.create_task(call(channel, kind, b"", metadata=[("authorization", who)]))
    return task


async def test_one_call_too_many_is_refused_and_told_when_to_come_back(
    stack: AsyncExitStack, work: Work
) -> None:
    channel = await opened(stack, work, call_limit(2))
    calls = [under_way(channel, "unary_unary") for _ in range(2)]
    for _ in calls:
        await work.begun.acquire()

    with pytest.raises(RemoteError) as caught:
        await call(channel, "unary_unary", b"")

    error = caught.value
    assert (error.kind, error.reason) == (Kind.RESOURCE_EXHAUSTED, "TOO_MANY_CALLS")
    assert (error.metadata, error.retry_after_s) == ({"calls_max": "2"}, 0.1)
    work.may_end.set()
    assert await asyncio.gather(*calls) == [[b"done"]] * 2
    assert await call(channel, "unary_unary", b"") == [b"done"]


@pytest.mark.parametrize("kind", STREAMS)
async def test_streams_take_no_place_of_a_call(
    stack: AsyncExitStack, work: Work, kind: str
) -> None:
    channel = await opened(stack, work, call_limit(1))
    streams = [under_way(channel, kind) for _ in range(3)]
    for _ in streams:
        await work.begun.acquire()
    work.may_end.set()

    assert await call(channel, "unary_unary", b"") == [b"done"]
    await asyncio.gather(*streams)


@pytest.mark.parametrize("kind", STREAMS)
async def test_each_subject_has_a_quota_of_streams(
    stack: AsyncExitStack, work: Work, kind: str
) -> None:
    channel = await opened(stack, work, known(), stream_limit(1))
    first = under_way(channel, kind, "c-1")
    await work.begun.acquire()

    with pytest.raises(RemoteError) as caught:
        await under_way(channel, kind, "c-1")
    assert (caught.value.reason, caught.value.retry_after_s) == ("TOO_MANY_STREAMS", 5.0)

    second = under_way(channel, kind, "c-2")
    await work.begun.acquire()
    work.may_end.set()
    await asyncio.gather(first, second)


@pytest.mark.parametrize("kind", STREAMS)
async def test_a_stream_that_ends_gives_its_place_back_even_cancelled(
    stack: AsyncExitStack, work: Work, kind: str
) -> None:
    channel = await opened(stack, work, known(), stream_limit(1))
    for _ in range(3):
        stream = begin(channel, kind, b"", metadata=[("authorization", "c-1")])
        await work.begun.acquire()
        stream.cancel()
        await work.ended.acquire()
    work.may_end.set()

    assert (await under_way(channel, kind, "c-1"))[-1] == b"done"


async def test_streams_of_nobody_count_for_the_machine_they_come_from(
    stack: AsyncExitStack, work: Work
) -> None:
    channel = await opened(stack, work, known(public=True), stream_limit(1))
    first = under_way(channel, "unary_stream")
    await work.begun.acquire()

    with pytest.raises(RemoteError, match="1 streams"):
        await under_way(channel, "unary_stream")
    work.may_end.set()
    await first


@pytest.mark.parametrize("kind", ANSWERING)
async def test_a_stream_ends_cleanly_when_its_time_is_over(
    stack: AsyncExitStack, work: Work, kind: str
) -> None:
    channel = await opened(stack, work, StreamAge(0.05, RIGHTS))

    assert await call(channel, kind, b"") == [b"first"]
    await work.ended.acquire()


@pytest.mark.parametrize("kind", ANSWERING)
async def test_every_stream_ends_cleanly_when_told(
    stack: AsyncExitStack, work: Work, kind: str
) -> None:
    channel = await opened(stack, work, ages := StreamAge(3600, RIGHTS))
    streams = [under_way(channel, kind) for _ in range(3)]
    for _ in streams:
        await work.begun.acquire()

    ages.end_all()

    assert await asyncio.gather(*streams) == [[b"first"]] * 3


@pytest.mark.parametrize("kind", ANSWERING)
async def test_a_stream_that_is_cancelled_is_not_taken_for_ended(
    stack: AsyncExitStack, work: Work, kind: str
) -> None:
    channel = await opened(stack, work, StreamAge(3600, RIGHTS))
    with pytest.raises(RemoteError) as caught:
        await call(channel, kind, b"", timeout=0.1)

    assert caught.value.kind is Kind.DEADLINE_EXCEEDED
    await work.ended.acquire()
