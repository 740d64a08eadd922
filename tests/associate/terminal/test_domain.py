"""The rules of codes, challenges and device keys, without a store, a server or a clock."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.lockout import TooManyAttemptsError
from services.associate.terminal import domain
from services.associate.terminal.challenge import (
    CHALLENGE_BYTES,
    LEEWAY,
    LIFETIME,
    NONCE_BYTES,
    NOTED_FOR,
    USES_MAX,
    ChallengeUses,
    Use,
    challenge_for,
    is_good,
)
from services.associate.terminal.device_keys import NOBODYS_KEY, check_public_key, is_signed
from services.associate.terminal.domain import (
    ALPHABET,
    CODE_LENGTH,
    WRONG_CODES_MAX,
    InvalidTerminalError,
    WrongCodes,
    code_of,
    count_wrong_code,
)
from tests.associate.house import NOON, SECRET, Device

MS, SECOND = timedelta(milliseconds=1), timedelta(seconds=1)
NONCE = bytes(NONCE_BYTES)


@given(st.uuids())
def test_a_code_is_ten_letters_and_digits_without_look_alikes(code_id: object) -> None:
    code = code_of(SECRET, str(code_id))

    assert len(code) == CODE_LENGTH
    assert set(code) <= set(ALPHABET)
    assert set(code).isdisjoint("01OILUV")


@given(st.sets(st.uuids(), min_size=2, max_size=20))
def test_each_code_is_another(code_ids: set[object]) -> None:
    assert len({code_of(SECRET, str(code_id)) for code_id in code_ids}) == len(code_ids)


def test_a_full_minute_says_how_long_to_wait() -> None:
    full = WrongCodes(caller="gateway", begin_time=NOON, count=WRONG_CODES_MAX)

    with pytest.raises(TooManyAttemptsError) as raised:
        count_wrong_code(full, caller="gateway", now=NOON + 45 * SECOND)
    assert raised.value.retry_after_s == 15


@pytest.mark.parametrize("label", ["", " ", "a\nb", "x" * 101])
def test_a_label_is_readable(label: str) -> None:
    with pytest.raises(InvalidTerminalError):
        domain.check_label(label)


@pytest.mark.parametrize("age", [-LEEWAY, timedelta(0), LIFETIME])
def test_a_challenge_is_good_within_its_minute_on_every_replica(age: timedelta) -> None:
    challenge = challenge_for(SECRET, "t", nonce=NONCE, now=NOON)

    assert len(challenge) == CHALLENGE_BYTES
    assert is_good(SECRET, "t", challenge, now=NOON + age)


@pytest.mark.parametrize("age", [-LEEWAY - MS, LIFETIME + MS])
def test_a_challenge_is_not_good_beyond_it(age: timedelta) -> None:
    challenge = challenge_for(SECRET, "t", nonce=NONCE, now=NOON)

    assert not is_good(SECRET, "t", challenge, now=NOON + age)


def test_a_challenge_of_another_terminal_or_key_is_not_good() -> None:
    challenge = challenge_for(SECRET, "t", nonce=NONCE, now=NOON)

    assert not is_good(SECRET, "u", challenge, now=NOON)
    assert not is_good(b"another", "t", challenge, now=NOON)


@given(st.binary(max_size=40))
def test_what_we_did_not_make_is_no_challenge(challenge: bytes) -> None:
    assert not is_good(SECRET, "t", challenge, now=NOON)


@given(st.integers(0, CHALLENGE_BYTES * 8 - 1))
def test_a_challenge_with_one_bit_changed_is_not_good(bit: int) -> None:
    challenge = bytearray(challenge_for(SECRET, "t", nonce=NONCE, now=NOON))
    challenge[bit // 8] ^= 1 << bit % 8

    assert not is_good(SECRET, "t", bytes(challenge), now=NOON)


def use(number: int, seconds: float = 0) -> Use:
    time = NOON + seconds * SECOND
    return Use(challenge=bytes([number]), request_id=str(number), body_hash=b"", time=time)


def test_uses_of_challenges_are_forgotten_when_none_can_come_again() -> None:
    uses = ChallengeUses(terminal_id="t").noted(use(1))

    assert uses.noted(use(2, NOTED_FOR.total_seconds())).find(bytes([1])) is None


def test_a_challenge_is_noted_as_long_as_any_replica_finds_it_good() -> None:
    assert NOTED_FOR >= LIFETIME + 2 * LEEWAY


def test_a_terminal_signs_in_so_often_a_minute_at_most() -> None:
    uses = ChallengeUses(terminal_id="t")
    for number in range(USES_MAX):
        uses = uses.noted(use(number))

    with pytest.raises(TooManyAttemptsError) as raised:
        uses.noted(use(USES_MAX, 15))
    assert raised.value.retry_after_s == NOTED_FOR.total_seconds() - 15


@given(st.binary(max_size=100))
@settings(max_examples=20, deadline=None)
def test_what_a_device_signs_is_signed(message: bytes) -> None:
    device = Device()

    assert is_signed(device.public_key, message, device.sign(message))
    assert not is_signed(device.public_key, message + b"!", device.sign(message))
    assert not is_signed(None, message, device.sign(message))


def test_where_there_is_no_terminal_even_nobodys_own_signature_is_none() -> None:
    nobody = Device(key=ec.derive_private_key(1, ec.SECP256R1()))
    assert nobody.public_key == NOBODYS_KEY

    assert not is_signed(None, b"challenge", nobody.sign(b"challenge"))


@given(st.binary(min_size=64, max_size=64))
@settings(deadline=None)
def test_no_other_bytes_are_a_signature(signature: bytes) -> None:
    assert not is_signed(Device().public_key, b"challenge", signature)


@pytest.mark.parametrize(
    "public_key",
    [
        b"",
        bytes(65),
        b"\x04" + bytes(64),
        b"\x02" + Device().public_key[1:33],
        b"\x06" + Device().public_key[1:],
        Device().public_key + b"\x00",
    ],
    ids=["empty", "zero", "off the curve", "compressed", "hybrid", "long"],
)
def test_only_an_uncompressed_point_of_the_curve_is_a_key(public_key: bytes) -> None:
    with pytest.raises(InvalidTerminalError):
        check_public_key(public_key)


def test_a_devices_point_is_a_key() -> None:
    check_public_key(Device().public_key)
