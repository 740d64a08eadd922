"""What is shown at the panel, checked with keys and verifiers that the house made."""

import base64
from dataclasses import replace

import pytest
from comptoir.collect.v1 import locker_service_pb2 as pb

from chassis.keys import SigningKey
from clients.locker.codes import RefusedTextError, claim_from, matching
from clients.locker.memory import Compartment, Wanted
from clients.locker.wire import compartment_from_pb
from services.collect.locker.cabinet import Use, UseState
from services.collect.locker.capability import Secrets, Verifiers, qr_text
from services.collect.locker.wire import assignment_to_pb
from services.collect.point.domain import Size
from tests.collect.locker.cabinets import CODE_KEY, KEY, LATER, NOW, OTHER_KEY, PUBLIC_KEY

SECRETS = Secrets(CODE_KEY)
KEYS = {"collect-1": PUBLIC_KEY.hex()}
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


def shown() -> str:
    def signing() -> SigningKey:
        return SigningKey("collect-1", KEY)

    return qr_text(SECRETS, signing, cabinet_id="c-paris", use=USE, now=NOW)[0]


async def waiting(use: Use = USE) -> Compartment:
    told = await assignment_to_pb("c-paris", use, SECRETS, Verifiers(SECRETS))
    return compartment_from_pb(told.assignment)


def test_the_houses_qr_text_says_what_it_opens() -> None:
    claim = claim_from(shown(), KEYS)

    assert (claim.cabinet_id, claim.compartment_id, claim.order_id) == ("c-paris", "A1", "o1")
    assert (claim.generation, claim.nonce_hex) == (3, SECRETS.nonce("c-paris", USE).hex())
    assert claim.not_after_ms == LATER.timestamp() * 1000


def test_a_text_signed_by_an_unknown_key_says_nothing() -> None:
    with pytest.raises(RefusedTextError, match="UNKNOWN_KEY"):
        claim_from(shown(), {})


def test_a_text_that_another_has_signed_says_nothing() -> None:
    other = OTHER_KEY.public_key().public_bytes_raw().hex()

    with pytest.raises(RefusedTextError, match="WRONG_SIGNATURE"):
        claim_from(shown(), {"collect-1": other})


def test_a_text_that_was_changed_says_nothing() -> None:
    signed = pb.SignedCapability.FromString(base64.urlsafe_b64decode(shown()))
    changed = signed.capability.replace(b"A1", b"A2")
    text = base64.urlsafe_b64encode(
        pb.SignedCapability(capability=changed, signature=signed.signature).SerializeToString()
    ).decode()

    with pytest.raises(RefusedTextError, match="WRONG_SIGNATURE"):
        claim_from(text, KEYS)


@pytest.mark.parametrize("text", ["%%%", "AAAA", "ä", "a" * 10_000])
def test_what_is_no_capability_says_nothing(text: str) -> None:
    with pytest.raises(RefusedTextError, match="UNREADABLE"):
        claim_from(text, KEYS)


async def test_the_houses_digits_fit_their_compartment_alone() -> None:
    other = replace(USE, compartment_id="A2", generation=4, order_id="o2")
    compartments = [await waiting(), await waiting(other)]
    digits = SECRETS.digits("c-paris", USE)

    assert matching(digits, compartments) == [("A1", 3)]
    assert matching(f"{digits[:4]} {digits[4:]}", compartments) == [("A1", 3)]


async def test_digits_are_not_tried_where_nothing_waits_for_them() -> None:
    ready = await waiting()
    others = [replace(ready, opened=True), replace(ready, wanted=Wanted.REVOKED)]

    assert matching(SECRETS.digits("c-paris", USE), others) == []


async def test_a_state_of_tomorrow_is_shut() -> None:
    assert compartment_from_pb(pb.Assignment(state=99)).wanted is Wanted.REVOKED  # type: ignore[arg-type]
