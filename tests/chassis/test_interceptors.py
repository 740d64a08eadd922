"""Errors on all four kinds of call, through a real server."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from chassis.errors import AppError, Kind, Violation
from chassis.interceptors import Context, error_interceptor
from tests.chassis.echo import KINDS, call, serving


class OutOfStockError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "OUT_OF_STOCK"


class InvalidLinesError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_LINES"


class BusyError(AppError):
    kind, reason = Kind.UNAVAILABLE, "BUSY"


# Percent-encoded and in base64 the largest there is.
LARGE = "🔨" * 20_000
VIOLATION = Violation(LARGE, LARGE)


class Handlers:
    """Fails as the request says."""

    def __init__(self) -> None:
        self.cancelled = asyncio.Event()

    async def fail(self, word: bytes, context: Context) -> bytes:
        match word:
            case b"expected":
                raise OutOfStockError("none left", left_count=0)
            case b"fields":
                violations = (Violation("lines[0].sku", "at most 64 characters"),) * 200
                raise InvalidLinesError("lines are wrong", violations=violations)
            case b"busy":
                raise BusyError("busy", retry_after_s=1.5)
            case b"large":
                raise OutOfStockError(f"no {LARGE}", violations=(VIOLATION,) * 50, sku=LARGE)
            case b"aborted":
                await context.abort(grpc.StatusCode.DATA_LOSS, "chosen")
            case b"hang":
                await self.hang()
        raise RuntimeError("the password is hunter2")

    async def hang(self) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


@pytest.fixture
async def handlers() -> Handlers:
    return Handlers()


@pytest.fixture
async def channel(handlers: Handlers) -> AsyncIterator[grpc.aio.Channel]:
    async with serving(handlers.fail, [error_interceptor("test.comptoir")]) as address:
        async with grpc.aio.insecure_channel(address) as opened:
            yield opened


async def failure(channel: grpc.aio.Channel, kind: str, word: bytes) -> grpc.aio.AioRpcError:
    for _ in range(2):  # The second call goes through the handler that was kept.
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(channel, kind, word)
    return caught.value


def details(error: grpc.aio.AioRpcError, message: object) -> None:
    status = rpc_status.from_call(cast(grpc.Call, error))
    assert status is not None
    assert any(detail.Unpack(message) for detail in status.details)


@pytest.mark.parametrize("kind", KINDS)
async def test_an_expected_error_arrives_whole(channel: grpc.aio.Channel, kind: str) -> None:
    error = await failure(channel, kind, b"expected")

    assert (error.code(), error.details()) == (grpc.StatusCode.FAILED_PRECONDITION, "none left")
    details(error, info := error_details_pb2.ErrorInfo())
    assert (info.domain, info.reason) == ("test.comptoir", "OUT_OF_STOCK")
    assert info.metadata == {"left_count": "0"}


@pytest.mark.parametrize("kind", KINDS)
async def test_the_fields_at_fault_arrive_as_many_as_trailers_hold(
    channel: grpc.aio.Channel, kind: str
) -> None:
    error = await failure(channel, kind, b"fields")

    details(error, bad := error_details_pb2.BadRequest())
    assert len(bad.field_violations) == 50
    first = bad.field_violations[0]
    assert (first.field, first.description) == ("lines[0].sku", "at most 64 characters")


@pytest.mark.parametrize("kind", KINDS)
async def test_an_error_that_says_again_what_was_sent_arrives_however_large_that_was(
    channel: grpc.aio.Channel, kind: str
) -> None:
    error = await failure(channel, kind, b"large")

    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    details(error, info := error_details_pb2.ErrorInfo())
    details(error, bad := error_details_pb2.BadRequest())
    texts = [error.details() or "", info.metadata["sku"], bad.field_violations[0].description]
    assert info.reason == "OUT_OF_STOCK"
    assert all(text.endswith("🔨…") and len(text) < 100 for text in texts)


@pytest.mark.parametrize("kind", KINDS)
async def test_when_to_retry_arrives(channel: grpc.aio.Channel, kind: str) -> None:
    error = await failure(channel, kind, b"busy")

    details(error, retry := error_details_pb2.RetryInfo())
    assert retry.retry_delay.ToMilliseconds() == 1500


@pytest.mark.parametrize("kind", KINDS)
async def test_an_unexpected_error_shows_nothing(channel: grpc.aio.Channel, kind: str) -> None:
    error = await failure(channel, kind, b"bug")

    assert (error.code(), error.details()) == (grpc.StatusCode.INTERNAL, "internal error")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_status_the_handler_chose_stands(channel: grpc.aio.Channel, kind: str) -> None:
    error = await failure(channel, kind, b"aborted")

    assert (error.code(), error.details()) == (grpc.StatusCode.DATA_LOSS, "chosen")


@pytest.mark.parametrize("kind", KINDS)
async def test_cancelling_a_call_cancels_its_handler(
    channel: grpc.aio.Channel, handlers: Handlers, kind: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(channel, kind, b"hang", timeout=0.1)

    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    await asyncio.wait_for(handlers.cancelled.wait(), 5)


def test_every_kind_is_a_status_code() -> None:
    assert {kind.value for kind in Kind} <= {code.name for code in grpc.StatusCode}
