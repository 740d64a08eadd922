"""Who may take which route, and in whose name the services behind are called."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from multidict import CIMultiDict

from chassis.changes import Event
from services.gateway.routes import Route
from services.gateway.table import ROUTES
from tests.gateway.house import House, open_gateway
from tests.waiting import until

EVERY_ROUTE = pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.method} {r.path}")
CLOSED = [route for route in ROUTES if not route.is_public]
EVERY_CLOSED_ROUTE = pytest.mark.parametrize("route", CLOSED, ids=lambda r: f"{r.method} {r.path}")
ROLES = ("customer", "staff:associate", "staff:manager", "staff:operator")


def path_of(route: Route) -> str:
    return route.path.replace("{", "").replace("}", "")


def token_for(house: House, grant: str) -> str:
    if grant == "customer":
        return house.customer()
    return house.staff(grant.removeprefix("staff:"))


@EVERY_CLOSED_ROUTE
async def test_a_visitor_is_told_to_sign_in(house: House, route: Route) -> None:
    refused = await house.call(route.method, path_of(route))

    assert (refused.status, refused.reason) == (401, "UNAUTHENTICATED")
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


@EVERY_CLOSED_ROUTE
async def test_whoever_lacks_the_role_is_refused(house: House, route: Route) -> None:
    others = [grant for grant in ROLES if grant not in route.who]
    refused = [
        await house.call(route.method, path_of(route), token=token_for(house, grant))
        for grant in others
    ]

    assert {(one.status, one.reason) for one in refused} == {(403, "ACCESS_DENIED")}


@EVERY_ROUTE
@pytest.mark.parametrize(
    "credentials", ["Bearer", "Bearer x.y.z", "Basic YTpi", "Bearer " + "x" * 7000]
)
async def test_a_malformed_token_is_refused_everywhere(
    house: House, route: Route, credentials: str
) -> None:
    headers = {"Authorization": credentials}
    refused = await house.call(route.method, path_of(route), headers=headers)

    assert (refused.status, refused.reason) == (401, "UNAUTHENTICATED")


async def test_an_expired_token_is_refused(house: House) -> None:
    expired = house.neighbours["customer"].issuer.sign(
        subject="anna", grants=["customer"], lifetime=timedelta(seconds=-60)
    )

    assert (await house.get("/v1/me", token=expired)).status == 401


async def test_an_issuer_gives_no_grant_that_is_not_its_own(house: House) -> None:
    """The customer service vouches for customers alone, whatever its tokens say."""
    forged = house.neighbours["customer"].issuer.sign(subject="eve", grants=["staff:manager"])

    assert (await house.get("/v1/staff/me", token=forged)).status == 403


async def test_a_customer_is_passed_on_in_their_own_name(house: House) -> None:
    token = house.customer()
    await house.get("/v1/basket", token=token)

    assert house.neighbours["collect"].asked[0].authorization == f"Bearer {token}"


async def test_a_visitor_is_passed_on_in_the_gateways_name(house: House) -> None:
    await house.get("/v1/categories")

    assert house.neighbours["catalog"].asked[0].authorization.startswith("Bearer ")


async def test_a_session_that_ended_is_refused_within_moments() -> None:
    async with open_gateway(near_cache=False) as house:
        token = house.customer(session_id="s-1")
        assert (await house.get("/v1/basket", token=token)).status == 200
        house.neighbours["customer"].tells(
            Event("session_revoked", "s-1", 2, {"session_id": "s-1"})
        )

        async def refused() -> bool:
            return (await house.get("/v1/basket", token=token)).status == 401

        await until(refused)


async def test_too_many_tries_are_refused_and_told_when_to_come_back() -> None:
    async with open_gateway(near_cache=False) as house:
        path = "/v1/terminals"
        body = {"code": "c", "public_key": "AAAA"}
        answers = await asyncio.gather(*(house.call("POST", path, body) for _ in range(70)))
        refused = [one for one in answers if one.status == 429]

        assert len(refused) == 10
        assert {one.reason for one in refused} == {"TOO_MANY_REQUESTS"}
        assert refused[0].headers["Retry-After"] == "60"


async def test_behind_a_proxy_addresses_are_told_apart_by_what_it_adds() -> None:
    async with open_gateway(near_cache=False, proxies_count=1) as house:
        body = {"code": "c", "public_key": "AAAA"}
        answers = [
            await house.call(
                "POST", "/v1/terminals", body, headers={"X-Forwarded-For": f"1.1.1.1, 10.0.0.{n}"}
            )
            for n in range(61)
        ]

        assert {one.status for one in answers} == {201}


async def test_behind_a_proxy_what_callers_write_tells_nobody_apart() -> None:
    """Some proxies put a line of their own behind the caller's, as RFC 9110 (5.3) lets them."""
    async with open_gateway(near_cache=False, proxies_count=1) as house:
        statuses = []
        for n in range(61):
            headers = [("X-Forwarded-For", f"1.1.1.{n}"), ("X-Forwarded-For", "10.0.0.1")]
            named = CIMultiDict([*headers, ("Idempotency-Key", str(uuid4()))])
            body = {"code": "c", "public_key": "AAAA"}
            async with house.http.post("/v1/terminals", json=body, headers=named) as response:
                statuses.append(response.status)

        assert statuses[-1] == 429
