"""Accounts: who may sign in, with which address and password, and for how long. Pure.

The rotation of refresh tokens is `chassis.sessions`, the delay after wrong passwords
`services.customer.guessing`.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis import sessions
from chassis.changes import Changed
from chassis.errors import AppError, Kind, Violation
from chassis.sessions import Lifetime, RefreshToken, Session
from services.customer.profile.domain import Profile, profile_changed

LIFETIME = Lifetime(idle=timedelta(days=30), whole=timedelta(days=180))
ADDRESS_LENGTH_MAX = 254  # RFC 5321: what fits into a path.
LOCAL_LENGTH_MAX = 64


class InvalidAddressError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_ADDRESS"


class AddressTakenError(AppError):
    kind, reason = Kind.ALREADY_EXISTS, "ADDRESS_TAKEN"


class WrongCredentialsError(AppError):
    kind, reason = Kind.UNAUTHENTICATED, "WRONG_CREDENTIALS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """How a customer signs in. One for an address, by the HMAC of it; free again once erased."""

    address_hash: str
    customer_id: str
    password_hash: str
    erased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An account and the session that was opened: ids and ciphertext alone."""

    profile: Profile
    session: Session


def normalised_address(email: str) -> str:
    """The one form of an address: trimmed, in lower case, the domain in ASCII (IDNA).

    Raises InvalidAddressError for what no mail could reach.
    """
    # First, since what follows takes longer the longer it is.
    if len(email) > ADDRESS_LENGTH_MAX:
        raise invalid_address()
    local, _, domain = unicodedata.normalize("NFC", email.strip()).lower().rpartition("@")
    name = ascii_domain(domain)
    if not (is_local_part(local) and name and len(local) + 1 + len(name) <= ADDRESS_LENGTH_MAX):
        raise invalid_address()
    return f"{local}@{name}"


def guessed_address(email: str) -> str:
    """As `normalised_address`; what is no address stands for itself, and is nobody's."""
    try:
        return normalised_address(email)
    except InvalidAddressError:
        return email.strip().lower()


def address_hash(key: bytes, address: str) -> str:
    """Under which an address is found. `key` is kept outside the database."""
    return hmac.digest(key, b"address " + address.encode(), hashlib.sha256).hex()


def is_local_part(text: str) -> bool:
    """Dot-atoms (RFC 5321), letters of any script (RFC 6531). Quoted ones are nobody's."""
    odd = any(c in '@"(),:;<>[\\]' or c.isspace() or not c.isprintable() for c in text)
    return 1 <= len(text) <= LOCAL_LENGTH_MAX and not odd and all(text.split("."))


def ascii_domain(text: str) -> str:
    """Empty for what is no name with a dot in it."""
    try:
        name = text.encode("idna").decode()
    except UnicodeError:
        return ""
    labels = name.split(".")
    return name if len(labels) > 1 and all(is_label(label) for label in labels) else ""


def is_label(text: str) -> bool:
    plain = text.replace("-", "")
    return plain.isascii() and plain.isalnum() and text[0] != "-" != text[-1]


def check_free(credentials: Credentials | None, *, customer_id: str) -> None:
    """Raises AddressTakenError if the address is another customer's."""
    if credentials is not None and credentials.customer_id != customer_id:
        raise address_taken()


def signed_up(
    before: Credentials | None,
    *,
    credentials: Credentials,
    profile: Profile,
    session_id: str,
    now: datetime,
) -> Changed[Opened]:
    """Open an account and its first session. Raises AddressTakenError."""
    if before is not None:
        raise address_taken()
    session = new_session(session_id, customer_id=profile.customer_id, now=now)
    return Changed(
        answer=Opened(profile=profile, session=session),
        records=(credentials, profile, session),
        events=(profile_changed(profile),),
    )


def signed_in(
    found: Credentials | None,
    *,
    credentials: Credentials,
    profile: Profile,
    before: Session | None,
    session_id: str,
    now: datetime,
) -> Changed[Opened]:
    """Open a session for whoever gave the right password of `credentials`.

    Raises WrongCredentialsError if they are no longer those `found`, SessionEndedError if
    there was such a session `before`: the request is older than kept answers are.
    """
    if found != credentials:
        raise wrong_credentials()
    if before is not None:
        raise sessions.session_ended()
    session = new_session(session_id, customer_id=credentials.customer_id, now=now)
    return Changed(answer=Opened(profile=profile, session=session), records=(session,))


def new_session(session_id: str, *, customer_id: str, now: datetime) -> Session:
    return sessions.opened(session_id, subject=customer_id, lifetime=LIFETIME, now=now)


def refreshed(
    session: Session | None, token: RefreshToken, *, request_id: str, now: datetime
) -> Changed[Session]:
    """The session after its token was used, which may have ended it: check before answering.

    Raises SessionEndedError if it was over already.
    """
    if session is None:
        raise sessions.session_ended()
    after = sessions.refreshed(
        session, generation=token.generation, request_id=request_id, lifetime=LIFETIME, now=now
    )
    records = () if after is session else (after,)
    return Changed(answer=after, records=records, events=sessions.revocations(session, after))


def signed_out(found: Iterable[Session], *, customer_id: str) -> Changed[bool]:
    """End those of `found` that are the customer's."""
    live = [s for s in found if s.subject == customer_id and not s.ended]
    after = [(s, sessions.ended(s)) for s in live]
    return Changed(
        answer=True,
        records=tuple(ended for _, ended in after),
        events=tuple(event for pair in after for event in sessions.revocations(*pair)),
    )


def invalid_address() -> InvalidAddressError:
    advice = f"an e-mail address such as anna@example.com, at most {ADDRESS_LENGTH_MAX} characters"
    return InvalidAddressError("email is not an address", violations=(Violation("email", advice),))


def address_taken() -> AddressTakenError:
    return AddressTakenError("the address has an account: sign in instead")


def wrong_credentials() -> WrongCredentialsError:
    """Always the same: whether an address has an account is nobody's business."""
    return WrongCredentialsError("no account has this address and password")
