"""Signs tokens: JWTs (RFC 9068, `at+jwt`) under an issuer's Ed25519 keys. Verifies none."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import jwt

from chassis.clock import Clock, utc_now
from chassis.keys import Keyring, KeyStore, Wrapping

log = logging.getLogger(__name__)

ALGORITHM = "EdDSA"
TYPE = "at+jwt"
USER_AUDIENCE = "comptoir"  # Of everyone's tokens but a service's, which name the service called.
USER_LIFETIME = timedelta(minutes=10)
SERVICE_LIFETIME = timedelta(seconds=60)
RENEW_BEFORE = timedelta(seconds=20)  # Longer than a call may take that carries the token.
KEPT_MAX = 1000
REFRESH_S = 3600.0


class Issuer:
    """Signs in the name of one service. Its keyring must have been refreshed."""

    def __init__(self, name: str, keyring: Keyring, *, clock: Clock = utc_now) -> None:
        self.name = name
        self.keyring = keyring
        self.clock = clock

    def sign(
        self,
        *,
        subject: str,
        grants: Iterable[str],
        audience: str = USER_AUDIENCE,
        lifetime: timedelta = USER_LIFETIME,
        **claims: Any,
    ) -> str:
        """A token for `subject`.

        Verifiers know the claims `sid` (the session, for revocation), `locations`
        (a list of location ids, of staff) and `act` (what a service works for).
        """
        key, now = self.keyring.signing(), self.clock()
        payload = claims | {
            "iss": self.name,
            "sub": subject,
            "aud": audience,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
            "grants": sorted(grants),
        }
        headers = {"typ": TYPE, "kid": key.key_id}
        return jwt.encode(payload, key.private, algorithm=ALGORITHM, headers=headers)


class ServiceTokens:
    """Tokens with which a service calls one other, each used until 20 s are left."""

    def __init__(self, issuer: Issuer, audience: str) -> None:
        self._issuer = issuer
        self._audience = audience
        self._kept: dict[str, tuple[str, datetime]] = {}

    def token(self, actor: str = "") -> str:
        """For work on the service's own account, or on that of `actor`."""
        now = self._issuer.clock()
        token, renew_at = self._kept.get(actor, ("", now))
        if renew_at <= now:
            token, renew_at = self._signed(actor), now + SERVICE_LIFETIME - RENEW_BEFORE
            if len(self._kept) >= KEPT_MAX:
                self._kept.clear()  # They live for seconds: an order of age is not worth keeping.
            self._kept[actor] = token, renew_at
        return token

    def _signed(self, actor: str) -> str:
        return self._issuer.sign(
            subject=self._issuer.name,
            grants=[f"service:{self._issuer.name}"],
            audience=self._audience,
            lifetime=SERVICE_LIFETIME,
            **({"act": actor} if actor else {}),
        )


@asynccontextmanager
async def open_issuer(
    name: str, store: KeyStore, wrapping: Wrapping, *, clock: Clock = utc_now
) -> AsyncIterator[Issuer]:
    """An issuer whose keys are kept fresh inside the block. Raises ConfigError."""
    keyring = Keyring(name, store, wrapping, clock=clock)
    await keyring.refresh()
    refreshing = asyncio.create_task(refresh_for_ever(keyring))
    try:
        yield Issuer(name, keyring, clock=clock)
    finally:
        refreshing.cancel()
        await asyncio.wait([refreshing])


async def refresh_for_ever(keyring: Keyring, *, interval_s: float = REFRESH_S) -> None:
    while True:
        await asyncio.sleep(interval_s)
        try:
            await keyring.refresh()
        except Exception as error:
            # The database is away. The next key is loaded a period ahead, so there is time.
            log.warning("signing keys were not refreshed: %s", type(error).__name__)
