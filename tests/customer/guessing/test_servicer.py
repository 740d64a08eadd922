"""Guessing passwords from here and there. What one replica has counted all know."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from chassis.changes import Changed
from chassis.lockout import WrongGuesses
from chassis.records import Kind, Where
from services.customer.guessing.domain import WRONG_FROM_SOURCE, try_of
from services.customer.guessing.store import ATTEMPTS, KNOWN_SOURCES, WRONG_GUESSES
from services.customer.kinds import KINDS
from tests.conftest import MakeRecords
from tests.customer.house import (
    ADDRESS_KEY,
    GATEWAY,
    PASSWORD,
    Clock,
    House,
    opened_house,
    refused,
    sign_in,
    sign_up,
)
from tests.held_passwords import open_held

WRONG, EMAIL = "a lamp beside the lake", "anna@example.com"
GUESSING_KINDS: tuple[Kind[Any], ...] = (ATTEMPTS, KNOWN_SOURCES, WRONG_GUESSES)
HOME, ELSEWHERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with opened_house() as opened:
        yield await moved_in(opened)


@pytest.fixture
async def any_house(records: MakeRecords) -> AsyncIterator[House]:
    """On each store; two replicas of the real one, which take turns."""
    clock = Clock()
    async with opened_house(await records(KINDS, clock=clock), clock) as opened:
        yield await moved_in(opened)


async def moved_in(house: House) -> House:
    """With an account that was opened from HOME."""
    request = sign_up(EMAIL)
    request.source = HOME
    await house.identity.SignUp(request, metadata=GATEWAY)
    return house


async def tried(
    house: House, *, source: str, email: str = EMAIL, password: str = WRONG, request_id: str = ""
) -> str:
    """The reason with which a sign-in is refused; empty if it is not."""
    request: Any = sign_in(email, password, request_id)
    request.source = source
    return await refused(house.identity.SignIn(request, metadata=GATEWAY))


async def close_from_elsewhere(house: House) -> None:
    while await tried(house, source=ELSEWHERE) == "WRONG_CREDENTIALS":
        pass


async def test_who_guesses_elsewhere_does_not_lock_the_owner_out_at_home(any_house: House) -> None:
    await close_from_elsewhere(any_house)

    assert await tried(any_house, source=HOME, password=PASSWORD) == ""


async def test_an_account_that_is_closed_is_so_from_wherever_its_owner_has_not_been(
    house: House,
) -> None:
    await close_from_elsewhere(house)

    assert await tried(house, source="192.0.2.1", password=PASSWORD) == "TOO_MANY_ATTEMPTS"
    assert await tried(house, source="", password=PASSWORD) == "TOO_MANY_ATTEMPTS"


async def test_the_owners_visit_does_not_open_it_to_strangers(house: House) -> None:
    await close_from_elsewhere(house)
    await tried(house, source=HOME, password=PASSWORD)

    assert await tried(house, source=ELSEWHERE, password=PASSWORD) == "TOO_MANY_ATTEMPTS"


async def test_guesses_at_home_close_it_at_home_alone(house: House) -> None:
    answers = [await tried(house, source=HOME) for _ in range(6)]

    assert answers == ["WRONG_CREDENTIALS"] * 5 + ["TOO_MANY_ATTEMPTS"]
    assert await tried(house, source=ELSEWHERE, password=PASSWORD) == ""


async def test_where_the_owner_has_signed_in_they_are_at_home(house: House) -> None:
    await tried(house, source=ELSEWHERE, password=PASSWORD)
    for _ in range(6):
        await tried(house, source="192.0.2.1")

    assert await tried(house, source=ELSEWHERE, password=PASSWORD) == ""


@pytest.mark.parametrize("source", [HOME, ELSEWHERE, ""])
async def test_a_closed_account_and_a_closed_nobody_are_one_answer(
    house: House, source: str
) -> None:
    answers = {
        email: [await tried(house, email=email, source=source) for _ in range(6)]
        for email in (EMAIL, "nobody@example.com")
    }
    assert answers[EMAIL] == answers["nobody@example.com"]


async def test_a_try_may_be_repeated_from_another_network(house: House) -> None:
    request_id = "5f0e8f6c-8694-439b-aea5-966c26f8ad91"
    for source in (HOME, ELSEWHERE):
        answer = await tried(house, source=source, password=PASSWORD, request_id=request_id)
        assert answer == ""


async def used_up(house: House, source: str) -> None:
    """All that this source may guess wrong but for one."""
    attempt = try_of(ADDRESS_KEY, address_hash="", source=source)
    used = WrongGuesses(
        key=attempt.source_hash,
        begin_time=house.clock.now,
        count=WRONG_FROM_SOURCE.count_max - 1,
    )
    await house.records.update(
        [], lambda _: Changed(answer=True, records=(used,)), answer=bool, timeout_s=2
    )


async def test_who_tries_one_password_at_many_accounts_is_stopped_by_source(
    any_house: House,
) -> None:
    await used_up(any_house, ELSEWHERE)

    assert await tried(any_house, source=ELSEWHERE, email="n1@example.com") == "WRONG_CREDENTIALS"
    assert await tried(any_house, source=ELSEWHERE, email="n2@example.com") == "TOO_MANY_ATTEMPTS"
    assert await tried(any_house, source=ELSEWHERE, password=PASSWORD) == "TOO_MANY_ATTEMPTS"


async def test_a_source_that_is_stopped_stops_no_account_and_no_known_owner(house: House) -> None:
    await tried(house, source=ELSEWHERE, password=PASSWORD)
    await used_up(house, ELSEWHERE)
    for _ in range(6):
        await tried(house, source=ELSEWHERE, email="ben@example.com")

    assert await tried(house, source=ELSEWHERE, password=PASSWORD) == ""
    assert await tried(house, source=HOME, email="ben@example.com") == "WRONG_CREDENTIALS"


async def test_a_source_that_was_stopped_may_try_again_an_hour_later(house: House) -> None:
    await used_up(house, ELSEWHERE)
    for number in range(2):
        await tried(house, source=ELSEWHERE, email=f"n{number}@example.com")
    house.clock.now += timedelta(hours=1)

    assert await tried(house, source=ELSEWHERE, password=PASSWORD) == ""


async def test_what_is_kept_of_a_source_is_not_its_address(house: House) -> None:
    await tried(house, source=ELSEWHERE)
    kept = [await house.records.select(kind, Where(limit=100)) for kind in GUESSING_KINDS]

    assert all(kept)
    assert HOME not in repr(kept) and ELSEWHERE not in repr(kept)


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com", "no address"])
async def test_an_unknown_address_costs_a_hash_like_a_wrong_password(email: str) -> None:
    with open_held() as passwords:
        async with opened_house(passwords=passwords) as opened:
            house = await moved_in(opened)
            await tried(house, source=ELSEWHERE, email=email)

    assert passwords.looks_count == 1
