"""The matrix at the gateway: every route of its table against everybody.

The verdict comes from the route's own word and from what a caller can prove, never from here.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from services.gateway.routes import Route
from services.gateway.table import ROUTES
from tests.rights.callers import KNOWN, NOBODY, OVERREACHING, UNFIT, Caller, Issuers, broken
from tests.rights.methods import METHODS

PUBLIC = "public"
# What a route answers to a request that it cannot do anything with. A visitor is one of the
# many at this address, so the soft limit may have been used up.
UNDERSTOOD = {200, 201, 204, 304, 400, 401, 404, 409, 429}
REFUSED_BEFORE = {"UNAUTHENTICATED", "ACCESS_DENIED"}

LET_IN = "let in"
# The two refusals, by status and reason: a caller may go by either.
UNKNOWN, WRONG_ROLE = "401 UNAUTHENTICATED", "403 ACCESS_DENIED"

# What a public route calls in its caller's own name: there that method's option says who may.
# The others call none before the request is refused, or do so in the gateway's name.
BEHIND: Mapping[str, str] = {
    "GET /v1/categories": "ProductService.ListCategories",
    "GET /v1/products": "ProductService.SearchProducts",
    "GET /v1/products/{sku}/reviews": "ReviewService.ListReviews",
    "GET /v1/locations": "LocationService.ListLocations",
    "GET /v1/locations/{location_id}": "LocationService.BatchGetLocations",
    "GET /v1/locations/{location_id}/points": "PointService.ListPoints",
    "POST /v1/pickup-options": "PointService.ListPickUpOptions",
    "POST /v1/orders/quote": "OrderService.QuoteOrder",
}
OPENS_TO = {method.name: method.opens_to for method in METHODS}
# Where an empty one would be refused before anybody is called.
ONE_LINE = b'{"lines": [{"sku": "no-such-thing", "quantity": 1}]}'
BODIES: Mapping[str, bytes] = {
    "POST /v1/pickup-options": ONE_LINE,
    "POST /v1/orders/quote": ONE_LINE,
}


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
    body = BODIES.get(key_of(route), b"{}") if route.method in ("POST", "PUT") else None
    async with http.request(route.method, path, data=body, headers=headers) as response:
        is_problem = response.content_type == "application/problem+json"
        return Told(response.status, await response.json(content_type=None) if is_problem else None)


def callers_for(route: Route) -> tuple[Caller, ...]:
    forged = broken(min(route.who - {PUBLIC}, default="customer"))
    return (*KNOWN, *OVERREACHING, *UNFIT, *forged)


def expected(route: Route, caller: Caller) -> str:
    if caller is NOBODY:
        return LET_IN if route.is_public else UNKNOWN
    # Who shows a token wants to be known: one that proves nobody opens no public route either.
    # Nor has the gateway a service to call itself for, so its own word is a stranger's there.
    if caller.proves is None or caller.issuer == "gateway":
        return UNKNOWN
    if not route.is_public:
        return LET_IN if caller.proves & route.who else WRONG_ROLE
    behind = BEHIND.get(key_of(route))
    if behind is None:
        return LET_IN
    if any(grant.startswith("service:") for grant in caller.proves):
        return UNKNOWN  # Made for the gateway: to the service behind it is nobody's.
    return LET_IN if caller.proves & OPENS_TO[behind] else WRONG_ROLE


def key_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def verdict(answer: Told) -> str:
    if answer.status in UNDERSTOOD and answer.reason not in REFUSED_BEFORE:
        return LET_IN
    return f"{answer.status} {answer.reason}"


def test_what_is_called_in_the_callers_name_is_behind_a_public_route() -> None:
    assert BEHIND.keys() <= {key_of(route) for route in ROUTES if route.is_public}
    assert set(BEHIND.values()) <= OPENS_TO.keys()


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
        if verdict(answer) != expected(route, caller)
    }
    assert not wrong
