"""A stream goes on where it was, whatever ended it; a no is told."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc
import pytest
from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo

from comptoir_client import CallError, follow, streams
from tests.clients.behaving import STOCK, SignedIn, channel_to, refuse

SILENCE_S = 0.05
CLEAN_END: tuple[Any, ...] = ()


class Stock:
    """Answers one number more than the cursor has, then ends as told; the last stays open."""

    def __init__(self, *ends: tuple[Any, ...]) -> None:
        self.ends = list(ends)
        self.asked = list[str]()

    async def watch(
        self, request: pb.WatchStockRequest, context: Any
    ) -> AsyncIterator[pb.WatchStockResponse]:
        self.asked.append(request.cursor)
        yield pb.WatchStockResponse(cursor=str(int(request.cursor or 0) + 1))
        if not self.ends:
            await asyncio.Event().wait()
        elif end := self.ends.pop(0):
            await refuse(context, *end)


class Reader:
    def __init__(self, stock: Stock) -> None:
        self.stock = stock
        self.session = SignedIn()
        self.cursor = ""

    def request(self) -> pb.WatchStockRequest:
        return pb.WatchStockRequest(cursor=self.cursor)

    async def read(self, count: int, *, silence_s_max: float = 60.0) -> None:
        async with channel_to(STOCK, WatchStock=self.stock.watch) as channel:
            method = StockServiceStub(channel).WatchStock
            told = follow(method, self.request, self.session, silence_s_max=silence_s_max)
            async with aclosing(told) as responses:
                for _ in range(count):
                    self.cursor = (await anext(responses)).cursor


@pytest.mark.parametrize(
    "end",
    [
        CLEAN_END,
        (grpc.StatusCode.UNAVAILABLE, "UNAVAILABLE"),
        (grpc.StatusCode.CANCELLED, "CANCELLED"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_STREAMS"),
        (grpc.StatusCode.ABORTED, "STREAM_REPLACED"),
    ],
)
async def test_a_stream_that_ends_is_begun_again_where_its_reader_is(end: tuple[Any, ...]) -> None:
    reader = Reader(Stock(end, end))
    await reader.read(3)

    assert (reader.stock.asked, reader.cursor) == (["", "1", "2"], "3")


async def test_a_limit_that_says_when_is_waited_for() -> None:
    soon = RetryInfo(retry_delay=Duration(nanos=50_000_000))
    reader = Reader(Stock((grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_STREAMS", soon)))
    began_s = time.monotonic()
    await reader.read(2)

    assert time.monotonic() - began_s >= 0.05


async def test_a_line_that_is_silent_is_called_again() -> None:
    reader = Reader(Stock())
    await reader.read(2, silence_s_max=SILENCE_S)

    assert reader.stock.asked == ["", "1"]


async def test_a_token_that_ends_with_its_stream_is_renewed() -> None:
    unauthenticated = (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED")
    reader = Reader(Stock(unauthenticated, unauthenticated))
    await reader.read(3)

    assert reader.session.forgotten_count == 2


async def test_a_token_that_ended_while_nobody_was_there_is_renewed() -> None:
    refusals = [grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAUTHENTICATED]

    async def watch(request: pb.WatchStockRequest, context: Any) -> Any:
        if refusals:
            await refuse(context, refusals.pop(0), "NO")
        yield pb.WatchStockResponse(cursor="1")

    session = SignedIn()
    async with channel_to(STOCK, WatchStock=watch) as channel:
        async with aclosing(
            follow(StockServiceStub(channel).WatchStock, pb.WatchStockRequest, session)
        ) as responses:
            assert (await anext(responses)).cursor == "1"

    assert session.forgotten_count == 1


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (grpc.StatusCode.FAILED_PRECONDITION, "CURSOR_TOO_OLD"),
        (grpc.StatusCode.PERMISSION_DENIED, "ACCESS_DENIED"),
        (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_CURSOR"),
    ],
)
async def test_a_no_is_told(code: grpc.StatusCode, reason: str) -> None:
    reader = Reader(Stock((code, reason)))
    with pytest.raises(CallError) as refused:
        await reader.read(2)

    assert (refused.value.reason, reader.stock.asked) == (reason, [""])


async def test_whoever_is_refused_from_the_start_is_refused_after_one_new_token() -> None:
    async def watch(request: pb.WatchStockRequest, context: Any) -> Any:
        await refuse(context, grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED")
        yield

    session = SignedIn()
    async with channel_to(STOCK, WatchStock=watch) as channel:
        method = StockServiceStub(channel).WatchStock
        with pytest.raises(CallError, match="UNAUTHENTICATED"):
            await anext(follow(method, pb.WatchStockRequest, session))

    assert session.forgotten_count == 1


async def test_nobody_is_called_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "FAILURES_MAX", 3)

    async def watch(request: pb.WatchStockRequest, context: Any) -> Any:
        asked.append(request)
        return
        yield

    asked = list[pb.WatchStockRequest]()
    async with channel_to(STOCK, WatchStock=watch) as channel:
        method = StockServiceStub(channel).WatchStock
        with pytest.raises(CallError, match="answers nothing"):
            await anext(follow(method, pb.WatchStockRequest, SignedIn()))

    assert len(asked) == 4
