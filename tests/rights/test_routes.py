"""The matrix at the gateway: every route of its table against everybody.

The verdict comes from the route's own word and from what a caller can prove, never from here.
"""

import asyncio
import re
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from services.gateway.routes import Route
from services.gateway.table import ROUTES
from tests.rights.callers import KNOWN, NOBODY, OVERREACHING, UNFIT, Caller, Issuers, broken

PUBLIC = "public"
# What a route answers to a request that it cannot do anything with. A visitor is one of the
# many at this address, so the soft limit may have been used up.
UNDERSTOOD = {200, 201, 204, 304, 400, 401, 404, 409, 429}
REFUSED_BEFORE = {"UNAUTHENTICATED", "ACCESS_DENIED"}


@dataclass(frozen=True, slots=True)
class Told:
    status: int
    problem: Any

    @property
    def reason(self) -> str:
        return str(self.problem.get("reason", "")) if isinstance(self.problem, dict) else ""


async def told(http: aiohttp.ClientSession, route: Route, token: str) -> Told:
    """What the route says to a request whose id, body and parameters are none."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"Idempotency-Key": "none"} if route.is_write else {}
    headers |= {"Content-Type": "application/json"}
    path = re.sub(r"\{\w+\}", "no-such-thing", route.path)
    body = b"{}" if route.method in ("POST", "PUT") else None
    async with http.request(route.method, path, data=body, headers=headers) as response:
        is_problem = response.content_type == "application/problem+json"
        return Told(response.status, await response.json(content_type=None) if is_problem else None)


def callers_for(route: Route) -> tuple[Caller, ...]:
    forged = broken(min(route.who - {PUBLIC}, default="customer"))
    return (*KNOWN, *OVERREACHING, *UNFIT, *forged)


def expected(route: Route, caller: Caller) -> set[str]:
    if caller is NOBODY:
        return {"let in" if route.is_public else "UNAUTHENTICATED"}
    # Who shows a token wants to be known: one that proves nobody opens no public route either.
    # Nor has the gateway a service to call itself for, so its own word is a stranger's there.
    if caller.proves is None or caller.issuer == "gateway":
        return {"UNAUTHENTICATED"}
    if route.is_public and not is_person(caller):
        # Passed on in its own name: the service behind says what a machine may read, and a
        # token that was made for the gateway is none there.
        return {"let in", "ACCESS_DENIED", "UNAUTHENTICATED"}
    return {"let in" if route.is_public or caller.proves & route.who else "ACCESS_DENIED"}


def is_person(caller: Caller) -> bool:
    return any(grant.startswith(("customer", "staff:")) for grant in caller.proves or ())


def verdict(answer: Told) -> str:
    if answer.status in UNDERSTOOD and answer.reason not in REFUSED_BEFORE:
        return "let in"
    return answer.reason or str(answer.status)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_a_route_opens_to_whom_it_names_and_to_nobody_else(
    http: aiohttp.ClientSession, issuers: Issuers, route: Route
) -> None:
    callers = callers_for(route)
    answers = await asyncio.gather(
        *(told(http, route, caller.token_for(issuers, "gateway")) for caller in callers)
    )
    wrong = {
        str(caller): f"{verdict(answer)}, not {expected(route, caller)} ({answer})"
        for caller, answer in zip(callers, answers, strict=True)
        if verdict(answer) not in expected(route, caller)
    }
    assert not wrong
