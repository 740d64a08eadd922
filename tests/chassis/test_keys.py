"""Signing keys: made once by however many replicas, kept wrapped, published ahead."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from comptoir.type.v1 import key_service_pb2 as pb
from comptoir.type.v1 import key_service_pb2_grpc as pb_grpc

from chassis.config import ConfigError
from chassis.keys import (
    PERIOD,
    Keyring,
    KeyServicer,
    KeyStore,
    MemoryKeyStore,
    Wrapping,
    jwks,
    keys_from_jwks,
)

WRAPPING = Wrapping(bytes(32))
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Now:
    """A clock that is set."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


class WatchedStore(MemoryKeyStore):
    """Lets others in before it answers, and shows what it was given to keep."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, bytes] = {}

    async def load_or_create(self, key_id: str, wrapped: bytes) -> bytes:
        await asyncio.sleep(0)
        self.kept[key_id] = await super().load_or_create(key_id, wrapped)
        return self.kept[key_id]


def ring(store: KeyStore, now: Now, wrapping: Wrapping = WRAPPING) -> Keyring:
    return Keyring("customer", store, wrapping, clock=now)


async def test_replicas_that_start_at_once_sign_with_the_same_key() -> None:
    store, now = WatchedStore(), Now()
    rings = [ring(store, now) for _ in range(5)]

    await asyncio.gather(*(each.refresh() for each in rings))

    assert len({each.signing().public_bytes for each in rings}) == 1


async def test_the_store_never_sees_a_key() -> None:
    store = WatchedStore()
    keyring = ring(store, Now())
    await keyring.refresh()

    secrets = {key.private.private_bytes_raw() for key in keyring.published()}
    assert not any(secret in wrapped for secret in secrets for wrapped in store.kept.values())


async def test_another_key_file_does_not_open_the_keys() -> None:
    store = MemoryKeyStore()
    await ring(store, Now()).refresh()

    with pytest.raises(ConfigError, match="does not open key customer-"):
        await ring(store, Now(), Wrapping(bytes([1]) * 32)).refresh()


async def test_a_wrapped_key_does_not_pass_for_another() -> None:
    wrapped = WRAPPING.wrap("customer-1", b"secret")

    assert WRAPPING.unwrap("customer-1", wrapped) == b"secret"
    with pytest.raises(ConfigError):
        WRAPPING.unwrap("customer-2", wrapped)


async def test_the_next_key_is_published_before_it_signs_and_the_last_one_after() -> None:
    keyring = ring(MemoryKeyStore(), now := Now())
    await keyring.refresh()
    first, published = keyring.signing().key_id, await keyring.public_keys()

    now.time += PERIOD
    assert keyring.signing().key_id in published.keys() - {first}
    await keyring.refresh()
    assert first in await keyring.public_keys()


async def test_without_a_refresh_the_newest_key_goes_on_signing() -> None:
    keyring = ring(MemoryKeyStore(), now := Now())
    await keyring.refresh()
    now.time += 5 * PERIOD

    assert keyring.signing().key_id in await keyring.public_keys()


async def test_the_service_lists_the_public_halves() -> None:
    keyring = ring(MemoryKeyStore(), Now())
    await keyring.refresh()
    server = grpc.aio.server()
    pb_grpc.add_KeyServiceServicer_to_server(KeyServicer(keyring), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        answer = await pb_grpc.KeyServiceStub(channel).ListKeys(pb.ListKeysRequest())
    await server.stop(None)

    assert {key.key_id: key.public_key for key in answer.keys} == await keyring.public_keys()
    assert len(answer.keys) == 3


async def test_a_jwk_set_reads_back_as_the_keys_it_was_made_of() -> None:
    keyring = ring(MemoryKeyStore(), Now())
    await keyring.refresh()
    document = {"keys": [{"kty": "RSA", "kid": "old", "n": "AQ", "e": "AQAB"}]}
    document["keys"] += jwks(keyring)["keys"]

    assert keys_from_jwks(document) == await keyring.public_keys()


@pytest.mark.parametrize("document", [None, [], {}, {"keys": 1}, {"keys": [1]}, {"keys": [{}, 1]}])
def test_what_is_no_jwk_set_is_refused(document: object) -> None:
    with pytest.raises(ValueError, match="not a JWK set"):
        keys_from_jwks(document)


def test_a_key_file_holds_32_bytes_in_base64(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(base64.b64encode(bytes(32)) + b"\n")
    sealed = Wrapping.from_file(path).wrap("k", b"secret")
    assert WRAPPING.unwrap("k", sealed) == b"secret"

    for content in ("c2hvcnQ=", "no base64!", ""):
        path.write_text(content)
        with pytest.raises(ConfigError):
            Wrapping.from_file(path)
    with pytest.raises(ConfigError):
        Wrapping.from_file(tmp_path / "missing")


def test_a_period_outlives_every_token_by_far() -> None:
    assert timedelta(days=7) < PERIOD
