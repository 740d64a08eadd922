"""Hashing and verifying what people remember."""

from collections.abc import Iterator

import pytest

from chassis.passwords import COST, Passwords, open_passwords


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
