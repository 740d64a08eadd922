"""One token for all calls, the next in good time, and no second try with a wrong secret."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from comptoir.associate.v1 import client_service_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

from comptoir_client import Credentials, Session, SignInError
from tests.clients.behaving import CLIENTS, channel_to, refuse
from tests.clients.shop import Shop

LIFE_S = 600


class Associate:
    """Issues tokens numbered from 1, by a clock that may differ from ours."""

    def __init__(self, *, ahead_s: int = 0) -> None:
        self.ahead_s = ahead_s
        self.issued_count = 0
        self.asked_count = 0
        self.is_away = False
        self.now_s = 1000.0

    async def issue(self, request: pb.IssueTokenRequest, context: Any) -> pb.IssueTokenResponse:
        self.asked_count += 1
        if self.is_away:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "away")
        self.issued_count += 1
        expires = Timestamp(seconds=int(time.time()) + LIFE_S + self.ahead_s)
        return pb.IssueTokenResponse(
            access_token=str(self.issued_count), access_expire_time=expires
        )


@asynccontextmanager
async def session_at(associate: Associate) -> AsyncIterator[Session]:
    async with channel_to(CLIENTS, IssueToken=associate.issue) as channel:
        yield Session(Credentials("till", "s"), channel, monotonic_s=lambda: associate.now_s)


async def test_many_calls_at_once_sign_in_once() -> None:
    associate = Associate()
    async with session_at(associate) as session:
        told = await asyncio.gather(*(session.metadata() for _ in range(20)))

    assert set(told) == {(("authorization", "Bearer 1"),)}


async def test_a_token_is_renewed_a_minute_before_its_end() -> None:
    associate = Associate()
    async with session_at(associate) as session:
        await session.metadata()
        associate.now_s += LIFE_S - 62
        before = await session.metadata()
        associate.now_s += 3
        after = await session.metadata()

    assert (before[0][1], after[0][1]) == ("Bearer 1", "Bearer 2")


async def test_while_nobody_issues_tokens_the_one_at_hand_serves_to_its_end() -> None:
    associate = Associate()
    async with session_at(associate) as session:
        await session.metadata()
        associate.is_away = True
        associate.now_s += LIFE_S - 10
        kept = await session.metadata()
        associate.now_s += 10
        with pytest.raises(grpc.aio.AioRpcError):
            await session.metadata()

    assert kept == (("authorization", "Bearer 1"),)


async def test_who_issues_nothing_is_asked_again_after_a_pause_alone() -> None:
    """Each call would else wait, one after the other, for somebody who does not answer."""
    associate = Associate()
    async with session_at(associate) as session:
        await session.metadata()
        associate.is_away = True
        associate.now_s += LIFE_S - 50
        await session.metadata()
        once = associate.asked_count
        await asyncio.gather(*(session.metadata() for _ in range(20)))
        at_once = associate.asked_count
        associate.is_away = False
        associate.now_s += 11
        renewed = await session.metadata()

    assert (at_once, renewed[0][1]) == (once, "Bearer 2")


@pytest.mark.parametrize("ahead_s", [-86_400, 86_400])
async def test_a_clock_that_is_a_day_off_neither_hoards_nor_storms(ahead_s: int) -> None:
    associate = Associate(ahead_s=ahead_s)
    async with session_at(associate) as session:
        await session.metadata()
        await session.metadata()
        at_once = associate.issued_count
        associate.now_s += LIFE_S
        await session.metadata()

    assert (at_once, associate.issued_count) == (1, 2)


async def test_a_token_that_was_refused_is_used_no_more() -> None:
    associate = Associate()
    async with session_at(associate) as session:
        await session.metadata()
        session.forget()
        assert await session.metadata() == (("authorization", "Bearer 2"),)


async def test_a_wrong_secret_says_so(house: Shop) -> None:
    async with house.access.channel("associate") as channel:
        with pytest.raises(SignInError) as refused:
            await Session(Credentials("importer", "wrong"), channel).metadata()

    assert refused.value.reason == "WRONG_CREDENTIALS"


async def test_a_wrong_secret_is_tried_once() -> None:
    tried = list[str]()

    async def issue(request: pb.IssueTokenRequest, context: Any) -> None:
        tried.append(request.secret)
        await refuse(context, grpc.StatusCode.UNAUTHENTICATED, "WRONG_CREDENTIALS")

    async with channel_to(CLIENTS, IssueToken=issue) as channel:
        with pytest.raises(SignInError):
            await Session(Credentials("till", "wrong"), channel).metadata()

    assert tried == ["wrong"]


def test_a_secret_is_not_shown() -> None:
    assert "hidden" not in repr(Credentials("till", "hidden"))
