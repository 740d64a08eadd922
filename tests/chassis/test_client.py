"""What a channel adds to a call, and what it makes of failures, through real servers."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import cast

import grpc
import pytest

from chassis import tracing
from chassis.client import RemoteError, acting_for, channel
from chassis.deadline import deadline_interceptor, left_s, until
from chassis.errors import AppError, Kind, Violation
from chassis.interceptors import Context, error_interceptor
from chassis.keys import Keyring, MemoryKeyStore, Wrapping
from chassis.tokens import Issuer
from tests.chassis.echo import KINDS, begin, call, serving


class OutOfStockError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "OUT_OF_STOCK"


class Far:
    """The service at the far end: notes what comes and answers as the request says."""

    def __init__(self) -> None:
        self.calls: list[dict[str, str | bytes]] = []
        self.remaining_s: list[float | None] = []

    async def answer(self, word: bytes, context: Context) -> bytes:
        self.calls.append(dict(context.invocation_metadata() or ()))
        self.remaining_s.append(context.time_remaining())
        match word:
            case b"expected":
                violations = (Violation("lines[0]", "a known sku"),)
                raise OutOfStockError("none left", violations=violations, retry_after_s=2, left=0)
            case b"bug":
                raise RuntimeError("the password is hunter2")
            case b"hang":
                await asyncio.Event().wait()
        code = getattr(grpc.StatusCode, word.decode(), None)
        if code is not None and len(self.calls) < 3:
            await context.abort(code, "of gRPC, at 10.0.0.7")
        return b"done"


@pytest.fixture
def far() -> Far:
    return Far()


@pytest.fixture
async def address(far: Far) -> AsyncIterator[str]:
    async with serving(far.answer, [error_interceptor("far.comptoir")]) as address:
        yield address


@pytest.fixture
async def issuer() -> Issuer:
    keyring = Keyring("collect", MemoryKeyStore(), Wrapping(bytes(32)))
    await keyring.refresh()
    return Issuer("collect", keyring)


async def failure(address: str, kind: str, word: bytes, **options: object) -> AppError:
    async with channel(address) as opened:
        with pytest.raises(AppError) as caught:
            await call(opened, kind, word, **options)
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
async def test_the_error_that_was_raised_there_is_raised_here(address: str, kind: str) -> None:
    error = await failure(address, kind, b"expected")

    assert isinstance(error, RemoteError) and str(error) == "none left"
    assert (error.kind, error.reason) == (Kind.FAILED_PRECONDITION, "OUT_OF_STOCK")
    assert error.metadata == {"left": "0"}
    assert error.violations == (Violation("lines[0]", "a known sku"),)
    assert (error.retry_after_s, error.domain) == (2, "far.comptoir")


@pytest.mark.parametrize("kind", KINDS)
async def test_an_error_raised_on_keeps_who_raised_it_first(address: str, kind: str) -> None:
    async with channel(address) as onward:

        async def pass_on(word: bytes, _: Context) -> bytes:
            return (await call(onward, kind, word))[-1]

        async with serving(pass_on, [error_interceptor("near.comptoir")]) as near:
            error = await failure(near, kind, b"expected")

    assert isinstance(error, RemoteError)
    assert (error.reason, error.domain) == ("OUT_OF_STOCK", "far.comptoir")
    assert error.violations and error.metadata


@pytest.mark.parametrize("kind", KINDS)
async def test_a_bug_there_is_no_expected_error_here(address: str, kind: str) -> None:
    async with channel(address) as opened:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(opened, kind, b"bug")

    assert caught.value.code() is grpc.StatusCode.INTERNAL


@pytest.mark.parametrize("kind", KINDS)
async def test_what_grpc_itself_says_shows_no_address(address: str, kind: str) -> None:
    error = await failure(address, kind, b"NOT_FOUND")

    assert (error.kind, error.reason) == (Kind.NOT_FOUND, "NOT_FOUND")
    assert "10.0.0.7" not in str(error)


async def test_reading_one_by_one_raises_the_same(address: str) -> None:
    async with channel(address) as opened:
        stream = begin(opened, "unary_stream", b"expected")
        assert await stream.read() == b"first"
        with pytest.raises(RemoteError, match="none left"):
            await stream.read()


@pytest.mark.parametrize("kind", ["unary_unary", "stream_unary"])
@pytest.mark.parametrize("code", ["UNAVAILABLE", "CANCELLED"])
async def test_what_a_server_that_goes_says_is_tried_three_times(
    far: Far, address: str, kind: str, code: str
) -> None:
    async with channel(address) as opened:
        assert await call(opened, kind, code.encode()) == [b"done"]

    assert len(far.calls) == 3


async def test_a_call_that_is_cut_there_is_unavailable_here(address: str) -> None:
    # A stream that has sent something is not begun anew.
    error = await failure(address, "unary_stream", b"CANCELLED")

    assert (error.kind, error.reason) == (Kind.UNAVAILABLE, "UNAVAILABLE")


@pytest.mark.parametrize("code", ["ABORTED", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED"])
async def test_nothing_else_is_tried_again(far: Far, address: str, code: str) -> None:
    await failure(address, "unary_unary", code.encode())

    assert len(far.calls) == 1


async def test_a_call_without_a_timeout_gets_one(far: Far, address: str) -> None:
    async with channel(address, timeout_s=0.1) as opened:
        with pytest.raises(RemoteError) as caught:
            await begin(opened, "unary_unary", b"hang")

    assert caught.value.kind is Kind.DEADLINE_EXCEEDED


async def test_a_stream_may_last_longer_than_any_server_lets_it(far: Far, address: str) -> None:
    async with channel(address, timeout_s=0.1) as opened:
        assert [a async for a in begin(opened, "unary_stream", b"")] == [b"first", b"done"]

    assert cast(float, far.remaining_s[0]) > 72 * 60


async def hop(address: str, kind: str, timeout_s: float) -> None:
    """One call of `kind` that makes a unary one while it is served."""
    async with channel(address, timeout_s=5) as onward:

        async def pass_on(word: bytes, _: Context) -> bytes:
            return (await call(onward, "unary_unary", word, timeout=None))[0]

        async with serving(pass_on, [deadline_interceptor()]) as near:
            async with channel(near) as opened:
                await call(opened, kind, b"", timeout=timeout_s)


async def test_a_deadline_shrinks_across_a_hop(far: Far, address: str) -> None:
    await hop(address, "unary_unary", 2.0)

    # Of the 5 s that its channel would give. gRPC's own clock is some 10 ms coarse.
    assert 1.0 < cast(float, far.remaining_s[0]) < 2.1


def test_time_is_kept_to_carry_the_answer_back() -> None:
    with until(time.monotonic() + 2.0):
        assert 1.0 < left_s(5.0) <= 1.98
        assert left_s(0.5) == 0.5


@pytest.mark.parametrize("kind", KINDS[1:])
async def test_what_is_left_of_a_stream_is_no_deadline(far: Far, address: str, kind: str) -> None:
    await hop(address, kind, 2.0)

    assert cast(float, far.remaining_s[0]) > 4.0


async def test_a_deadline_that_is_over_is_said_at_once(far: Far, address: str) -> None:
    with until(0.0):
        assert left_s(2.0) < 0
        error = await failure(address, "unary_unary", b"", timeout=None)

    assert error.kind is Kind.DEADLINE_EXCEEDED
    assert far.calls == []


async def test_the_service_says_who_it_is_with_one_token_for_many_calls(
    far: Far, address: str, issuer: Issuer
) -> None:
    async with channel(address, audience="far", issuer=issuer) as opened:
        for kind in KINDS:
            await call(opened, kind, b"")

    (token,) = {sent["authorization"] for sent in far.calls}
    assert str(token).startswith("Bearer ey")


async def test_another_actor_gets_another_token(far: Far, address: str, issuer: Issuer) -> None:
    async with channel(address, audience="far", issuer=issuer) as opened:
        for order_id in ("order-1", "order-2", "order-1"):
            with acting_for(order_id):
                await call(opened, "unary_unary", b"")

    tokens = [sent["authorization"] for sent in far.calls]
    assert tokens[0] == tokens[2] != tokens[1]


async def test_a_token_that_the_call_brings_stands(far: Far, address: str, issuer: Issuer) -> None:
    mine = (("authorization", "Bearer mine"),)
    async with channel(address, audience="far", issuer=issuer) as opened:
        await call(opened, "unary_unary", b"", metadata=mine)

    assert far.calls[0]["authorization"] == "Bearer mine"


async def test_the_trace_goes_on(far: Far, address: str) -> None:
    with tracing.Tracing().edge("test", ratio=0):
        place = tracing.here()
        async with channel(address) as opened:
            await call(opened, "unary_unary", b"")

    assert place is not None and far.calls[0]["traceparent"] == place.traceparent
