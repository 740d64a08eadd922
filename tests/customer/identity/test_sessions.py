"""How sessions go on and end, through a real server and stub."""

from datetime import timedelta

import pytest
from comptoir.customer.v1 import identity_service_pb2 as pb

from chassis.sessions import Session
from services.customer.identity.store import SESSIONS
from tests.customer.house import (
    GATEWAY,
    House,
    as_customer,
    events_of,
    refresh,
    refused,
    session_of,
    sign_in,
    sign_out,
)

WRONG = "a lamp beside the lake"


async def session(house: House, tokens: pb.Tokens) -> Session:
    found = await house.records.find(SESSIONS, session_of(tokens))
    assert found is not None
    return found


async def test_a_refresh_token_is_good_once_and_twice_ends_the_session(house: House) -> None:
    first = (await house.sign_up()).tokens
    second = (await house.identity.Refresh(refresh(first.refresh_token), metadata=GATEWAY)).tokens

    for token in (first.refresh_token, second.refresh_token):
        call = house.identity.Refresh(refresh(token), metadata=GATEWAY)
        assert await refused(call) == "SESSION_ENDED"
    assert events_of_name(await events_of(house.records), "session_revoked") == [session_of(first)]


def events_of_name(events: list[tuple[str, str]], name: str) -> list[str]:
    return [key for told, key in events if told == name]


async def test_a_refresh_asked_again_in_time_gets_the_same_answer(house: House) -> None:
    request = refresh((await house.sign_up()).tokens.refresh_token)
    first = await house.identity.Refresh(request, metadata=GATEWAY)
    house.clock.now += timedelta(seconds=30)
    again = await house.identity.Refresh(request, metadata=GATEWAY)

    assert again.tokens.refresh_token == first.tokens.refresh_token
    assert again.tokens.refresh_expire_time == first.tokens.refresh_expire_time


async def test_a_refresh_asked_again_too_late_ends_the_session(house: House) -> None:
    request = refresh((await house.sign_up()).tokens.refresh_token)
    await house.identity.Refresh(request, metadata=GATEWAY)
    house.clock.now += timedelta(seconds=31)

    assert await refused(house.identity.Refresh(request, metadata=GATEWAY)) == "SESSION_ENDED"


@pytest.mark.parametrize("token", ["", "x", "not a token", "é", "A" * 75])
async def test_a_token_we_never_made_is_of_no_session(house: House, token: str) -> None:
    call = house.identity.Refresh(refresh(token), metadata=GATEWAY)
    assert await refused(call) == "SESSION_ENDED"


async def test_signing_out_ends_this_session_alone(house: House) -> None:
    made = await house.sign_up()
    other = await house.identity.SignIn(sign_in(), metadata=GATEWAY)
    await house.identity.SignOut(sign_out(), metadata=as_customer(made))

    assert (await session(house, made.tokens)).ended
    assert not (await session(house, other.tokens)).ended


async def test_signing_out_everywhere_ends_every_session_and_tells_of_each(house: House) -> None:
    made = await house.sign_up()
    opened = [await house.identity.SignIn(sign_in(), metadata=GATEWAY) for _ in range(3)]
    await house.identity.SignOut(sign_out(everywhere=True), metadata=as_customer(made))

    ended = sorted(map(session_of, [made.tokens, *(one.tokens for one in opened)]))
    assert sorted(events_of_name(await events_of(house.records), "session_revoked")) == ended
    for one in opened:
        call = house.identity.Refresh(refresh(one.tokens.refresh_token), metadata=GATEWAY)
        assert await refused(call) == "SESSION_ENDED"


async def test_signing_out_twice_is_signing_out(house: House) -> None:
    made = await house.sign_up()
    for everywhere in (False, False, True):
        await house.identity.SignOut(sign_out(everywhere=everywhere), metadata=as_customer(made))

    assert len(events_of_name(await events_of(house.records), "session_revoked")) == 1


async def test_nobody_signs_another_customer_out(house: House) -> None:
    annas, bens = await house.sign_up(), await house.sign_up("ben@example.com")
    in_bens_session = (*as_customer(annas)[:-1], as_customer(bens)[-1])
    await house.identity.SignOut(sign_out(), metadata=in_bens_session)

    assert not (await session(house, bens.tokens)).ended


async def test_a_session_that_is_forgotten_is_over_to_whoever_asks(house: House) -> None:
    request = sign_in()
    made = await house.sign_up()
    held = await house.identity.SignIn(request, metadata=GATEWAY)
    await house.identity.SignOut(sign_out(), metadata=as_customer(made))
    house.clock.now += timedelta(days=32)
    await house.records.tend()

    assert await house.records.find(SESSIONS, session_of(held.tokens)) is None
    call = house.identity.Refresh(refresh(held.tokens.refresh_token), metadata=GATEWAY)
    assert await refused(call) == "SESSION_ENDED"
    # Its answer is kept until the month is dropped: a repeat opens nothing again.
    assert await refused(house.identity.SignIn(request, metadata=GATEWAY)) == "SESSION_ENDED"


async def test_a_sign_in_repeated_after_months_honours_no_token_of_before(house: House) -> None:
    request = sign_in()
    await house.sign_up()
    old = await house.identity.SignIn(request, metadata=GATEWAY)
    house.clock.now += timedelta(days=200)
    await house.records.tend()

    again = await house.identity.SignIn(request, metadata=GATEWAY)
    assert session_of(again.tokens) == session_of(old.tokens)
    call = house.identity.Refresh(refresh(old.tokens.refresh_token), metadata=GATEWAY)
    assert await refused(call) == "SESSION_ENDED"
