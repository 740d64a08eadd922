"""Codes, keys and statements, without a store or a signature."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.collect.locker.cabinet import Cabinet
from services.collect.locker.enrolment import (
    PAST_JOURNALS_MAX_COUNT,
    SIGNED_WITHIN,
    TOKENS_MAX_COUNT,
    InvalidKeyError,
    Statements,
    TooManyTokensError,
    UnknownCabinetKeyError,
    WrongCodeError,
    check_key,
    code_made,
    enrolled,
    spent,
    statement,
)
from services.collect.locker.journal import attached
from tests.collect.locker.cabinets import NOW, PUBLIC_KEY, cabinet

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
NONCE = b"n" * 16


def coded() -> Cabinet:
    return code_made(cabinet(), code_hash=b"hash", now=NOW)


def let_in(before: Cabinet | None = None, **how: object) -> Cabinet:
    given = {"code_hash": b"hash", "public_key": PUBLIC_KEY, "now": NOW} | how
    return enrolled(before or coded(), **given)  # type: ignore[arg-type]


def test_the_code_lets_a_key_in() -> None:
    assert let_in().public_key == PUBLIC_KEY


def test_the_same_key_may_bring_its_code_again() -> None:
    once = let_in()

    assert let_in(once) is once


@pytest.mark.parametrize(
    ("before", "how"),
    [
        (cabinet(), {}),
        (coded(), {"code_hash": b"another"}),
        (coded(), {"now": NOW + DAY}),
        (let_in(), {"public_key": b"k" * 32}),
    ],
    ids=["no code was made", "wrong", "a day old", "spent on another key"],
)
def test_what_is_not_the_code_lets_nobody_in(before: Cabinet, how: dict[str, object]) -> None:
    with pytest.raises(WrongCodeError):
        let_in(before, **how)


def test_a_cabinet_that_does_not_exist_is_a_wrong_code() -> None:
    with pytest.raises(WrongCodeError):
        enrolled(None, code_hash=b"hash", public_key=PUBLIC_KEY, now=NOW)


def test_making_a_code_ends_the_key_and_the_stream_of_before() -> None:
    before = attached(let_in(), last_sequence=0, now=NOW)
    after = code_made(before, code_hash=b"new", now=NOW)

    assert (after.public_key, after.stream_epoch) == (None, before.stream_epoch + 1)


def test_a_key_that_is_kept_works_on_after_a_code_was_made() -> None:
    before = attached(let_in(), last_sequence=0, now=NOW)
    after = code_made(before, code_hash=b"new", now=NOW, keeps_key=True)

    assert (after.public_key, after.stream_epoch) == (PUBLIC_KEY, before.stream_epoch)


def test_a_key_that_was_kept_ends_with_its_stream_when_another_brings_the_code() -> None:
    before = code_made(let_in(), code_hash=b"hash", now=NOW, keeps_key=True)
    after = let_in(before, public_key=b"k" * 32)

    assert (after.public_key, after.stream_epoch) == (b"k" * 32, before.stream_epoch + 1)


def test_a_key_that_is_kept_may_bring_the_code_itself_and_spends_it() -> None:
    kept = code_made(let_in(), code_hash=b"hash", now=NOW, keeps_key=True)
    after = let_in(kept)

    assert (after.public_key, after.stream_epoch) == (PUBLIC_KEY, kept.stream_epoch)
    with pytest.raises(WrongCodeError):
        let_in(after, public_key=b"k" * 32)


def test_the_journal_of_the_same_key_goes_on_and_that_of_another_begins() -> None:
    before = code_made(replace(let_in(), journal_sequence=7), code_hash=b"hash", now=NOW)

    assert let_in(before).journal_sequence == 7
    assert let_in(before, public_key=b"k" * 32).journal_sequence == 0


def test_the_journal_of_a_key_that_comes_back_goes_on_though_another_wrote_meanwhile() -> None:
    first = code_made(replace(let_in(), journal_sequence=7), code_hash=b"hash", now=NOW)
    spare = replace(let_in(first, public_key=b"k" * 32), journal_sequence=2)
    back = let_in(code_made(spare, code_hash=b"hash", now=NOW))
    assert back.journal_sequence == 7

    again = let_in(code_made(back, code_hash=b"hash", now=NOW), public_key=b"k" * 32)
    assert again.journal_sequence == 2


def test_of_the_journals_of_keys_long_gone_not_all_are_kept() -> None:
    worn = let_in()
    for number in range(PAST_JOURNALS_MAX_COUNT + 2):
        coded_again = code_made(worn, code_hash=b"hash", now=NOW)
        worn = let_in(coded_again, public_key=bytes([number]) * 32)

    assert len(worn.past_journals) == PAST_JOURNALS_MAX_COUNT
    assert PUBLIC_KEY.hex() not in worn.past_journals


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(InvalidKeyError):
        check_key(bytes(length))


def test_a_statement_reads_as_the_contract_says() -> None:
    assert statement("c-paris", NOW, NONCE) == (
        b"comptoir-cabinet c-paris 1795262400 " + b"6e" * 16
    )


def spend(before: Statements | None, **how: object) -> Statements:
    given = {"cabinet_id": "c-paris", "nonce": NONCE, "sign_time": NOW, "now": NOW} | how
    return spent(before, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_a_clock_may_be_five_minutes_off(minutes: int) -> None:
    assert spend(None, sign_time=NOW + minutes * MINUTE).spent


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_clock_further_off_gets_no_token(minutes: int) -> None:
    with pytest.raises(UnknownCabinetKeyError):
        spend(None, sign_time=NOW + minutes * MINUTE)


def test_a_statement_of_a_clock_ahead_is_good_once_for_as_long_as_it_is_fresh() -> None:
    ahead = NOW + 5 * MINUTE
    once = spend(None, sign_time=ahead)

    with pytest.raises(UnknownCabinetKeyError):
        spend(once, sign_time=ahead, now=NOW + 10 * MINUTE - timedelta(milliseconds=1))


def test_a_nonce_of_another_length_gets_no_token() -> None:
    with pytest.raises(UnknownCabinetKeyError):
        spend(None, nonce=b"short")


def test_nonces_are_forgotten_when_their_age_refuses_them() -> None:
    later = NOW + 11 * MINUTE
    after = spend(spend(None), nonce=b"m" * 16, sign_time=later, now=later)

    assert [used.nonce for used in after.spent] == [b"m" * 16]


def test_statements_are_forgotten_when_none_of_their_nonces_could_be_good() -> None:
    later = NOW + 3 * MINUTE
    both = spend(spend(None), nonce=b"m" * 16, sign_time=later, now=later)

    assert both.until == later + 2 * SIGNED_WITHIN
    for each in (NONCE, b"m" * 16):
        with pytest.raises(UnknownCabinetKeyError):
            spend(None, nonce=each, sign_time=later, now=both.until)


def test_one_who_asks_for_tokens_without_end_is_told_when_to_come_back() -> None:
    many: Statements | None = None
    for number in range(TOKENS_MAX_COUNT):
        many = spend(many, nonce=number.to_bytes(16))

    with pytest.raises(TooManyTokensError) as caught:
        spend(many, now=NOW + MINUTE, sign_time=NOW + MINUTE)
    assert caught.value.retry_after_s == 540
