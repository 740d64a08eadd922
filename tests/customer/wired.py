"""The service as its `main` wires it, on real engines and databases of a test's own.

Beside it, whom it trusts: issuers whose keys a test may sign with.
"""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import grpc

from chassis.keys import Keyring, KeyServicer, MemoryKeyStore, Wrapping
from chassis.server import running
from chassis.tokens import Issuer
from services.customer.main import Config, build
from tests.driver import DRIVER, connect
from tests.serving import Metadata, serving_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Wired:
    cfg: Config
    issuers: Mapping[str, Issuer]

    @property
    def databases(self) -> tuple[str, str, str]:
        """Of its records, of the keys and of the list of the erased."""
        return self.cfg.database, self.cfg.keys_database, self.cfg.erasures_database

    def gateway(self) -> Metadata:
        token = self.issuers["gateway"].sign(
            subject="gateway", grants=["service:gateway"], audience="customer"
        )
        return (("authorization", f"Bearer {token}"),)

    def client(self, scope: str) -> Metadata:
        token = self.issuers["associate"].sign(subject="client:crm", grants=[f"client:{scope}"])
        return (("authorization", f"Bearer {token}"),)

    @asynccontextmanager
    async def running(self, *, restored: str = "") -> AsyncIterator[grpc.aio.Channel]:
        """A process's life: a channel to the service, which nobody has called yet."""
        cfg = replace(self.cfg, restored=restored)
        async with running(build(cfg), cfg) as ports:
            async with grpc.aio.insecure_channel(f"127.0.0.1:{ports.port}") as opened:
                yield opened


@asynccontextmanager
async def wired(folder: Path, mongo_uri: str, redis_url: str) -> AsyncIterator[Wired]:
    """Its databases are dropped behind the block."""
    async with AsyncExitStack() as stack:
        issuers, peers = {}, {"collect": "127.0.0.1:9"}  # Nobody listens there.
        for name in ("associate", "gateway"):
            keyring = Keyring(name, MemoryKeyStore(), Wrapping(bytes(32)))
            await keyring.refresh()
            issuers[name] = Issuer(name, keyring)
            peers[name] = await stack.enter_async_context(serving_at(KeyServicer(keyring)))
        house = Wired(cfg=config(folder, mongo_uri, redis_url, peers), issuers=issuers)
        yield house
    for database in house.databases:
        async with connect(mongo_uri, database) as left:
            await left.drop()


def config(folder: Path, mongo_uri: str, redis_url: str, peers: Mapping[str, str]) -> Config:
    key = file_of(folder, "key", base64.b64encode(b"k" * 32).decode())
    name = f"comptoir_test_{uuid4().hex}"
    return Config(
        address="127.0.0.1:0",
        unready_s=0,
        drain_s=0,
        mongo_uri_file=file_of(folder, "uri", mongo_uri),
        database=name,
        mongo_driver=DRIVER,
        redis_url=redis_url,
        key_file=key,
        peers=",".join(f"{name}={where}" for name, where in peers.items()),
        keys_database=f"{name}_keys",
        erasures_database=f"{name}_erasures",
        vault_key_file=key,
        address_key_file=key,
        refresh_key_file=key,
    )


def file_of(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name
