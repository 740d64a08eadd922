"""Sign-up and sign-in through a real server and stub."""

from datetime import timedelta
from uuid import uuid4

import jwt
import pytest
from comptoir.customer.v1 import identity_service_pb2 as pb

from chassis.records import Where
from chassis.requests import request_from_pb
from chassis.sessions import Session
from services.customer.identity.store import SESSIONS
from services.customer.vault import CUSTOMER_KEYS
from tests.customer.house import (
    ASSOCIATE,
    GATEWAY,
    PASSWORD,
    House,
    as_customer,
    refresh,
    refused,
    session_of,
    sign_in,
    sign_out,
    sign_up,
)

WRONG = "a lamp beside the lake"


async def session(house: House, tokens: pb.Tokens) -> Session:
    found = await house.records.find(SESSIONS, session_of(tokens))
    assert found is not None
    return found


async def test_who_signed_up_signs_in_however_they_write_their_address(house: House) -> None:
    made = await house.sign_up("Anna@Example.com")
    back = await house.identity.SignIn(sign_in(" anna@EXAMPLE.com "), metadata=GATEWAY)

    assert back.profile == made.profile
    assert (made.profile.email, made.profile.given_name) == ("Anna@Example.com", "Anna")
    assert made.profile.locale == "fr"


async def test_a_repeated_sign_up_opens_the_same_account_and_session(house: House) -> None:
    request = sign_up()
    first = await house.identity.SignUp(request, metadata=GATEWAY)
    again = await house.identity.SignUp(request, metadata=GATEWAY)

    assert again.profile == first.profile
    assert again.tokens.refresh_token == first.tokens.refresh_token
    assert session_of(again.tokens) == session_of(first.tokens)


async def test_a_repeated_sign_in_opens_the_same_session(house: House) -> None:
    await house.sign_up()
    request = sign_in()
    first = await house.identity.SignIn(request, metadata=GATEWAY)
    again = await house.identity.SignIn(request, metadata=GATEWAY)

    assert again.tokens.refresh_token == first.tokens.refresh_token


@pytest.mark.parametrize("enter", ["SignUp", "SignIn"])
async def test_a_repeat_gives_no_tokens_for_a_session_that_has_ended(
    house: House, enter: str
) -> None:
    request: pb.SignUpRequest | pb.SignInRequest = sign_up()
    if enter == "SignIn":
        await house.sign_up()
        request = sign_in()
    call = getattr(house.identity, enter)
    opened = await call(request, metadata=GATEWAY)
    await house.identity.SignOut(sign_out(), metadata=as_customer(opened))

    assert await refused(call(request, metadata=GATEWAY)) == "SESSION_ENDED"


async def test_an_access_token_says_who_and_in_which_session(house: House) -> None:
    made = await house.sign_up()
    claims = jwt.decode(made.tokens.access_token, options={"verify_signature": False})

    assert (claims["iss"], claims["sub"]) == ("customer", made.profile.customer_id)
    assert claims["grants"] == ["customer"]
    assert claims["exp"] == made.tokens.access_expire_time.seconds


async def test_no_access_token_outlives_its_session(house: House) -> None:
    tokens = (await house.sign_up()).tokens
    for _ in range(8):
        house.clock.now += timedelta(days=22)
        tokens = (
            await house.identity.Refresh(refresh(tokens.refresh_token), metadata=GATEWAY)
        ).tokens
    house.clock.now += timedelta(days=4) - timedelta(minutes=1)
    tokens = (await house.identity.Refresh(refresh(tokens.refresh_token), metadata=GATEWAY)).tokens

    assert tokens.access_expire_time == tokens.refresh_expire_time


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (sign_up("anna@localhost"), "INVALID_ADDRESS"),
        (sign_up(password="short"), "WEAK_PASSWORD"),
        (sign_up(password="anna.martin"), "WEAK_PASSWORD"),
        (sign_up(password="Anna Martin!"), "WEAK_PASSWORD"),
        (sign_up(request_id="1"), "INVALID_REQUEST_ID"),
        (pb.SignUpRequest(email="a@b.fr", password=PASSWORD), "INVALID_REQUEST_ID"),
        (
            pb.SignUpRequest(request_id=str(uuid4()), email="a@b.fr", password=PASSWORD),
            "INVALID_PROFILE",
        ),
    ],
)
async def test_a_refused_sign_up_says_why(
    house: House, request_: pb.SignUpRequest, reason: str
) -> None:
    assert await refused(house.identity.SignUp(request_, metadata=GATEWAY)) == reason


async def test_an_address_opens_one_account(house: House) -> None:
    await house.sign_up("anna@example.com")

    again = house.identity.SignUp(sign_up("ANNA@example.com"), metadata=GATEWAY)
    assert await refused(again) == "ADDRESS_TAKEN"


@pytest.mark.parametrize("password", [WRONG, PASSWORD])
async def test_a_request_id_is_not_used_for_another_body(house: House, password: str) -> None:
    request_id = str(uuid4())
    await house.identity.SignUp(sign_up(request_id=request_id), metadata=GATEWAY)

    other = sign_up("ben@example.com", password, request_id)
    assert await refused(house.identity.SignUp(other, metadata=GATEWAY)) == "REQUEST_ID_REUSED"


async def test_only_the_gateway_lets_customers_in(house: House) -> None:
    assert await refused(house.identity.SignIn(sign_in(), metadata=ASSOCIATE)) == "ACCESS_DENIED"


@pytest.mark.parametrize(
    "request_",
    [
        sign_in(password=WRONG),
        sign_in("nobody@example.com"),
        sign_in("no address"),
        sign_in(password="x" * 10_000),
        sign_in(email="x" * 10_000),
    ],
)
async def test_whatever_is_wrong_the_answer_is_one(
    house: House, request_: pb.SignInRequest
) -> None:
    await house.sign_up()

    call = house.identity.SignIn(request_, metadata=GATEWAY)
    assert await refused(call) == "WRONG_CREDENTIALS"


@pytest.mark.parametrize("email", ["anna@example.com", "nobody@example.com", "no address"])
async def test_after_five_wrong_passwords_the_door_is_closed_for_a_while(
    house: House, email: str
) -> None:
    await house.sign_up()
    answers = [
        await refused(house.identity.SignIn(sign_in(email, WRONG), metadata=GATEWAY))
        for _ in range(6)
    ]

    assert answers == ["WRONG_CREDENTIALS"] * 5 + ["TOO_MANY_ATTEMPTS"]
    house.clock.now += timedelta(seconds=30)
    call = house.identity.SignIn(sign_in(email, WRONG), metadata=GATEWAY)
    assert await refused(call) == "WRONG_CREDENTIALS"


async def test_the_right_password_does_not_open_a_closed_door(house: House) -> None:
    await house.sign_up()
    for _ in range(5):
        await refused(house.identity.SignIn(sign_in(password=WRONG), metadata=GATEWAY))

    call = house.identity.SignIn(sign_in(), metadata=GATEWAY)
    assert await refused(call) == "TOO_MANY_ATTEMPTS"


async def test_the_right_password_forgets_the_wrong_ones(house: House) -> None:
    await house.sign_up()
    for _ in range(3):
        for _ in range(4):
            await refused(house.identity.SignIn(sign_in(password=WRONG), metadata=GATEWAY))
        await house.identity.SignIn(sign_in(), metadata=GATEWAY)

    assert await refused(house.identity.SignIn(sign_in(), metadata=GATEWAY)) == ""


async def test_what_is_kept_names_nobody_and_no_secret(house: House) -> None:
    made = await house.sign_up()
    await house.identity.SignIn(sign_in(), metadata=GATEWAY)
    kept = repr(vars(house.records)) + repr(vars(house.records.log))  # type: ignore[attr-defined]

    secrets = ["anna@example.com", "Anna", "Martin", PASSWORD, made.tokens.refresh_token]
    assert [secret for secret in secrets if secret in kept] == []
    assert made.profile.customer_id in kept


async def test_what_is_kept_of_a_request_helps_nobody_to_guess_its_password(house: House) -> None:
    up, back = sign_up(), sign_in()
    await house.identity.SignUp(up, metadata=GATEWAY)
    await house.identity.SignIn(back, metadata=GATEWAY)
    kept = repr(vars(house.records))

    for request, method in ((up, "SignUp"), (back, "SignIn")):
        plain = request_from_pb(request, subject="gateway", method=method)
        assert plain.key in kept
        assert repr(plain.body_hash) not in kept


async def test_without_its_key_an_account_cannot_be_entered(house: House) -> None:
    made = await house.sign_up()
    await house.vault.destroy(made.profile.customer_id)

    call = house.identity.SignIn(sign_in(), metadata=GATEWAY)
    assert await refused(call) == "WRONG_CREDENTIALS"


async def test_a_sign_up_repeated_after_the_key_is_gone_makes_no_other(house: House) -> None:
    request = sign_up()
    made = await house.identity.SignUp(request, metadata=GATEWAY)
    await house.vault.destroy(made.profile.customer_id)

    call = house.identity.SignUp(request, metadata=GATEWAY)
    assert await refused(call) == "UNKNOWN_CUSTOMER"


async def test_a_refused_sign_up_on_a_taken_address_leaves_no_key(house: House) -> None:
    made = await house.sign_up()
    await refused(house.identity.SignUp(sign_up(), metadata=GATEWAY))

    keys = await house.keys.select(CUSTOMER_KEYS, Where(limit=10))
    assert [key.customer_id for key in keys] == [made.profile.customer_id]
