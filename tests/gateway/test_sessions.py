"""Sessions of customers and staff: what goes into bodies, and what into cookies."""

from http.cookies import SimpleCookie
from typing import Any

import pytest
from comptoir.associate.v1 import terminal_service_pb2 as terminal_pb
from comptoir.customer.v1 import identity_service_pb2 as identity_pb

from tests.gateway import given
from tests.gateway.house import Answered, House, open_gateway

CREDENTIALS = {"email": "anna@example.com", "password": "a lamp beside the sea"}
STAFF_CREDENTIALS = {
    "terminal_id": "t1",
    "challenge": "AAAA",
    "signature": "AAAA",
    "badge": "B-1",
    "pin": "314159",
}
WEB = {"X-Comptoir-Client": "web"}
PATHS = pytest.mark.parametrize(
    ("path", "cookie"),
    [
        ("/v1/sessions/refresh", "comptoir_refresh"),
        ("/v1/staff/sessions/refresh", "comptoir_staff_refresh"),
    ],
)


@pytest.fixture
def house(house: House) -> House:
    """With services that let everybody in."""
    customer = house.neighbours["customer"].answers
    profile, tokens = given.profile(), given.tokens()
    customer["SignUp"] = identity_pb.SignUpResponse(profile=profile, tokens=tokens)
    customer["SignIn"] = identity_pb.SignInResponse(profile=profile, tokens=tokens)
    customer["Refresh"] = identity_pb.RefreshResponse(tokens=given.tokens("refresh-2"))
    staff = house.neighbours["associate"].answers
    staff["SignIn"] = terminal_pb.SignInResponse(
        member=given.member(),
        terminal=terminal_pb.Terminal(terminal_id="t1", location_id="paris"),
        tokens=given.staff_tokens(),
    )
    staff["Refresh"] = terminal_pb.RefreshResponse(tokens=given.staff_tokens("refresh-2"))
    return house


def cookie_of(answered: Answered) -> Any:
    return SimpleCookie(answered.headers.get("Set-Cookie", ""))


async def test_signing_up_answers_with_profile_and_tokens(house: House) -> None:
    answered = await house.call("POST", "/v1/customers", {**CREDENTIALS, "given_name": "Anna"})

    assert answered.status == 201
    assert answered.json["profile"]["customer_id"] == "anna"
    assert answered.json["tokens"]["refresh_token"] == "refresh-1"


async def test_an_app_gets_no_cookie(house: House) -> None:
    answered = await house.call("POST", "/v1/sessions", CREDENTIALS)

    assert "Set-Cookie" not in answered.headers


async def test_of_a_web_page_the_refresh_token_is_in_the_cookie_alone(house: House) -> None:
    answered = await house.call("POST", "/v1/sessions", CREDENTIALS, headers=WEB)

    assert answered.json["tokens"]["refresh_token"] == ""
    assert cookie_of(answered)["comptoir_refresh"].value == "refresh-1"


async def test_no_script_and_no_other_site_gets_the_cookie(house: House) -> None:
    cookie = cookie_of(await house.call("POST", "/v1/sessions", CREDENTIALS, headers=WEB))[
        "comptoir_refresh"
    ]

    assert cookie["httponly"] and cookie["samesite"] == "Strict"
    assert cookie["path"] == "/v1/sessions/refresh"


async def test_staff_have_a_cookie_of_their_own(house: House) -> None:
    answered = await house.call("POST", "/v1/staff/sessions", STAFF_CREDENTIALS, headers=WEB)

    assert answered.json["member"]["roles"] == ["associate"]
    assert cookie_of(answered)["comptoir_staff_refresh"]["path"] == "/v1/staff/sessions/refresh"


@PATHS
async def test_what_came_in_the_cookie_goes_back_into_it(
    house: House, path: str, cookie: str
) -> None:
    answered = await house.call("POST", path, {}, headers={"Cookie": f"{cookie}=refresh-1"})

    assert answered.json["tokens"]["refresh_token"] == ""
    assert cookie_of(answered)[cookie].value == "refresh-2"


@PATHS
async def test_what_came_in_the_body_goes_back_in_it(house: House, path: str, cookie: str) -> None:
    answered = await house.call("POST", path, {"refresh_token": "refresh-1"})

    assert answered.json["tokens"]["refresh_token"] == "refresh-2"
    assert "Set-Cookie" not in answered.headers


async def test_signing_out_clears_the_cookie(house: House) -> None:
    answered = await house.call("DELETE", "/v1/sessions/current", token=house.customer())

    assert answered.status == 204
    assert cookie_of(answered)["comptoir_refresh"]["max-age"] == "0"


async def test_signing_out_everywhere_is_asked_for(house: House) -> None:
    path = "/v1/sessions/current?everywhere=true"
    await house.call("DELETE", path, token=house.customer())

    [request] = house.made("customer", "SignOut")
    assert request.everywhere


async def test_behind_tls_the_cookie_is_for_https_alone() -> None:
    async with open_gateway(secure_cookies=True, near_cache=False) as house:
        house.neighbours["customer"].answers["SignIn"] = identity_pb.SignInResponse(
            profile=given.profile(), tokens=given.tokens()
        )
        answered = await house.call("POST", "/v1/sessions", CREDENTIALS, headers=WEB)

        assert cookie_of(answered)["comptoir_refresh"]["secure"]


async def test_credentials_are_never_cached(house: House) -> None:
    answered = await house.call("POST", "/v1/sessions", CREDENTIALS)

    assert answered.headers["Cache-Control"] == "no-store"
