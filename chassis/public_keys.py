"""Other issuers' public keys: fetched when first needed, and again when one is unknown or wrong."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import Context
from functools import partial
from typing import TypeAlias
from urllib.request import urlopen

from comptoir.type.v1 import key_service_pb2 as pb
from comptoir.type.v1 import key_service_pb2_grpc as pb_grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chassis.certificates import Certificates, https_client_context
from chassis.client import channel
from chassis.errors import AppError, Kind
from chassis.keys import keys_from_jwks

# The 32 bytes of each public key, by key id. Raises anything when it cannot.
KeySource: TypeAlias = Callable[[], Awaitable[Mapping[str, bytes]]]

FETCH_S_MAX = 2.0
# Anyone can send unknown key ids and forged signatures; the issuer must not feel it.
AGAIN_S = 1.0
JWKS_BYTES_MAX = 1 << 16

log = logging.getLogger(__name__)


class KeysUnavailableError(AppError):
    kind, reason = Kind.UNAVAILABLE, "KEYS_UNAVAILABLE"


class PublicKeys:
    """One issuer's keys."""

    def __init__(self, source: KeySource, *, monotonic_s: Callable[[], float] = time.monotonic):
        self._source = source
        self._monotonic_s = monotonic_s
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._fetched_s = float("-inf")
        self._failed = False
        self._fetching: asyncio.Task[None] | None = None

    async def get(self, key_id: str) -> Ed25519PublicKey:
        """Raises KeyError for a key the issuer does not have, KeysUnavailableError if it
        cannot be asked."""
        if key_id not in self._keys:
            await self._fetched()
        if key_id not in self._keys and self._failed:
            raise KeysUnavailableError("the issuer's keys cannot be fetched", retry_after_s=AGAIN_S)
        return self._keys[key_id]

    async def get_anew(self, key_id: str, *, instead_of: Ed25519PublicKey) -> Ed25519PublicKey:
        """The key of this id after another look, for a signature that is not `instead_of`'s.

        Ids name periods: an issuer whose keys had to be made anew has others under the same ids.
        """
        if self._keys.get(key_id) is instead_of:
            await self._fetched()
        return self._keys[key_id]

    async def _fetched(self) -> None:
        """Fetch now, unless someone is at it or was a moment ago."""
        if self._fetching is None and self._monotonic_s() - self._fetched_s >= AGAIN_S:
            # A context of its own: others wait for it too, and their deadlines differ.
            self._fetching = asyncio.create_task(self._fetch(), context=Context())
        if self._fetching is not None:
            await asyncio.shield(self._fetching)

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(FETCH_S_MAX):
                found = await self._source()
            self._keys = {
                key_id: Ed25519PublicKey.from_public_bytes(key) for key_id, key in found.items()
            }
            self._failed = False
        except Exception as error:
            self._failed = True  # Keys that are known go on verifying.
            log.warning("an issuer's keys cannot be fetched: %s", type(error).__name__)
        finally:
            self._fetched_s = self._monotonic_s()
            self._fetching = None


def source_at(where: str, certificates: Certificates | None = None) -> KeySource:
    """`host:port` of a gRPC KeyService, or the http(s) URL of a JWK set."""
    if where.startswith(("http://", "https://")):
        return partial(asyncio.to_thread, jwks_keys, where, certificates)
    return partial(listed_keys, where, certificates)


async def listed_keys(target: str, certificates: Certificates | None) -> dict[str, bytes]:
    # A channel for each fetch: they are rare, and nothing must be kept open or closed.
    async with channel(target, timeout_s=FETCH_S_MAX, certificates=certificates) as opened:
        answer = await pb_grpc.KeyServiceStub(opened).ListKeys(pb.ListKeysRequest())
    return {key.key_id: key.public_key for key in answer.keys}


def jwks_keys(url: str, certificates: Certificates | None) -> dict[str, bytes]:
    context = None if certificates is None else https_client_context(certificates)
    with urlopen(url, timeout=FETCH_S_MAX, context=context) as answer:
        return keys_from_jwks(json.loads(answer.read(JWKS_BYTES_MAX)))
