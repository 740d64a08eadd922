"""An issuer's signing keys: made once, kept wrapped, published before they sign.

A key belongs to a period and its id names it, so replicas agree on the key of each
period without talking to each other: whoever inserts first made it.
"""

import base64
import binascii
import os
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from comptoir.type.v1 import key_service_pb2 as pb
from comptoir.type.v1 import key_service_pb2_grpc as pb_grpc
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.clock import Clock, utc_now
from chassis.config import ConfigError
from chassis.interceptors import Context

KEY_BYTES = 32
KEYS_MAX = 4
NONCE_BYTES = 12
PERIOD = timedelta(days=30)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class KeyStore(Protocol):
    """Keeps wrapped keys in the issuer's database."""

    async def load_or_create(self, key_id: str, wrapped: bytes) -> bytes:
        """What is kept under `key_id`; `wrapped`, from now on, if nothing was.

        Of two callers at once one is first, and both get what it brought.
        """

    async def replace(self, key_id: str, before: bytes, after: bytes) -> None:
        """Keep `after` in place of `before`; nothing where another replica has done so."""


class MemoryKeyStore:
    """The specification of a KeyStore; share one between replicas."""

    def __init__(self) -> None:
        self._wrapped: dict[str, bytes] = {}

    async def load_or_create(self, key_id: str, wrapped: bytes) -> bytes:
        return self._wrapped.setdefault(key_id, wrapped)

    async def replace(self, key_id: str, before: bytes, after: bytes) -> None:
        if self._wrapped.get(key_id) == before:
            self._wrapped[key_id] = after


class Wrapping:
    """Encrypts keys at rest (AES-GCM), so that a copy of the database signs nothing.

    The first key wraps; the older ones only open what they have wrapped.
    """

    def __init__(self, key: bytes, *older: bytes) -> None:
        self._ciphers = [AESGCM(each) for each in (key, *older)]

    @classmethod
    def from_file(cls, path: Path) -> "Wrapping":
        """Raises what `keys_from_file` does."""
        return cls(*keys_from_file(path))

    @property
    def has_older(self) -> bool:
        return len(self._ciphers) > 1

    def wrap(self, key_id: str, secret: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        # The id is authenticated too, or a row could be swapped for a key that has leaked.
        return nonce + self._ciphers[0].encrypt(nonce, secret, key_id.encode())

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        """Raises ConfigError if another key file wrapped it."""
        return self._opened(key_id, wrapped)[0]

    def renewed(self, key_id: str, wrapped: bytes) -> bytes | None:
        """The same secret under the first key, where an older one wrapped it.

        Raises ConfigError.
        """
        secret, number = self._opened(key_id, wrapped)
        return self.wrap(key_id, secret) if number else None

    def _opened(self, key_id: str, wrapped: bytes) -> tuple[bytes, int]:
        """The secret, and the number of the key that opens it."""
        nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        for number, cipher in enumerate(self._ciphers):
            with suppress(InvalidTag):
                return cipher.decrypt(nonce, sealed, key_id.encode()), number
        raise ConfigError(f"the key file does not open key {key_id}")


def keys_from_file(path: Path) -> tuple[bytes, ...]:
    """The key in use and those before it, a line each: 32 bytes in base64.

    E.g. of `openssl rand -base64 32`. Raises ConfigError.
    """
    try:
        lines = path.read_text().split()
        keys = tuple(base64.b64decode(line, validate=True) for line in lines)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read as a key in base64") from error
    if not keys or any(len(key) != KEY_BYTES for key in keys) or len(keys) > KEYS_MAX:
        raise ConfigError(
            f"{path} must hold {KEY_BYTES} bytes in base64, the key in use; below it may stand"
            f" those before it, a line each, {KEYS_MAX} lines at most"
        )
    return keys


def key_from_file(path: Path) -> bytes:
    """One that has no others beside it: what was made with it cannot be made anew.

    Raises ConfigError.
    """
    key, *older = keys_from_file(path)
    if older:
        raise ConfigError(f"{path} must hold one key: this one cannot be changed bit by bit")
    return key


@dataclass(frozen=True, slots=True)
class SigningKey:
    key_id: str
    private: Ed25519PrivateKey = field(repr=False)

    @property
    def public_bytes(self) -> bytes:
        return self.private.public_key().public_bytes_raw()


class Keyring:
    """An issuer's keys of the period before, of this one and of the next.

    The one before still verifies what it signed; the next is known to verifiers
    long before it signs. `refresh` at least once a period.
    """

    def __init__(
        self,
        issuer: str,
        store: KeyStore,
        wrapping: Wrapping,
        *,
        clock: Clock = utc_now,
        period: timedelta = PERIOD,
    ) -> None:
        self._issuer = issuer
        self._store = store
        self._wrapping = wrapping
        self._clock = clock
        self._period = period
        self._keys: dict[int, SigningKey] = {}

    async def refresh(self) -> None:
        """Load the keys, making those that nobody has made. Raises ConfigError."""
        now = self._number()
        self._keys = {number: await self._load(number) for number in (now - 1, now, now + 1)}

    def signing(self) -> SigningKey:
        """The key of this period. Without a refresh for long, the newest there is."""
        return self._keys[min(self._number(), max(self._keys))]

    def published(self) -> list[SigningKey]:
        return list(self._keys.values())

    async def public_keys(self) -> dict[str, bytes]:
        """By key id: a source for a Verifier in the issuer's own process."""
        return {key.key_id: key.public_bytes for key in self.published()}

    def _number(self) -> int:
        return (self._clock() - EPOCH) // self._period

    async def _load(self, number: int) -> SigningKey:
        key_id = f"{self._issuer}-{number}"
        made = self._wrapping.wrap(key_id, Ed25519PrivateKey.generate().private_bytes_raw())
        wrapped = await self._store.load_or_create(key_id, made)
        secret = self._wrapping.unwrap(key_id, wrapped)
        if (renewed := self._wrapping.renewed(key_id, wrapped)) is not None:
            await self._store.replace(key_id, wrapped, renewed)
        return SigningKey(key_id, Ed25519PrivateKey.from_private_bytes(secret))


class KeyServicer(pb_grpc.KeyServiceServicer):
    """Serves the public halves of a keyring."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    async def ListKeys(self, request: pb.ListKeysRequest, context: Context) -> pb.ListKeysResponse:  # noqa: N802
        return pb.ListKeysResponse(
            keys=[
                pb.Key(key_id=key.key_id, public_key=key.public_bytes)
                for key in self._keyring.published()
            ]
        )


def jwks(keyring: Keyring) -> dict[str, list[dict[str, str]]]:
    """The public keys as a JWK set (RFC 7517, RFC 8037), for HTTP."""
    return {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "alg": "EdDSA",
                "use": "sig",
                "kid": key.key_id,
                "x": base64.urlsafe_b64encode(key.public_bytes).rstrip(b"=").decode(),
            }
            for key in keyring.published()
        ]
    }


def keys_from_jwks(document: object) -> dict[str, bytes]:
    """The Ed25519 keys of a JWK set by id; keys of other kinds are skipped.

    Raises ValueError if it is no JWK set.
    """
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError("not a JWK set")
    try:
        return {
            entry["kid"]: base64.urlsafe_b64decode(entry["x"] + "=" * (-len(entry["x"]) % 4))
            for entry in entries
            if (entry.get("kty"), entry.get("crv")) == ("OKP", "Ed25519")
        }
    except (AttributeError, KeyError, TypeError, binascii.Error) as error:
        raise ValueError("not a JWK set") from error
