"""How a cabinet gets in: a code lets one key in, and the key's statements get tokens. Pure.

Whether a signature is good is checked elsewhere; here is who may bring one, and when.
"""

import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chassis.errors import AppError, Kind, Violation
from chassis.records import AT_ONCE
from services.collect.locker.cabinet import Cabinet, Enrolment
from services.collect.locker.domain import changed

CODE_LIFE = timedelta(hours=24)
KEY_BYTES = 32
NONCE_BYTES = 16
SIGNED_WITHIN = timedelta(minutes=5)
# A statement of a clock five minutes ahead is good for ten.
NONCE_KEPT = 2 * SIGNED_WITHIN
TOKENS_MAX_COUNT = 64
# A cabinet that had so many keys since has worn out by the time its first one comes back.
PAST_JOURNALS_MAX_COUNT = 16


class WrongCodeError(AppError):
    kind, reason = Kind.UNAUTHENTICATED, "WRONG_CODE"


class InvalidKeyError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_KEY"


class UnknownCabinetKeyError(AppError):
    kind, reason = Kind.UNAUTHENTICATED, "UNKNOWN_CABINET_KEY"


class TooManyTokensError(AppError):
    kind, reason = Kind.RESOURCE_EXHAUSTED, "TOO_MANY_TOKENS"


@dataclass(frozen=True, slots=True)
class SpentNonce:
    nonce: bytes
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """The nonces a cabinet has signed of late: none of them gets a token again."""

    cabinet_id: str
    spent: tuple[SpentNonce, ...] = ()

    @property
    def until(self) -> datetime:
        """When none of them is good any more, spent or not."""
        return max((nonce.until for nonce in self.spent), default=AT_ONCE)


def code_made(
    cabinet: Cabinet, *, code_hash: bytes, now: datetime, keeps_key: bool = False
) -> Cabinet:
    """Waiting for the key that brings the code; until then without a key, or with the one before.

    A key that is not kept stops working, and its stream ends.
    """
    enrolment = Enrolment(code_hash=code_hash, expire_time=now + CODE_LIFE)
    before = cabinet if keeps_key else without_key(cabinet)
    return changed(replace(before, enrolment=enrolment))


def without_key(cabinet: Cabinet) -> Cabinet:
    """Nobody's: whoever had the key finds the stream ended, and what it was to do taken back."""
    return replace(cabinet, public_key=None, stream_epoch=cabinet.stream_epoch + 1, commands=())


def enrolled(
    cabinet: Cabinet | None, *, code_hash: bytes, public_key: bytes, now: datetime
) -> Cabinet:
    """With the key that brought the code; the same key may bring it again. Raises WrongCodeError.

    The journal of a key that wrote one before goes on, that of a new one begins.
    """
    # An unknown cabinet, a wrong code and an old one are one answer: anybody may ask.
    if cabinet is None or (code := cabinet.enrolment) is None:
        raise wrong_code()
    known = hmac.compare_digest(code.code_hash, code_hash) and now < code.expire_time
    if not known or code.public_key not in (b"", public_key):
        raise wrong_code()
    if code.public_key == public_key:
        return cabinet
    journals = journals_of(cabinet)
    before = cabinet if cabinet.public_key in (None, public_key) else without_key(cabinet)
    return changed(
        replace(
            before,
            public_key=public_key,
            journal_key=public_key,
            journal_sequence=journals.pop(public_key.hex(), 0),
            past_journals=journals,
            enrolment=replace(code, public_key=public_key),
        )
    )


def journals_of(cabinet: Cabinet) -> dict[str, int]:
    """How far the journal of each of its keys goes, those of the longest ago left out."""
    journals = dict(cabinet.past_journals)
    if cabinet.journal_key:
        journals[cabinet.journal_key.hex()] = cabinet.journal_sequence
    return dict(list(journals.items())[-PAST_JOURNALS_MAX_COUNT:])


def check_key(public_key: bytes) -> None:
    """Raises InvalidKeyError."""
    if len(public_key) != KEY_BYTES:
        raise InvalidKeyError(
            f"an Ed25519 public key has {KEY_BYTES} bytes, not {len(public_key)}",
            violations=(Violation("public_key", f"the {KEY_BYTES} raw bytes (RFC 8032)"),),
        )


def statement(cabinet_id: str, sign_time: datetime, nonce: bytes) -> bytes:
    """What a cabinet signs to get a token."""
    return f"comptoir-cabinet {cabinet_id} {int(sign_time.timestamp())} {nonce.hex()}".encode()


def spent(
    before: Statements | None, *, cabinet_id: str, nonce: bytes, sign_time: datetime, now: datetime
) -> Statements:
    """With a statement whose signature is good taken, once.

    Raises UnknownCabinetKeyError for one that is old or repeated, TooManyTokensError.
    """
    statements = before or Statements(cabinet_id=cabinet_id)
    live = tuple(used for used in statements.spent if now < used.until)
    fresh = abs(now - sign_time) <= SIGNED_WITHIN and len(nonce) == NONCE_BYTES
    if not fresh or any(used.nonce == nonce for used in live):
        raise unknown_key()
    if len(live) >= TOKENS_MAX_COUNT:
        raise TooManyTokensError(
            f"{TOKENS_MAX_COUNT} tokens in {NONCE_KEPT} are enough: use the one you have",
            retry_after_s=(live[0].until - now).total_seconds(),
        )
    return replace(statements, spent=(*live, SpentNonce(nonce, now + NONCE_KEPT)))


def wrong_code() -> WrongCodeError:
    return WrongCodeError("the code is wrong, spent or older than a day: have a new one made")


def unknown_key() -> UnknownCabinetKeyError:
    return UnknownCabinetKeyError("a fresh statement signed by the cabinet's own key is required")
