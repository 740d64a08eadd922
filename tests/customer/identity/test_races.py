"""What customers and thieves do at once, on records in memory and in MongoDB."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from chassis.records import Where
from services.customer.identity.store import CREDENTIALS, SESSIONS
from services.customer.kinds import KINDS
from tests.conftest import MakeRecords
from tests.customer.house import (
    GATEWAY,
    Clock,
    House,
    as_customer,
    opened_house,
    refresh,
    refused,
    session_of,
    sign_in,
    sign_out,
    sign_up,
)

WRONG = "a lamp beside the lake"


@pytest.fixture
async def house(records: MakeRecords) -> AsyncIterator[House]:
    clock = Clock()
    async with opened_house(await records(KINDS, clock=clock), clock) as opened:
        yield opened


async def test_of_many_who_want_an_address_at_once_one_gets_it(house: House) -> None:
    calls = [house.identity.SignUp(sign_up(), metadata=GATEWAY) for _ in range(8)]
    answers = Counter(await asyncio.gather(*(refused(call) for call in calls)))

    assert answers == {"": 1, "ADDRESS_TAKEN": 7}
    assert len(await house.records.select(CREDENTIALS, Where(limit=10))) == 1


async def test_a_sign_up_repeated_at_once_opens_one_account(house: House) -> None:
    request = sign_up()
    calls = [house.identity.SignUp(request, metadata=GATEWAY) for _ in range(8)]
    answers = await asyncio.gather(*calls)

    assert len({answer.profile.SerializeToString() for answer in answers}) == 1
    assert len({answer.tokens.refresh_token for answer in answers}) == 1


async def test_of_wrong_passwords_sent_at_once_five_are_looked_at(house: House) -> None:
    await house.sign_up()
    requests = [sign_in(password=WRONG) for _ in range(20)]
    for number, request in enumerate(requests):
        request.source = f"203.0.113.{number}"  # From one, so many at once are not let in.
    calls = [house.identity.SignIn(request, metadata=GATEWAY) for request in requests]
    answers = Counter(await asyncio.gather(*(refused(call) for call in calls)))

    assert answers == {"WRONG_CREDENTIALS": 5, "TOO_MANY_ATTEMPTS": 15}


async def test_two_refreshes_at_once_are_one_too_many(house: House) -> None:
    tokens = (await house.sign_up()).tokens
    calls = [
        house.identity.Refresh(refresh(tokens.refresh_token), metadata=GATEWAY) for _ in range(2)
    ]
    answers = Counter(await asyncio.gather(*(refused(call) for call in calls)))

    assert answers == {"": 1, "SESSION_ENDED": 1}
    found = await house.records.find(SESSIONS, session_of(tokens))
    assert found is not None and found.ended


async def test_a_refresh_repeated_at_once_is_one_refresh(house: House) -> None:
    request = refresh((await house.sign_up()).tokens.refresh_token)
    calls = [house.identity.Refresh(request, metadata=GATEWAY) for _ in range(8)]
    answers = await asyncio.gather(*calls)

    assert len({answer.tokens.refresh_token for answer in answers}) == 1


async def test_no_refresh_survives_signing_out_everywhere(house: House) -> None:
    made = await house.sign_up()
    opened = [await house.identity.SignIn(sign_in(), metadata=GATEWAY) for _ in range(4)]
    refreshes = [
        refused(house.identity.Refresh(refresh(one.tokens.refresh_token), metadata=GATEWAY))
        for one in opened
    ]
    leaving = house.identity.SignOut(sign_out(everywhere=True), metadata=as_customer(made))
    await asyncio.gather(leaving, *refreshes)

    live = Where(equal={"subject": made.profile.customer_id, "ended": False}, limit=10)
    assert await house.records.select(SESSIONS, live) == []
