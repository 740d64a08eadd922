"""Codes at the counter: 8 digits that turn over, and a statement that can be checked offline."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from services.collect.locker.capability import is_signed
from services.collect.order import codes
from services.collect.order.codes import WINDOW

NOW = datetime(2026, 11, 23, 12, 1, tzinfo=UTC)
KEY = b"k" * 32
SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = SIGNER.public_key().public_bytes_raw()


def opens(code: str, *, order_id: str = "o1", now: datetime = NOW, key: bytes = KEY) -> bool:
    return codes.opens(
        code,
        order_id=order_id,
        now=now,
        key=key,
        verify=lambda message, signature: is_signed(PUBLIC, message, signature),
    )


def digits(now: datetime = NOW) -> str:
    return codes.digits(KEY, "o1", codes.window_of(now))


def qr(now: datetime = NOW) -> str:
    return codes.qr_text(SIGNER.sign, "o1", codes.window_of(now))


@pytest.mark.parametrize("code", [digits(), qr()])
class TestBothForms:
    def test_open_while_they_are_shown(self, code: str) -> None:
        assert opens(code)

    def test_open_for_one_window_more(self, code: str) -> None:
        assert opens(code, now=NOW + WINDOW)

    def test_do_not_open_after_that(self, code: str) -> None:
        assert not opens(code, now=NOW + 2 * WINDOW)

    def test_do_not_open_before_their_time(self, code: str) -> None:
        assert not opens(code, now=NOW - WINDOW)

    def test_open_no_other_order(self, code: str) -> None:
        assert not opens(code, order_id="o2")


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_what_was_not_given_out_does_not_open(text: str) -> None:
    assert opens(text) is ("".join(text.split()) == digits())


def test_digits_may_be_typed_with_blanks() -> None:
    assert opens(f" {digits()[:4]} {digits()[4:]} ")


def test_digits_under_another_key_do_not_open() -> None:
    assert not opens(digits(), key=b"x" * 32)


@pytest.mark.parametrize(
    "spoilt",
    [
        qr()[:-4],
        qr()[:-2] + "!!",
        qr().rpartition(" ")[0],
        qr().replace("o1", "o2"),
        qr().rpartition(" ")[0] + " " + qr(NOW - 9 * WINDOW).rpartition(" ")[2],
    ],
)
def test_a_statement_that_was_altered_does_not_open(spoilt: str) -> None:
    assert not opens(spoilt)


def test_a_code_gives_way_to_the_next_at_the_end_of_its_window() -> None:
    until = codes.valid_until(NOW)
    assert NOW < until <= NOW + WINDOW
    assert digits(until - timedelta(milliseconds=1)) == digits() != digits(until)


@given(st.uuids().map(str), st.integers(0, 2**40))
def test_there_are_always_eight_digits(order_id: str, window: int) -> None:
    code = codes.digits(KEY, order_id, window)
    assert len(code) == 8 and code.isascii() and code.isdecimal()
