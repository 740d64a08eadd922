"""Terminals and the codes that enrol them. Pure: no I/O, no clock, no protobuf."""

import hashlib
import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chassis.changes import Changed
from chassis.errors import AppError, Kind, Violation
from chassis.lockout import TooManyAttemptsError

CODE_LIFETIME = timedelta(minutes=15)
# Without 0 O, 1 I L, U V: they are read out and typed by hand. 49 bits in ten.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"
CODE_LENGTH = 10
LABEL_LENGTH_MAX = 100
LOCATION_ID = re.compile(r"[a-z0-9-]{1,64}")

# A guess of a code hits one of a thousand open ones with 2e-12. What is counted are
# wrong codes of the whole chain: a lock for each code or shop could be sprung by a
# stranger, and one that stopped right codes too would let them close every shop.
WRONG_CODES_MAX = 60
MINUTE = timedelta(minutes=1)


class InvalidTerminalError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_TERMINAL"


class UnknownLocationError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_LOCATION"


class UnknownTerminalError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_TERMINAL"


class WrongCodeError(AppError):
    kind, reason = Kind.UNAUTHENTICATED, "WRONG_CODE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """A device in a shop. `public_key` is its ECDSA P-256 point, uncompressed (SEC 1)."""

    terminal_id: str
    location_id: str
    label: str
    public_key: bytes
    revision: int = 1
    revoked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentCode:
    """A code as it is kept. `terminal_id` is what it was used for, empty until then."""

    code_hash: str
    location_id: str
    label: str
    expire_time: datetime
    terminal_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCodes:
    """How many wrong codes came through one caller in the minute from `begin_time` on."""

    caller: str
    begin_time: datetime
    count: int


def code_of(secret: bytes, code_id: str) -> str:
    """The code of this id: derived, so a repeat of its request gets it again and none is kept."""
    mac = hmac.digest(secret, b"enrolment code " + code_id.encode(), hashlib.sha256)
    number, letters = int.from_bytes(mac), ""
    for _ in range(CODE_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters += ALPHABET[place]
    return letters


def code_hash_of(secret: bytes, typed: str) -> str:
    """Of the code as typed: small letters, blanks and hyphens do not matter.

    Under a key, since a plain hash of 49 bits is turned round in hours.
    """
    code = re.sub(r"[\s-]", "", typed).upper()
    return hmac.digest(secret, b"enrolment code hash " + code.encode(), hashlib.sha256).hex()


def create_code(
    *, code_hash: str, location_id: str, label: str, now: datetime
) -> Changed[EnrolmentCode]:
    code = EnrolmentCode(
        code_hash=code_hash,
        location_id=location_id,
        label=label,
        expire_time=now + CODE_LIFETIME,
    )
    return Changed(answer=code, records=(code,))


def enrol(
    code: EnrolmentCode | None, *, terminal_id: str, public_key: bytes, now: datetime
) -> Changed[Terminal]:
    """A terminal where the code says, and the code is used up. Raises WrongCodeError."""
    if code is None or code.terminal_id or code.expire_time <= now:
        raise WrongCodeError("the code is wrong, used or too old: ask for a new one")
    terminal = Terminal(
        terminal_id=terminal_id,
        location_id=code.location_id,
        label=code.label,
        public_key=public_key,
    )
    return Changed(answer=terminal, records=(terminal, replace(code, terminal_id=terminal_id)))


def revoke(
    before: Terminal | None, *, terminal_id: str, within: Collection[str] | None
) -> Changed[Terminal]:
    """Good for nobody any more; nothing is written where it is so already.

    Raises UnknownTerminalError, also for one that stands elsewhere than `within`.
    """
    if before is None or (within is not None and before.location_id not in within):
        raise UnknownTerminalError("no such terminal", terminal_id=terminal_id)
    if before.revoked:
        return Changed(answer=before)
    after = replace(before, revoked=True, revision=before.revision + 1)
    return Changed(answer=after, records=(after,))


def count_wrong_code(before: WrongCodes | None, *, caller: str, now: datetime) -> Changed[bool]:
    """Raises TooManyAttemptsError when this minute's are used up."""
    if before is None or now - before.begin_time >= MINUTE:
        before = WrongCodes(caller=caller, begin_time=now, count=0)
    if before.count >= WRONG_CODES_MAX:
        raise TooManyAttemptsError(
            "too many wrong codes: wait before the next",
            retry_after_s=(before.begin_time + MINUTE - now).total_seconds(),
        )
    return Changed(answer=True, records=(replace(before, count=before.count + 1),))


def check_label(label: str) -> None:
    """Raises InvalidTerminalError."""
    if not 1 <= len(label) <= LABEL_LENGTH_MAX or not label.isprintable() or not label.strip():
        what = f"1 to {LABEL_LENGTH_MAX} printable characters"
        raise invalid_terminal(Violation("label", what))


def check_location_id(location_id: str) -> None:
    """Raises InvalidTerminalError."""
    if not LOCATION_ID.fullmatch(location_id):
        what = "the id of a location: 1 to 64 lower-case letters, digits and hyphens"
        raise invalid_terminal(Violation("location_id", what))


def invalid_terminal(violation: Violation) -> InvalidTerminalError:
    return InvalidTerminalError("the terminal cannot be taken", violations=(violation,))


def unknown_location(location_id: str) -> UnknownLocationError:
    """Also for one that is not the caller's: "not yours" and "not there" are one answer."""
    return UnknownLocationError(
        f"location {location_id} is not one of this caller's", location_id=location_id
    )
