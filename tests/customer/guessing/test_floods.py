"""Passwords by the hundred from one source: others get in, and those refused left no trace."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from chassis.records import Where
from services.customer.guessing.store import ATTEMPTS, KNOWN_SOURCES, WRONG_GUESSES
from services.customer.identity.store import CREDENTIALS
from services.customer.vault import CUSTOMER_KEYS
from tests.customer.house import GATEWAY, PASSWORD, House, opened_house, refused, sign_in, sign_up
from tests.held_passwords import HeldPasswords, open_held

HOME, ELSEWHERE = "203.0.113.7", "198.51.100.9"
PLACES_OF_SOURCE, FLOOD = 3, 12


@dataclass(frozen=True, slots=True)
class Door:
    house: House
    passwords: HeldPasswords

    def tried(self, email: str, *, source: str, password: str = PASSWORD) -> asyncio.Task[str]:
        """The reason with which a sign-in is refused; empty if it is not."""
        request: Any = sign_in(email, password)
        request.source = source
        return asyncio.create_task(refused(self.house.identity.SignIn(request, metadata=GATEWAY)))

    def joined(self, email: str, *, source: str) -> asyncio.Task[str]:
        request: Any = sign_up(email)
        request.source = source
        return asyncio.create_task(refused(self.house.identity.SignUp(request, metadata=GATEWAY)))


@pytest.fixture
async def door(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    """With an account that was opened from HOME."""
    monkeypatch.setattr("chassis.places.PLACES_OF_SOURCE_MAX", PLACES_OF_SOURCE)
    with open_held() as passwords:
        async with opened_house(passwords=passwords) as house:
            opened = Door(house, passwords)
            assert await opened.joined("anna@example.com", source=HOME) == ""
            yield opened


async def sent_away(tries: list[asyncio.Task[str]]) -> list[str]:
    """Of those beyond the places, once there are so many: the others have theirs by then."""
    answers = asyncio.as_completed(tries)
    return [await next(answers) for _ in range(len(tries) - PLACES_OF_SOURCE)]


def flood(door: Door) -> list[asyncio.Task[str]]:
    return [
        door.tried(f"n{n}@example.com", source=ELSEWHERE, password="a lamp beside the lake")
        for n in range(FLOOD)
    ]


async def test_others_sign_in_while_one_source_floods(door: Door) -> None:
    with door.passwords.held():
        tries = flood(door)
        assert set(await sent_away(tries)) == {"TOO_MANY_PASSWORDS"}
        owner = door.tried("anna@example.com", source=HOME)
        await door.passwords.until_waiting(PLACES_OF_SOURCE + 1)
        assert set(await asyncio.gather(*flood(door))) == {"TOO_MANY_PASSWORDS"}

    assert await owner == ""
    assert Counter(await asyncio.gather(*tries))["WRONG_CREDENTIALS"] == PLACES_OF_SOURCE


async def test_who_is_sent_away_is_counted_nowhere(door: Door) -> None:
    records = door.house.records
    known = len(await records.select(KNOWN_SOURCES, Where(limit=100)))
    with door.passwords.held():
        tries = flood(door)
        await sent_away(tries)
    await asyncio.gather(*tries)

    assert len(await records.select(ATTEMPTS, Where(limit=100))) == PLACES_OF_SOURCE
    [guesses] = await records.select(WRONG_GUESSES, Where(limit=100))
    assert guesses.count == PLACES_OF_SOURCE
    assert len(await records.select(KNOWN_SOURCES, Where(limit=100))) == known


async def test_of_sign_ups_too_and_those_refused_leave_no_key(door: Door) -> None:
    with door.passwords.held():
        held = [door.tried(f"h{n}@example.com", source=ELSEWHERE) for n in range(FLOOD)]
        await sent_away(held)
        joining = [door.joined(f"n{n}@example.com", source=ELSEWHERE) for n in range(FLOOD)]
        assert set(await asyncio.gather(*joining)) == {"TOO_MANY_PASSWORDS"}
    await asyncio.gather(*held)

    assert len(await door.house.keys.select(CUSTOMER_KEYS, Where(limit=100))) == 1
    assert len(await door.house.records.select(CREDENTIALS, Where(limit=100))) == 1


async def test_who_gave_up_while_waiting_is_not_looked_at(door: Door) -> None:
    request: Any = sign_in("anna@example.com", "a lamp beside the lake")
    with door.passwords.held():
        before = door.tried("ben@example.com", source=ELSEWHERE)
        late = door.house.identity.SignIn(request, metadata=GATEWAY, timeout=0.2)
        assert await refused(late) == "DEADLINE_EXCEEDED"
    assert await before == "WRONG_CREDENTIALS"
    # Behind it in the queue: by its answer the one that gave up has had its turn.
    assert await door.tried("anna@example.com", source=HOME) == ""

    assert door.passwords.looks_count == 2
