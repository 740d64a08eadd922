"""How often passwords may be guessed: by account, by source, and by both together. Pure.

A source is where a try comes from, as the gateway saw it, and is kept as an HMAC alone.
After NIST SP 800-63B-4, 3.2.2 (before: SP 800-63B, 5.2.2): tries at one account are few and
wait longer each time, and sources from which its owner has come before are apart from all
others. So whoever closes an account from elsewhere closes it to strangers, not to its owner
at home; and who guesses at home closes it to nobody else.
"""

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chassis.changes import Changed
from chassis.lockout import LONG_AGO, Allowance, Attempts

# How long a source stays its owner's without a sign-in from there.
KNOWN_FOR = timedelta(days=90)
# At accounts whose owners have not come from there before. A school or an office is one
# source, and so is a carrier's address that thousands of telephones share.
WRONG_FROM_SOURCE = Allowance(count_max=300, window=timedelta(hours=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """A password that is about to be looked at: at which account, from where. Hashes alone.

    Attributes:
        source_hash: Empty where nobody said.
        pair_hash: Of account and source, so that rows do not tell who shares a source.
    """

    address_hash: str
    source_hash: str
    pair_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSource:
    """One from which the owner of an account has come before, and the guesses made from there."""

    pair_hash: str
    known_until: datetime = LONG_AGO
    attempts: Attempts

    def is_known(self, now: datetime) -> bool:
        return now < self.known_until

    @property
    def forget_time(self) -> datetime:
        """From when on it is a source like all others."""
        return max(self.known_until, self.attempts.forget_time)


def try_of(key: bytes, *, address_hash: str, source: str) -> Try:
    """`key` is kept outside the database: all addresses on the Internet are soon hashed."""
    if not source:
        return Try(address_hash=address_hash, source_hash="", pair_hash="")
    return Try(
        address_hash=address_hash,
        source_hash=hashed(key, "source", source),
        pair_hash=hashed(key, "pair", address_hash, source),
    )


def hashed(key: bytes, *words: str) -> str:
    return hmac.digest(key, " ".join(words).encode(), hashlib.sha256).hex()


def attempted(
    account: Attempts | None, source: KnownSource | None, *, attempt: Try, now: datetime
) -> Changed[bool]:
    """Count a password before it is looked at; whether it comes from a known source.

    Raises TooManyAttemptsError.
    """
    if source is not None and source.is_known(now):
        counted = replace(source, attempts=source.attempts.checked(now).failed(now))
        return Changed(answer=True, records=(counted,))
    strangers = (account or Attempts(key=attempt.address_hash)).checked(now).failed(now)
    return Changed(answer=False, records=(strangers,))


def succeeded(
    account: Attempts | None, source: KnownSource | None, *, attempt: Try, now: datetime
) -> tuple[object, ...]:
    """What a right password leaves behind: its source is known, its own guesses forgotten.

    Not those that strangers made elsewhere, or each visit of the owner would give them more.
    """
    known = source is not None and source.is_known(now)
    forgotten = () if account is None or known else (account.succeeded(),)
    return (*forgotten, *learned(attempt, now=now))


def learned(attempt: Try, *, now: datetime) -> tuple[KnownSource, ...]:
    """The source as its owner's from now on; none where nobody said which it is."""
    if not attempt.pair_hash:
        return ()
    attempts = Attempts(key=attempt.pair_hash)
    known_until = now + KNOWN_FOR
    return (KnownSource(pair_hash=attempt.pair_hash, known_until=known_until, attempts=attempts),)
