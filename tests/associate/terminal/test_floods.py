"""PINs by the hundred: other terminals sign in meanwhile, and those refused left no trace."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator

import pytest
from comptoir.associate.v1 import terminal_service_pb2 as pb

from chassis.memory_records import MemoryRecords
from chassis.records import Where
from services.associate.main import KINDS
from services.associate.terminal.store import ATTEMPTS
from tests.associate.house import Clock, Device, House, listed, opened, reason
from tests.held_passwords import HeldPasswords, open_held

PLACES_OF_TERMINAL, FLOOD = 3, 12


@pytest.fixture
def passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldPasswords]:
    monkeypatch.setattr("chassis.places.PLACES_OF_SOURCE_MAX", PLACES_OF_TERMINAL)
    with open_held(b"pepper") as made:
        yield made


@pytest.fixture
async def house(passwords: HeldPasswords) -> AsyncIterator[House]:
    clock = Clock()
    async with opened(MemoryRecords(KINDS, clock=clock), passwords, clock) as made:
        await made.take_in(listed())
        yield made


async def guesses(house: House, *devices: Device) -> list[pb.SignInRequest]:
    """A wrong PIN at many badges."""
    return [
        await house.sign_in_request(device, badge=f"B-{number}", pin="000000")
        for number, device in enumerate(devices)
    ]


def sent(house: House, requests: list[pb.SignInRequest]) -> list[asyncio.Task[str]]:
    return [asyncio.create_task(reason(house.send(request))) for request in requests]


async def sent_away(tries: list[asyncio.Task[str]]) -> list[str]:
    """Of those beyond the places, once there are so many: the others have theirs by then."""
    answers = asyncio.as_completed(tries)
    return [await next(answers) for _ in range(len(tries) - PLACES_OF_TERMINAL)]


async def test_a_terminal_signs_in_while_another_and_strangers_flood(
    house: House, device: Device, passwords: HeldPasswords
) -> None:
    """Strangers share the places of one terminal, whatever they name."""
    strangers = [Device(device.terminal_id if n % 2 else f"made up {n}") for n in range(FLOOD)]
    other = [await house.device()] * FLOOD
    floods = [await guesses(house, *devices) for devices in (strangers, other)]
    request = await house.sign_in_request(device)
    with passwords.held():
        tries = [sent(house, flood) for flood in floods]
        for each in tries:
            assert set(await sent_away(each)) == {"TOO_MANY_PASSWORDS"}
        member = asyncio.create_task(house.send(request))
        await passwords.until_waiting(len(floods) * PLACES_OF_TERMINAL + 1)

    assert (await member).member.badge == "B-1001"
    for each in tries:
        assert Counter(await asyncio.gather(*each))["WRONG_CREDENTIALS"] == PLACES_OF_TERMINAL


async def test_a_pin_that_was_sent_away_is_no_guess_and_may_come_again(
    house: House, device: Device, passwords: HeldPasswords
) -> None:
    flood = await guesses(house, *[device] * FLOOD)
    late = await house.sign_in_request(device)
    with passwords.held():
        tries = sent(house, flood)
        await sent_away(tries)
        assert await reason(house.send(late)) == "TOO_MANY_PASSWORDS"
    await asyncio.gather(*tries)

    assert len(await house.records.select(ATTEMPTS, Where(limit=100))) == PLACES_OF_TERMINAL
    assert (await house.send(late)).member.badge == "B-1001"
