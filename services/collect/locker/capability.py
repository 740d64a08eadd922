"""What opens a compartment, and what lets a cabinet in: derived from one secret, never kept.

Each value is an HMAC-SHA256 under the service's code key of a label and of what it is
for, so that a copy of the database opens nothing.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

from comptoir.collect.v1 import locker_service_pb2 as pb
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chassis.keys import SigningKey
from services.collect.locker.cabinet import Use

CODE_DIGITS = 8
SALT_BYTES = NONCE_BYTES = 16
# scrypt (RFC 7914): 16 MiB and some 50 ms a guess.
SCRYPT_N, SCRYPT_R, SCRYPT_P, SCRYPT_BYTES = 16_384, 8, 1, 32
SCRYPT_MEMORY_BYTES = 64 << 20
SCRYPTS_AT_ONCE = 2
VERIFIERS_KEPT_MAX = 10_000
CAPABILITY_LIFE = timedelta(hours=72)
# A cabinet's clock may be behind ours by so much and still open at once.
CLOCK_BEHIND = timedelta(minutes=5)
# None looks like another: 30 to the 12th power is 59 bits, too many to guess in a day.
ENROLMENT_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
ENROLMENT_LETTERS = 12


class Secrets:
    """Derives what opens, from `code_key`: 32 bytes that only this service has."""

    def __init__(self, code_key: bytes) -> None:
        self._code_key = code_key

    def digits(self, cabinet_id: str, use: Use) -> str:
        """The 8 digits that the customer of `use` types."""
        number = int.from_bytes(self._of_use("digits", cabinet_id, use))
        return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}}"

    def salt(self, cabinet_id: str, use: Use) -> bytes:
        return self._of_use("salt", cabinet_id, use)[:SALT_BYTES]

    def nonce(self, cabinet_id: str, use: Use) -> bytes:
        """The same in every capability of one use, so that only one of them opens."""
        return self._of_use("nonce", cabinet_id, use)[:NONCE_BYTES]

    def enrolment_code(self, cabinet_id: str, made_id: str) -> str:
        """12 letters and digits; a repeat of the request that made them gets the same."""
        number = int.from_bytes(self._derive("enrolment", cabinet_id, made_id))
        return "".join(
            ENROLMENT_ALPHABET[number // len(ENROLMENT_ALPHABET) ** place % len(ENROLMENT_ALPHABET)]
            for place in range(ENROLMENT_LETTERS)
        )

    def enrolment_hash(self, cabinet_id: str, code: str) -> bytes:
        """What is kept of a code. Case and blanks do not count: people type it."""
        return self._derive("enrolment hash", cabinet_id, "".join(code.split()).upper())

    def _of_use(self, label: str, cabinet_id: str, use: Use) -> bytes:
        return self._derive(
            label, cabinet_id, use.compartment_id, use.order_id, str(use.generation)
        )

    def _derive(self, *parts: str) -> bytes:
        # With their lengths, or parts that run into each other would be one.
        message = b"".join(len(p).to_bytes(4) + p for p in (part.encode() for part in parts))
        return hmac.digest(self._code_key, message, hashlib.sha256)


class Verifiers:
    """What a cabinet checks typed digits against. Slow by design, so off the event loop,
    two at once, and kept: a cabinet that comes back wants them all again."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._room = asyncio.Semaphore(SCRYPTS_AT_ONCE)
        self._kept: dict[tuple[str, str, int], bytes] = {}

    async def of(self, cabinet_id: str, use: Use) -> bytes:
        key = cabinet_id, use.compartment_id, use.generation
        if key not in self._kept:
            digits, salt = (
                self._secrets.digits(cabinet_id, use),
                self._secrets.salt(cabinet_id, use),
            )
            async with self._room:
                verifier = await asyncio.to_thread(verifier_of, digits, salt)
            if len(self._kept) >= VERIFIERS_KEPT_MAX:
                del self._kept[next(iter(self._kept))]  # The oldest, most likely collected.
            self._kept[key] = verifier
        return self._kept[key]


def verifier_of(digits: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        digits.encode(),
        salt=salt,
        n=SCRYPT_N,
        r=SCRYPT_R,
        p=SCRYPT_P,
        maxmem=SCRYPT_MEMORY_BYTES,
        dklen=SCRYPT_BYTES,
    )


def qr_text(
    secrets: Secrets, signing: Callable[[], SigningKey], *, cabinet_id: str, use: Use, now: datetime
) -> tuple[str, datetime]:
    """The capability of a READY use as its QR code holds it, and until when it opens."""
    assert use.not_before is not None and use.not_after is not None, "a READY use has times"
    not_before = max(use.not_before, now - CLOCK_BEHIND)
    not_after = min(use.not_after, not_before + CAPABILITY_LIFE)
    key = signing()
    capability = pb.Capability(
        cabinet_id=cabinet_id,
        compartment_id=use.compartment_id,
        order_id=use.order_id,
        generation=use.generation,
        nonce=secrets.nonce(cabinet_id, use),
        key_id=key.key_id,
    )
    capability.not_before_time.FromDatetime(not_before)
    capability.not_after_time.FromDatetime(not_after)
    content = capability.SerializeToString()
    signed = pb.SignedCapability(capability=content, signature=key.private.sign(content))
    return base64.urlsafe_b64encode(signed.SerializeToString()).decode(), not_after


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the Ed25519 signature is of `message` by this key. False for what is no key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
