"""Issuers of the house with keys of their own, and a verifier that trusts them."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from chassis.access import Caller, UnauthenticatedError
from chassis.auth import Revocations, Verifier, trusted
from chassis.keys import Keyring, MemoryKeyStore, Wrapping
from chassis.public_keys import KeySource
from chassis.tokens import Issuer
from tests.chassis.test_keys import Now


class Counted:
    """A source of keys that counts who asks, and may be out of order."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self.count = 0
        self.broken = False

    async def __call__(self) -> Mapping[str, bytes]:
        self.count += 1
        await asyncio.sleep(0)
        if self.broken:
            raise ConnectionError
        return await self.keyring.public_keys()


class House:
    """Issuers of the house, the clock they share, and a verifier in `inventory`."""

    def __init__(self) -> None:
        self.now = Now()
        self.issuers: dict[str, Issuer] = {}
        self.sources: dict[str, Counted] = {}
        self.revocations = Revocations(clock=self.now)

    async def open(self) -> "House":
        for name in ("customer", "associate", "collect"):
            self.sources[name] = Counted(await self.make_keys_anew(name))
        self.verifier = self.verifier_with(self.sources)
        return self

    async def make_keys_anew(self, name: str) -> Keyring:
        """Other keys under the same ids, as of an issuer whose database has none."""
        keyring = Keyring(name, MemoryKeyStore(), Wrapping(bytes(32)), clock=self.now)
        await keyring.refresh()
        self.issuers[name] = Issuer(name, keyring, clock=self.now)
        if name in self.sources:
            self.sources[name].keyring = keyring
        return keyring

    def verifier_with(self, sources: Mapping[str, str | KeySource]) -> Verifier:
        return Verifier("inventory", trusted(sources), revocations=self.revocations, clock=self.now)

    def token(self, issuer: str = "customer", **changed: Any) -> str:
        claims = {"subject": "c-1", "grants": ["customer"], "sid": "s-1"} | changed
        return self.issuers[issuer].sign(**claims)

    async def caller(self, token: str) -> Caller:
        return await self.verifier.authenticate({"authorization": f"Bearer {token}"})

    async def refuses(self, token: str) -> None:
        with pytest.raises(UnauthenticatedError) as caught:
            await self.caller(token)
        error = caught.value
        assert (str(error), error.metadata) == ("valid credentials are required", {})
        assert error.__suppress_context__ or error.__context__ is None
