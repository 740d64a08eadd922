"""Verifies tokens: who is the caller, on whose word, and may that issuer say so."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import jwt

from chassis.access import CUSTOMER, LOCKER, Caller, UnauthenticatedError
from chassis.certificates import Certificates
from chassis.clock import Clock, utc_now
from chassis.public_keys import KeySource, PublicKeys, source_at
from chassis.tokens import ALGORITHM, TYPE, USER_AUDIENCE

TOKEN_CHARS_MAX = 8192
LEEWAY = timedelta(seconds=5)  # What clocks within one cluster may differ by.
KEPT_FOR = timedelta(seconds=60)
KEPT_MAX = 10_000
REQUIRED = ["iss", "sub", "aud", "iat", "exp", "grants"]
# Times are checked by our own clock, in `check_times`.
OPTIONS: Any = {"require": REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False}

# What anything that is not a token of ours makes JSON, PyJWT or our own reading raise:
# a claim of another type, a time out of range, brackets nested a thousand deep.
UNREADABLE = (
    jwt.PyJWTError,
    LookupError,
    TypeError,
    AttributeError,
    ValueError,
    ArithmeticError,
    OSError,
    RecursionError,
)

# What an issuer may vouch for, besides its own service account. `*` stands for any ending.
USER_GRANTS: dict[str, tuple[str, ...]] = {
    "customer": (CUSTOMER,),
    "associate": ("staff:*", "client:*"),
    "collect": (LOCKER,),
}


@dataclass(frozen=True, slots=True)
class Trust:
    """One row of the table: where an issuer's keys are and what it may vouch for."""

    keys: KeySource
    grants: tuple[str, ...]

    def allowed(self, grants: Iterable[str]) -> frozenset[str]:
        """Those of `grants` that the issuer may give. The others are not there."""
        return frozenset(g for g in grants if any(fits(g, pattern) for pattern in self.grants))


def fits(grant: str, pattern: str) -> bool:
    if pattern.endswith("*"):
        return grant.startswith(pattern[:-1]) and len(grant) >= len(pattern)
    return grant == pattern


def trusted(
    addresses: Mapping[str, str | KeySource], certificates: Certificates | None = None
) -> dict[str, Trust]:
    """The table of the house, by issuer.

    `addresses` says where each issuer's keys are: `host:port` of its KeyService, the
    URL of a JWK set, or what lists them in this process (`Keyring.public_keys`).
    """
    return {
        issuer: Trust(
            source_at(where, certificates) if isinstance(where, str) else where,
            (*USER_GRANTS.get(issuer, ()), f"service:{issuer}"),
        )
        for issuer, where in addresses.items()
    }


class Revocations:
    """Sessions that have ended before their tokens do. Whoever follows the issuers feeds it."""

    def __init__(self, *, clock: Clock = utc_now) -> None:
        self._clock = clock
        # Oldest first, so forgetting is cheap. Bounded by expiry alone: dropping one lets it in.
        self._until: dict[str, datetime] = {}
        self._listeners: dict[str, list[Callable[[], None]]] = {}

    def revoke(self, session_id: str, until: datetime) -> None:
        """Refuse the session's tokens until `until`, when the last of them has expired."""
        self._until[session_id] = max(until, self._until.pop(session_id, until))
        now = self._clock()
        while self._until and next(iter(self._until.values())) + LEEWAY <= now:
            del self._until[next(iter(self._until))]
        for told in tuple(self._listeners.get(session_id, ())):
            told()

    @property
    def listened_count(self) -> int:
        """Sessions whose end somebody waits for."""
        return len(self._listeners)

    @contextmanager
    def listening(self, session_id: str, told: Callable[[], None]) -> Iterator[None]:
        """Have `told` called when the session ends, at once if it has."""
        listeners = self._listeners.setdefault(session_id, [])
        listeners.append(told)
        try:
            if session_id in self:
                told()
            yield
        finally:
            listeners.remove(told)
            if not listeners:  # Or it keeps every session there ever was.
                del self._listeners[session_id]

    def __contains__(self, session_id: str) -> bool:
        return session_id in self._until


class Verifier:
    """Turns a call's metadata into a Caller, for the service called `name`.

    Needs nothing opened: it asks for keys when it first meets an issuer.
    """

    def __init__(
        self,
        name: str,
        table: Mapping[str, Trust],
        *,
        revocations: Revocations | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._audiences = [USER_AUDIENCE, name]
        self._table = table
        self._keys = {issuer: PublicKeys(trust.keys) for issuer, trust in table.items()}
        self._revocations = Revocations() if revocations is None else revocations
        self._clock = clock
        self._kept: dict[str, tuple[Caller, datetime]] = {}

    async def authenticate(self, metadata: Mapping[str, str | bytes]) -> Caller:
        """Raises what `verify` does."""
        scheme, _, token = str(metadata.get("authorization", "")).partition(" ")
        if scheme.lower() != "bearer":
            raise refused()
        return await self.verify(token)

    async def verify(self, token: str) -> Caller:
        """Who holds the token.

        Raises UnauthenticatedError, always the same, and KeysUnavailableError if the
        issuer's keys cannot be had now: signing in again would not help then.
        """
        now = self._clock()
        who, until = self._kept.get(token, (None, now))
        if who is None or until <= now:
            who, expiry = await self._read(token, now)
            self._keep(token, who, min(expiry, now + KEPT_FOR))
        if who.session_id in self._revocations:
            raise refused()
        return who

    async def _read(self, token: str, now: datetime) -> tuple[Caller, datetime]:
        if len(token) > TOKEN_CHARS_MAX:
            raise refused()
        try:
            claims = await self._claims(token)
            expiry = check_times(claims, now)
            return self._caller(claims, expiry), expiry
        except UNREADABLE:
            # Unchained on purpose: the reason would help whoever is guessing.
            raise refused() from None

    async def _claims(self, token: str) -> Mapping[str, Any]:
        """What it says, proven by its issuer's key. Raises what is UNREADABLE."""
        issuer, key_id = claimed(token)
        decode = partial(jwt.decode, token, audience=self._audiences, issuer=issuer)
        keys = self._keys[issuer]
        key = await keys.get(key_id)
        try:
            claims: Mapping[str, Any] = decode(key, [ALGORITHM], OPTIONS)
        except jwt.InvalidSignatureError:
            key = await keys.get_anew(key_id, instead_of=key)
            claims = decode(key, [ALGORITHM], OPTIONS)
        return claims

    def _caller(self, claims: Mapping[str, Any], expiry: datetime) -> Caller:
        grants = self._table[claims["iss"]].allowed(claims["grants"])
        # A service's token opens only the service it names, a user's only what users may do.
        for_us = claims["aud"] != USER_AUDIENCE
        return Caller(
            subject=claims["sub"],
            grants=frozenset(g for g in grants if g.startswith("service:") == for_us),
            issuer=claims["iss"],
            location_ids=frozenset(claims.get("locations", ())),
            session_id=claims.get("sid", ""),
            actor=claims.get("act", ""),
            expire_time=expiry,
        )

    def _keep(self, token: str, who: Caller, until: datetime) -> None:
        if len(self._kept) >= KEPT_MAX:
            del self._kept[next(iter(self._kept))]  # The oldest, near its end anyway.
        self._kept[token] = who, until


def refused() -> UnauthenticatedError:
    return UnauthenticatedError("valid credentials are required")


def claimed(token: str) -> tuple[str, str]:
    """The issuer and key id it names, unverified. Raises what PyJWT does, or ValueError."""
    unverified = jwt.decode_complete(token, options={"verify_signature": False})
    header, claims = unverified["header"], unverified["payload"]
    if (header.get("alg"), header.get("typ")) != (ALGORITHM, TYPE):
        raise ValueError
    return claims["iss"], header["kid"]


def check_times(claims: Mapping[str, Any], now: datetime) -> datetime:
    """When it expires. Raises ValueError for a token of the past or of the future."""
    expiry = datetime.fromtimestamp(claims["exp"], UTC)
    begin = max(claims["iat"], claims.get("nbf", claims["iat"]))
    if expiry + LEEWAY <= now or datetime.fromtimestamp(begin, UTC) - LEEWAY > now:
        raise ValueError
    return expiry
