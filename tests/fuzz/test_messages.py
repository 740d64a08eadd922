"""Every method of every service against bytes that are no message and messages nobody means."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from tests.fuzz.odd import Odd, malformed
from tests.rights.callers import KNOWN, Caller, Issuers, bearer
from tests.rights.methods import METHODS, SERVICES, Metadata, Method
from tests.suite import Stack

PUBLIC = "public"
ODD_COUNT = int(os.environ.get("COMPTOIR_FUZZ_EXAMPLES", "8"))
# What a request may be answered with that nobody means. All else is our fault, or says so.
REFUSALS = {
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "FAILED_PRECONDITION",
    "ALREADY_EXISTS",
    "ABORTED",
    "PERMISSION_DENIED",
    "UNAUTHENTICATED",
    "RESOURCE_EXHAUSTED",
}
TIMEOUT_S = 20.0
AT_ONCE = 8
# A stream that has not been refused by then is open.
OPEN_S = 1.0


class Answer(NamedTuple):
    code: str
    reason: str


OK = Answer("OK", "")


@dataclass(frozen=True, slots=True)
class Channels:
    """To one service's own door, past the gateway."""

    asyncio: grpc.aio.Channel
    blocking: grpc.Channel


@pytest.fixture(scope="module")
async def channels(stack: Stack) -> AsyncIterator[Mapping[str, Channels]]:
    async with AsyncExitStack() as opened:
        yield {
            name: Channels(
                await opened.enter_async_context(grpc.aio.insecure_channel(stack.address(name))),
                opened.enter_context(grpc.insecure_channel(stack.address(name))),
            )
            for name in SERVICES
        }


async def answered(
    channels: Channels, method: Method, metadata: Metadata, content: bytes
) -> Answer:
    """What a call with these bytes gets; of a stream of answers, the first."""
    if method.descriptor.client_streaming:
        return await asyncio.to_thread(streamed, channels.blocking, method, metadata, content)
    kind = "unary_stream" if method.descriptor.server_streaming else "unary_unary"
    call: Any = getattr(channels.asyncio, kind)(method.path)
    ongoing = call(content, metadata=metadata, timeout=TIMEOUT_S)
    try:
        if method.descriptor.server_streaming:
            with suppress(StopAsyncIteration, TimeoutError):
                await asyncio.wait_for(anext(aiter(ongoing)), OPEN_S)
        else:
            await ongoing
    except grpc.aio.AioRpcError as error:
        return answer_of(error)
    ongoing.cancel()
    return OK


def streamed(channel: grpc.Channel, method: Method, metadata: Metadata, content: bytes) -> Answer:
    """As above, where requests are a stream. Not by asyncio: there a status that comes while
    a request is being sent is lost (grpc#36066)."""
    call: Any = channel.stream_stream(method.path)
    ongoing = call(iter([content]), metadata=metadata, timeout=TIMEOUT_S)
    try:
        next(ongoing, None)
    except grpc.RpcError:
        return answer_of(ongoing)
    ongoing.cancel()
    return OK


def answer_of(refused: Any) -> Answer:
    """By its details, which are cut off where they are too large."""
    status = rpc_status.from_call(refused)
    info = error_details_pb2.ErrorInfo()
    if status is not None and status.details:
        status.details[0].Unpack(info)
    return Answer(refused.code().name, info.reason)


def entitled(method: Method) -> Caller | None:
    """Somebody who may call it; None where anybody may."""
    if PUBLIC in method.opens_to:
        return None
    return next(caller for caller in KNOWN if (caller.proves or set()) & method.opens_to)


class Tried:
    """Calls a method of the running suite."""

    def __init__(self, channels: Channels, issuers: Issuers, method: Method) -> None:
        self._channels = channels
        self._method = method
        caller = entitled(method)
        self.entitled = bearer("" if caller is None else caller.token_for(issuers, method.service))

    async def answers(self, contents: Iterable[bytes], *, metadata: Metadata) -> list[Answer]:
        """Some at a time: what many at once are told is that there are too many."""
        found, left = list[Answer](), list(contents)
        while left:
            now, left = left[:AT_ONCE], left[AT_ONCE:]
            calls = (answered(self._channels, self._method, metadata, each) for each in now)
            found += await asyncio.gather(*calls)
        return found


@pytest.fixture
def tried(channels: Mapping[str, Channels], issuers: Issuers, method: Method) -> Tried:
    return Tried(channels[method.service], issuers, method)


EVERY_METHOD = pytest.mark.parametrize("method", METHODS, ids=str)


@EVERY_METHOD
async def test_bytes_that_are_no_message_are_the_callers_mistake(
    tried: Tried, method: Method
) -> None:
    contents = malformed(method)
    answers = await tried.answers(contents, metadata=tried.entitled)
    assert set(answers) == {Answer("INVALID_ARGUMENT", "MALFORMED_MESSAGE")}, answers

    if PUBLIC not in method.opens_to:
        told = await tried.answers(contents, metadata=())
        assert set(told) == {Answer("UNAUTHENTICATED", "UNAUTHENTICATED")}, told


@EVERY_METHOD
async def test_a_message_that_nobody_means_is_refused_with_a_reason(
    tried: Tried, method: Method
) -> None:
    odd = Odd(str(method))
    messages = [odd.request(method) for _ in range(ODD_COUNT)] + list(odd.long_requests(method))
    contents = [message.SerializeToString() for message in messages]
    answers = await tried.answers(contents, metadata=tried.entitled)
    for message, answer in zip(messages, answers, strict=True):
        is_refusal = answer.code in REFUSALS and answer.reason
        assert answer == OK or is_refusal, f"{answer} to {str(message)[:5_000]}"


@pytest.fixture(scope="module", autouse=True)
def logged(stack: Stack) -> Iterator[None]:
    """What any of it makes a service log as an error is one."""
    logs = {file: file.stat().st_size for file in stack.folder.glob("*.log")}
    yield
    for file, size_bytes in logs.items():
        with file.open("rb") as lines:
            lines.seek(size_bytes)
            errors = [line for line in lines if b'"level":"error"' in line]
        assert not errors, f"{file.name}: {errors[:3]}"
