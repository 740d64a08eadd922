"""What opens: codes that derive, capabilities that are signed."""

import base64
import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from comptoir.collect.v1 import locker_service_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st

from chassis.keys import SigningKey
from services.collect.locker.cabinet import Use, UseState
from services.collect.locker.capability import Secrets, Verifiers, is_signed, qr_text
from services.collect.point.domain import Size
from tests.collect.locker.cabinets import CODE_KEY, KEY, LATER, NOW, PUBLIC_KEY, issuer

SECRETS = Secrets(CODE_KEY)
USE = Use(
    compartment_id="A1",
    size=Size.M,
    generation=3,
    revision=2,
    state=UseState.READY,
    order_id="o1",
    not_before=NOW,
    not_after=LATER,
)


def test_a_code_has_eight_digits_and_stays_the_same() -> None:
    code = SECRETS.digits("c-paris", USE)

    assert (len(code), code.isdecimal()) == (8, True)
    assert code == Secrets(CODE_KEY).digits("c-paris", USE)


@pytest.mark.parametrize(
    "other",
    [
        {"compartment_id": "A2"},
        {"order_id": "o2"},
        {"generation": 4},
    ],
)
def test_another_use_has_another_code_salt_and_nonce(other: dict[str, object]) -> None:
    use = replace(USE, **other)  # type: ignore[arg-type]

    assert all(
        derived("c-paris", use) != derived("c-paris", USE)
        for derived in (SECRETS.digits, SECRETS.salt, SECRETS.nonce)
    )


def test_another_house_has_another_code() -> None:
    assert SECRETS.digits("c-paris", USE) != Secrets(b"x" * 32).digits("c-paris", USE)


def test_names_that_run_into_each_other_are_told_apart() -> None:
    first = replace(USE, compartment_id="A", order_id="1o")
    second = replace(USE, compartment_id="A1", order_id="o")

    assert SECRETS.nonce("c", first) != SECRETS.nonce("c", second)


async def test_the_verifier_is_scrypt_of_the_digits_as_the_contract_says() -> None:
    digits, salt = SECRETS.digits("c-paris", USE).encode(), SECRETS.salt("c-paris", USE)
    expected = hashlib.scrypt(digits, salt=salt, n=16384, r=8, p=1, dklen=32, maxmem=1 << 26)

    assert await Verifiers(SECRETS).of("c-paris", USE) == expected


async def test_the_capability_is_signed_by_the_key_it_names() -> None:
    keyring = (await issuer()).keyring
    text, until = qr_text(SECRETS, keyring.signing, cabinet_id="c-paris", use=USE, now=NOW)
    signed = pb.SignedCapability.FromString(base64.urlsafe_b64decode(text))
    capability = pb.Capability.FromString(signed.capability)

    keys = await keyring.public_keys()
    assert is_signed(keys[capability.key_id], signed.capability, signed.signature)
    assert (capability.cabinet_id, capability.compartment_id) == ("c-paris", "A1")
    assert (capability.order_id, capability.generation) == ("o1", 3)
    assert until == LATER


@given(st.timedeltas(timedelta(0), timedelta(days=9)), st.timedeltas(timedelta(0), timedelta(9)))
def test_a_capability_opens_for_72_hours_at_most_and_never_beyond_its_use(
    since: timedelta, left: timedelta
) -> None:
    now = NOW + since
    use = replace(USE, not_after=now + left)
    text, until = qr_text(SECRETS, key_of_today, cabinet_id="c", use=use, now=now)
    signed = pb.SignedCapability.FromString(base64.urlsafe_b64decode(text))
    capability = pb.Capability.FromString(signed.capability)

    begin = capability.not_before_time.ToMilliseconds()
    end = capability.not_after_time.ToMilliseconds()
    assert NOW.timestamp() * 1000 <= begin <= now.timestamp() * 1000
    assert end - begin <= 72 * 3_600_000
    assert until <= now + left


def key_of_today() -> SigningKey:
    return SigningKey("collect-1", KEY)


def test_a_signature_is_of_one_message_by_one_key() -> None:
    signature = KEY.sign(b"entry")

    assert is_signed(PUBLIC_KEY, b"entry", signature)
    assert not is_signed(PUBLIC_KEY, b"Entry", signature)
    assert not is_signed(b"k" * 32, b"entry", signature)
    assert not is_signed(b"short", b"entry", signature)
    assert not is_signed(PUBLIC_KEY, b"entry", b"short")


def test_an_enrolment_code_is_the_same_for_a_repeat_and_has_no_look_alikes() -> None:
    code = SECRETS.enrolment_code("c-paris", "made")

    assert code == SECRETS.enrolment_code("c-paris", "made")
    assert len(code) == 12
    assert not set(code) & set("01ILOU")


def test_people_may_type_the_enrolment_code_as_they_like() -> None:
    code = SECRETS.enrolment_code("c-paris", "made")
    typed = f" {code[:4]} {code[4:8].lower()} {code[8:]}"

    assert SECRETS.enrolment_hash("c-paris", typed) == SECRETS.enrolment_hash("c-paris", code)
