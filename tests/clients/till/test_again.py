"""Streams that outlive their token, as the house ends them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import grpc
import pytest

from chassis.access import Caller, UnauthenticatedError, access_interceptor
from chassis.interceptors import error_interceptor
from clients.house import CannotRunError, Session
from clients.till.again import answers
from tests.chassis.echo import begin, serving


class SignedIn(Session):
    """Signs in anew once its token was refused."""

    def __init__(self) -> None:
        self.token = "old"

    async def metadata(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", self.token),)

    def forget(self) -> None:
        self.token = "new"


@asynccontextmanager
async def watched(*interceptors: Any, good: str) -> AsyncIterator[AsyncGenerator[Any, None]]:
    """What a server answers that ends streams of another token than `good`."""

    async def answer(word: bytes, context: Any) -> bytes:
        if dict(context.invocation_metadata())["authorization"] != good:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "the token has expired")
        return b"second"

    async with serving(answer, interceptors) as at, grpc.aio.insecure_channel(at) as channel:

        def call(*, metadata: Any) -> Any:
            return begin(channel, "unary_stream", b"", metadata=metadata)

        async with asyncio.timeout(30):
            async with aclosing(answers(call, SignedIn(), too_old=lambda: None)) as told:
                yield told


async def test_a_stream_that_is_ended_with_its_token_goes_on_with_another() -> None:
    async with watched(good="new") as told:
        heard = [await anext(told) for _ in range(3)]

    assert heard == [b"first", b"first", b"second"]


async def test_a_token_that_is_refused_at_once_is_renewed_once() -> None:
    tried = []

    async def refuse(metadata: Any) -> Caller:
        tried.append(metadata["authorization"])
        raise UnauthenticatedError("valid credentials are required")

    shut = (error_interceptor("test"), access_interceptor({}, refuse))
    async with watched(*shut, good="none") as told:
        with pytest.raises(CannotRunError):
            await anext(told)
    assert tried == ["old", "new"]
