"""Reads what is shown at the panel: signed QR texts and typed digits. Decides nothing."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping

from comptoir.collect.v1 import locker_service_pb2 as pb
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from google.protobuf.message import DecodeError

from clients.locker.memory import Compartment, Wanted
from clients.locker.rules import Claim

# What the protocol says of `Assignment.code_verifier`.
SCRYPT_N, SCRYPT_R, SCRYPT_P, SCRYPT_BYTES = 16_384, 8, 1, 32
SCRYPT_MEMORY_BYTES = 64 << 20
DIGITS_MAX = 32
TEXT_MAX = 4_096


class RefusedTextError(Exception):
    """Why a QR text says nothing: its reason, UPPER_SNAKE."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def claim_from(text: str, keys: Mapping[str, str]) -> Claim:
    """What a capability says, signed by one of `keys` (hex, by id). Raises RefusedTextError."""
    signed, capability = capability_from(text)
    if capability.key_id not in keys:
        raise RefusedTextError("UNKNOWN_KEY")
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(keys[capability.key_id]))
    try:
        key.verify(signed.signature, signed.capability)
    except InvalidSignature:
        raise RefusedTextError("WRONG_SIGNATURE") from None
    return Claim(
        cabinet_id=capability.cabinet_id,
        compartment_id=capability.compartment_id,
        order_id=capability.order_id,
        generation=capability.generation,
        not_before_ms=capability.not_before_time.ToMilliseconds(),
        not_after_ms=capability.not_after_time.ToMilliseconds(),
        nonce_hex=capability.nonce.hex(),
    )


def capability_from(text: str) -> tuple[pb.SignedCapability, pb.Capability]:
    try:
        content = base64.b64decode(text.strip()[:TEXT_MAX], altchars=b"-_", validate=True)
        signed = pb.SignedCapability.FromString(content)
        return signed, pb.Capability.FromString(signed.capability)
    except (ValueError, DecodeError):
        raise RefusedTextError("UNREADABLE") from None


def matching(code: str, compartments: Iterable[Compartment]) -> list[tuple[str, int]]:
    """The uses that wait for these digits, by compartment and generation. Slow, by design."""
    digits = "".join(code.split())[:DIGITS_MAX]
    waiting = [c for c in compartments if c.wanted is Wanted.READY and not c.opened]
    return [
        (compartment.compartment_id, compartment.generation)
        for compartment in waiting
        if is_code_of(compartment, digits)
    ]


def is_code_of(compartment: Compartment, digits: str) -> bool:
    derived = hashlib.scrypt(
        digits.encode(),
        salt=bytes.fromhex(compartment.salt_hex),
        n=SCRYPT_N,
        r=SCRYPT_R,
        p=SCRYPT_P,
        maxmem=SCRYPT_MEMORY_BYTES,
        dklen=SCRYPT_BYTES,
    )
    return hmac.compare_digest(derived, bytes.fromhex(compartment.verifier_hex))
