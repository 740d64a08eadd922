"""Asks the suite over HTTP, gRPC and at the cabinet, and writes down what came of it."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import aiohttp
import grpc

from comptoir_client import Session
from comptoir_client.errors import call_error_from
from tests.chaos.journal import Entry, Journal, Outcome, Reply
from tests.people import Answer, Person

# What the checks look at in an order; the rest would swell the journal.
OF_AN_ORDER = ("order_id", "state", "revision", "place_label")
HTTP_S_MAX = 8.0
# A connection that rested for longer may be closed by a gateway that goes, just as it is used.
IDLE_S_MAX = 1.0
# Of a gRPC call: it may have been done, or nobody took it.
UNSURE = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "INTERNAL", "UNKNOWN", "ABORTED")


def session(url: str) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        url,
        timeout=aiohttp.ClientTimeout(total=HTTP_S_MAX),
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_S_MAX),
    )


class Desk:
    def __init__(self, journal: Journal, session: Session, *, cabinet_url: str) -> None:
        self.journal = journal
        self._session = session
        self._cabinet_url = cabinet_url

    async def post(
        self,
        operation: str,
        person: Person,
        path: str,
        body: Any = None,
        *,
        about: str = "",
        key: str = "",
        method: str = "POST",
    ) -> Entry:
        """A write through the gateway."""
        key = key or str(uuid4())

        async def send() -> Reply:
            return await over_http(person, method, path, body or {}, key)

        return await self.journal.tried(operation, send, key=key, about=about, asked=body or {})

    async def get(self, operation: str, person: Person, path: str, *, about: str) -> Entry:
        async def send() -> Reply:
            return await over_http(person, "GET", path, None, "")

        # A read is not to be settled: nothing of it is left in doubt.
        return await self.journal.tried(operation, send, key=f"read {uuid4()}", about=about)

    async def ask(
        self, operation: str, method: Any, request: Any, *, about: str = "", **asked: Any
    ) -> Entry:
        """A write of another team over gRPC; `request` brings its request_id."""

        async def send() -> Reply:
            return await over_grpc(method, request, self._session)

        return await self.journal.tried(
            operation, send, key=request.request_id, about=about, asked=asked
        )

    async def at_cabinet(self, operation: str, action: str, *, about: str, **body: Any) -> Entry:
        """What somebody does before the doors. The cabinet may be away; then nothing opened."""

        async def send() -> Reply:
            answer = await self.cabinet("POST", action, body)
            if answer is None:
                return Reply(Outcome.FAILED, "CABINET_AWAY")
            return Reply(Outcome.OK, "", {"answer": answer.get("answer", "")})

        return await self.journal.tried(operation, send, key=f"door {uuid4()}", about=about)

    async def cabinet(self, method: str, action: str, body: Any = None) -> Mapping[str, Any] | None:
        """Its answer; None while it does not run."""
        try:
            async with (
                aiohttp.ClientSession(self._cabinet_url) as http,
                http.request(method, f"/{action}", json=body) as response,
            ):
                answer: dict[str, Any] = await response.json()
                return answer
        except (aiohttp.ClientError, TimeoutError):
            return None


async def over_http(person: Person, method: str, path: str, body: Any, key: str) -> Reply:
    try:
        return reply_of(await person.call(method, path, body=body, key=key))
    except (aiohttp.ClientError, TimeoutError, json.JSONDecodeError) as error:
        return Reply(Outcome.UNKNOWN, type(error).__name__)


def reply_of(answer: Answer) -> Reply:
    if answer.status < 300:
        return Reply(Outcome.OK, "", told(answer.body))
    unsure = answer.status >= 500
    return Reply(Outcome.UNKNOWN if unsure else Outcome.FAILED, answer.reason or str(answer.status))


def told(body: Any) -> Mapping[str, Any]:
    if isinstance(body, dict) and "order_id" in body:
        return {name: body[name] for name in OF_AN_ORDER if name in body}
    return body if isinstance(body, dict) else {}


async def over_grpc(method: Any, request: Any, session: Session) -> Reply:
    try:
        answer = await method(request, metadata=await session.metadata(), timeout=HTTP_S_MAX)
    except grpc.aio.AioRpcError as error:
        failed = call_error_from(error)
        unsure = failed.code.name in UNSURE
        reason = failed.reason or failed.code.name
        return Reply(Outcome.UNKNOWN if unsure else Outcome.FAILED, reason)
    except asyncio.CancelledError:
        raise
    return Reply(Outcome.OK, "", made_of(answer))


def made_of(answer: Any) -> Mapping[str, Any]:
    """Of a reservation its id, state and end; of a sale nothing but that it was written down."""
    if not hasattr(answer, "reservation"):
        return {}
    made = answer.reservation
    return {
        "reservation_id": made.reservation_id,
        "state": made.state,
        "expire_s": made.expire_time.seconds,
        "revision": made.revision,
    }
