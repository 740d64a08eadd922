"""Sessions and their refresh tokens: each good for one refresh. Pure; who signs in is not known.

A refresh token is an HMAC of its session and generation, so none is ever kept, and a
repeat of the request that made one makes the same again. The rule of rotation is that of
RFC 9700, 4.14: what is used twice was stolen by one of the two, so the session ends.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from chassis.changes import Event
from chassis.errors import AppError, Kind

# How long the answer to a refresh may get lost and be asked for again.
REPEAT_MAX = timedelta(seconds=30)
GENERATION_BYTES = 8
MAC_BYTES = 32
# What clocks may differ by, and more: no one takes for live what is not there any more.
FORGOTTEN_AFTER = timedelta(days=1)
TOKEN_BYTES = 16 + GENERATION_BYTES + MAC_BYTES


class SessionEndedError(AppError):
    kind, reason = Kind.UNAUTHENTICATED, "SESSION_ENDED"


class Lifetime(NamedTuple):
    """How long a session lives unless refreshed, and at most."""

    idle: timedelta
    whole: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a signed-in device holds. A record may keep it as it is or inside its own.

    Attributes:
        session_id: A UUID in its usual form.
        subject: Who signed in.
        generation: Of the one refresh token that is good now. It begins with the second of
            the opening, so that a session which is forgotten and opened again under its
            id, by a sign-in that is repeated after a year, honours no token of before.
        expire_time: When it ends unless refreshed before.
        end_time: When it ends at the latest.
        request_id: Of the refresh that made this generation; empty for the first.
        refresh_time: When that was, or when the session was opened.
    """

    session_id: str
    subject: str
    expire_time: datetime
    end_time: datetime
    refresh_time: datetime
    generation: int
    request_id: str = ""
    ended: bool = False
    revision: int = 1

    @property
    def forget_time(self) -> datetime:
        """When to the holder of its tokens it is the same, there or not."""
        return self.expire_time + FORGOTTEN_AFTER

    def is_live(self, now: datetime) -> bool:
        return not self.ended and now < self.expire_time

    def check_live(self, now: datetime) -> None:
        """Raises SessionEndedError."""
        if not self.is_live(now):
            raise session_ended()


class RefreshToken(NamedTuple):
    """What a genuine refresh token says."""

    session_id: str
    generation: int


def opened(session_id: str, *, subject: str, lifetime: Lifetime, now: datetime) -> Session:
    return Session(
        session_id=session_id,
        subject=subject,
        expire_time=now + min(lifetime),
        end_time=now + lifetime.whole,
        refresh_time=now,
        generation=int(now.timestamp()),
    )


def refreshed(
    session: Session, *, generation: int, request_id: str, lifetime: Lifetime, now: datetime
) -> Session:
    """The session after its refresh token of `generation` was used; unchanged by a repeat.

    A token used twice ends it: write what is returned, with its `revocations`, and only then
    `check_live`, or the thief goes on. Raises SessionEndedError for one that is over already.
    """
    session.check_live(now)
    if generation == session.generation:
        return rotated(session, request_id=request_id, lifetime=lifetime, now=now)
    return session if is_repeat(session, generation, request_id, now) else ended(session)


def ended(session: Session) -> Session:
    """Unchanged if it has ended before."""
    if session.ended:
        return session
    return replace(session, ended=True, revision=session.revision + 1)


def revocations(before: Session | None, after: Session) -> tuple[Event, ...]:
    """What verifiers must hear of a write, so that they refuse the access tokens there are."""
    if not after.ended or (before is not None and before.ended):
        return ()
    detail = {"session_id": after.session_id}
    return (Event("session_revoked", after.session_id, after.revision, detail),)


def rotated(session: Session, *, request_id: str, lifetime: Lifetime, now: datetime) -> Session:
    return replace(
        session,
        expire_time=min(now + lifetime.idle, session.end_time),
        refresh_time=now,
        generation=session.generation + 1,
        request_id=request_id,
        revision=session.revision + 1,
    )


def is_repeat(session: Session, generation: int, request_id: str, now: datetime) -> bool:
    """Whether it is the refresh that made the session's generation, come again."""
    return (
        generation == session.generation - 1
        and request_id == session.request_id
        and now - session.refresh_time <= REPEAT_MAX
    )


def refresh_token(key: bytes, session: Session) -> str:
    """The token that is good now, the same whenever it is asked for."""
    body = UUID(session.session_id).bytes + session.generation.to_bytes(GENERATION_BYTES)
    return base64.urlsafe_b64encode(body + mac(key, body)).rstrip(b"=").decode()


def parse(keys: Iterable[bytes], token: str) -> RefreshToken:
    """Raises SessionEndedError for what `refresh_token` did not make with one of the keys."""
    try:
        content = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise session_ended() from None
    body, given = content[:-MAC_BYTES], content[-MAC_BYTES:]
    ours = [hmac.compare_digest(given, mac(key, body)) for key in keys]
    if len(content) != TOKEN_BYTES or not any(ours):
        raise session_ended()
    return RefreshToken(str(UUID(bytes=body[:16])), int.from_bytes(body[16:]))


def mac(key: bytes, body: bytes) -> bytes:
    # Named, so that the same key file may derive other secrets too.
    return hmac.digest(key, b"refresh token " + body, hashlib.sha256)


def session_ended() -> SessionEndedError:
    """Always the same: what is wrong with a token would help whoever has stolen it."""
    return SessionEndedError("the session has ended: sign in again")
