"""A signed-in client: id and secret exchanged for a token, and for the next in good time."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import grpc
from comptoir.associate.v1 import client_service_pb2 as pb
from comptoir.associate.v1.client_service_pb2_grpc import ClientServiceStub

from comptoir_client.errors import SignInError, call_error_from

Metadata: TypeAlias = tuple[tuple[str, str], ...]

SIGN_IN_S_MAX = 10.0
# Tokens live ten minutes; a call that begins with this much left ends before its token.
RENEW_BEFORE_S = 60.0
# Where nobody issues one, calls go on with the token at hand and do not wait for the next.
RENEW_AGAIN_S = 10.0
# Clocks of tills are off by minutes and days: what a token's end says is believed between these.
LIFE_S_MIN, LIFE_S_MAX = 120.0, 600.0
NOBODY_THERE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an operator handed out, once."""

    client_id: str
    secret: str = field(repr=False)


class Session:
    """For any number of calls at once. `channel` leads to associate, which issues the tokens."""

    def __init__(
        self,
        credentials: Credentials,
        channel: grpc.aio.Channel,
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._credentials = credentials
        self._stub = ClientServiceStub(channel)
        self._monotonic_s = monotonic_s
        self._signing_in = asyncio.Lock()
        self._token = ""
        self._renew_s = self._ends_s = 0.0

    async def metadata(self) -> Metadata:
        """What every call carries: a token, with a minute left or more if that can be had.

        Raises SignInError where we are not let in, and AioRpcError where nobody answers and
        the token at hand has ended.
        """
        if not self._is_fresh():
            async with self._signing_in:
                if not self._is_fresh():
                    await self._renew()
        return (("authorization", f"Bearer {self._token}"),)

    def forget(self) -> None:
        """The token was refused: sign in anew before the next call."""
        self._token = ""

    def _is_fresh(self) -> bool:
        return bool(self._token) and self._monotonic_s() < self._renew_s

    async def _renew(self) -> None:
        request = pb.IssueTokenRequest(
            client_id=self._credentials.client_id, secret=self._credentials.secret
        )
        asked_s = self._monotonic_s()
        try:
            answer = await self._stub.IssueToken(request, timeout=SIGN_IN_S_MAX)
        except grpc.aio.AioRpcError as error:
            if error.code() not in NOBODY_THERE:
                raise call_error_from(error, SignInError) from error
            now_s = self._monotonic_s()
            if not self._token or now_s >= self._ends_s:
                raise
            self._renew_s = min(now_s + RENEW_AGAIN_S, self._ends_s)
        else:
            left_s = answer.access_expire_time.seconds - time.time()
            self._token = answer.access_token
            self._ends_s = asked_s + min(max(left_s, LIFE_S_MIN), LIFE_S_MAX)
            self._renew_s = self._ends_s - RENEW_BEFORE_S
