"""Hashing and verifying what people remember."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from chassis.deadline import until
from chassis.passwords import COST, Passwords, PasswordTimeoutError, open_passwords
from chassis.places import TooManyPasswordsError
from tests import waiting
from tests.held_passwords import open_held


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    with open_passwords(b"pepper") as opened:
        yield opened


async def test_the_right_password_is_right(passwords: Passwords) -> None:
    assert await passwords.verify("correct horse", await passwords.hash("correct horse"))


async def test_another_one_is_wrong(passwords: Passwords) -> None:
    assert not await passwords.verify("correct mule", await passwords.hash("correct horse"))


@pytest.mark.parametrize("kept", [None, ""])
@pytest.mark.parametrize("password", ["", "nobody", "correct horse"])
async def test_nothing_is_right_where_no_hash_is_kept(password: str, kept: str | None) -> None:
    with open_passwords() as unpeppered:
        assert not await unpeppered.verify(password, kept)


async def test_two_hashes_of_one_password_differ(passwords: Passwords) -> None:
    assert await passwords.hash("correct horse") != await passwords.hash("correct horse")


async def test_a_hash_is_worth_nothing_without_its_pepper(passwords: Passwords) -> None:
    kept = await passwords.hash("123456")

    with open_passwords(b"another") as others:
        assert not await others.verify("123456", kept)


async def test_the_hash_names_argon2id_and_its_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.passwords.COST", COST)  # What it is outside of tests.
    with open_passwords() as passwords:
        kept = await passwords.hash("correct horse")

    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_what_waited_beyond_its_callers_time_is_not_looked_at() -> None:
    with open_held() as passwords:
        kept = await passwords.hash("correct horse")
        ends_s = time.monotonic() + 0.05
        with passwords.held():
            before = asyncio.create_task(passwords.verify("correct mule", kept))
            with until(ends_s):
                late = asyncio.create_task(passwords.verify("correct horse", kept))

            async def is_over() -> bool:
                return time.monotonic() >= ends_s

            await waiting.until(is_over)
        assert not await before
        with pytest.raises(PasswordTimeoutError):
            await late

    assert passwords.looks_count == 1


async def test_who_leaves_while_waiting_is_not_looked_at() -> None:
    with open_held() as passwords:
        kept = await passwords.hash("correct horse")
        with passwords.held():
            before = asyncio.create_task(passwords.verify("correct mule", kept))
            gone = asyncio.create_task(passwords.verify("correct horse", kept))
            await asyncio.sleep(0)
            gone.cancel()
            with pytest.raises(asyncio.CancelledError):
                await gone
        assert not await before

    assert passwords.looks_count == 1


async def test_who_hangs_up_keeps_the_place_until_all_that_was_begun_is_done(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.places.PLACES_OF_SOURCE_MAX", 1)
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        begun.set()
        await may_end.wait()

    async def nothing() -> str:
        return "done"

    gone = asyncio.create_task(passwords.in_place("source", write))
    await begun.wait()
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    with pytest.raises(TooManyPasswordsError):
        await passwords.in_place("source", nothing)
    assert await passwords.in_place("another", nothing) == "done"

    may_end.set()

    async def is_free() -> bool:
        try:
            return await passwords.in_place("source", nothing) == "done"
        except TooManyPasswordsError:
            return False

    await waiting.until(is_free)
