"""What a terminal signs to prove itself: made without keeping anything, good for one sign-in.

Anybody can ask for challenges, for terminals that are none too. They are checked by a MAC,
not looked up, so strangers fill no database; only those a terminal has signed are noted.
Pure: no I/O, no clock.
"""

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from chassis.lockout import TooManyAttemptsError

LIFETIME = timedelta(seconds=60)
LEEWAY = timedelta(seconds=5)  # What the clocks of two replicas may differ by.
# Noted for so long, it is behind every clock by which the challenge could still be good.
NOTED_FOR = LIFETIME + 3 * LEEWAY
# Sign-ins on one terminal within NOTED_FOR: a queue at a shift's start, but no search for
# the badges that have some PIN.
USES_MAX = 60
TIME_BYTES, NONCE_BYTES, MAC_BYTES = 8, 8, 16
CHALLENGE_BYTES = TIME_BYTES + NONCE_BYTES + MAC_BYTES
MS = timedelta(milliseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A signed challenge and the request that brought it, by its id and a hash of its body."""

    challenge: bytes
    request_id: str
    body_hash: bytes
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeUses:
    """The challenges that one terminal has used lately, the oldest first."""

    terminal_id: str
    uses: tuple[Use, ...] = ()

    @property
    def until(self) -> datetime:
        """When none of them can come again."""
        return max((use.time for use in self.uses), default=EPOCH) + NOTED_FOR

    def find(self, challenge: bytes) -> Use | None:
        return next((use for use in self.uses if use.challenge == challenge), None)

    def noted(self, use: Use) -> "ChallengeUses":
        """With one more, less those that can come no more. Raises TooManyAttemptsError."""
        uses = tuple(noted for noted in self.uses if use.time - noted.time < NOTED_FOR)
        if len(uses) >= USES_MAX:
            raise TooManyAttemptsError(
                "too many attempts on this terminal: wait before the next",
                retry_after_s=(uses[0].time + NOTED_FOR - use.time).total_seconds(),
            )
        return replace(self, uses=(*uses, use))


def challenge_for(secret: bytes, terminal_id: str, *, nonce: bytes, now: datetime) -> bytes:
    """CHALLENGE_BYTES to sign. `nonce` is NONCE_BYTES of chance."""
    body = ((now - EPOCH) // MS).to_bytes(TIME_BYTES) + nonce
    return body + mac(secret, terminal_id, body)


def is_good(secret: bytes, terminal_id: str, challenge: bytes, *, now: datetime) -> bool:
    """Whether it was made for this terminal within LIFETIME."""
    body, given = challenge[:-MAC_BYTES], challenge[-MAC_BYTES:]
    if len(challenge) != CHALLENGE_BYTES or not hmac.compare_digest(
        given, mac(secret, terminal_id, body)
    ):
        return False
    age = now - (EPOCH + int.from_bytes(body[:TIME_BYTES]) * MS)
    return -LEEWAY <= age <= LIFETIME


def mac(secret: bytes, terminal_id: str, body: bytes) -> bytes:
    # The body's length is fixed, so no other terminal and body read the same.
    text = b"challenge " + body + terminal_id.encode()
    return hmac.digest(secret, text, hashlib.sha256)[:MAC_BYTES]
