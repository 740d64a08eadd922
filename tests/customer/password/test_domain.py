"""Which passwords are good enough."""

import pytest

from services.customer.password.domain import (
    COMMON,
    LENGTH_MAX,
    LENGTH_MIN,
    WeakPasswordError,
    checked,
    guessed,
    letters_and_digits,
)

WORDS = ["anna@example.com", "anna", "Anna", "Martin-Dupont", "AnnaMartin-Dupont"]


@pytest.mark.parametrize(
    "password",
    ["short", "x" * (LENGTH_MIN - 1), "a lamp beside the sea " * 20],
)
def test_a_password_is_neither_too_short_nor_too_long(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        checked(password, words=WORDS)


@pytest.mark.parametrize(
    "password", ["motdepasse123", "Password123!", "azerty 12345", "1234567890"]
)
def test_what_everyone_tries_first_is_refused_however_it_is_dressed(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        checked(password, words=WORDS)


@pytest.mark.parametrize("password", ["Anna@Example.com", "martin dupont", "annamartindupont"])
def test_ones_own_address_or_name_is_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        checked(password, words=WORDS)


@pytest.mark.parametrize(
    "password", ["a lamp beside the sea", "éléphantesque!", "🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑"]
)
def test_any_characters_will_do(password: str) -> None:
    assert checked(password, words=WORDS) == password


def test_keyboards_that_compose_accents_otherwise_give_the_same_password() -> None:
    assert checked("e\N{COMBINING ACUTE ACCENT}te\N{COMBINING ACUTE ACCENT} a Lyon", words=()) == (
        guessed("\N{LATIN SMALL LETTER E WITH ACUTE}t\N{LATIN SMALL LETTER E WITH ACUTE} a Lyon")
    )


def test_one_too_long_is_nobodys() -> None:
    assert guessed("x" * (LENGTH_MAX + 1)) == ""


def test_each_common_password_would_be_long_enough_and_is_found_as_it_stands() -> None:
    assert all(len(word) >= LENGTH_MIN and letters_and_digits(word) == word for word in COMMON)
    assert len(COMMON) >= 200
