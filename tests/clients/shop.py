"""Catalogue, inventory and associate on one real server with real tokens, for other teams' code."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest
from comptoir.associate.v1 import client_service_pb2 as client_pb
from comptoir.associate.v1.client_service_pb2_grpc import ClientServiceStub

from chassis.auth import Trust, Verifier
from chassis.event_servicer import EventServicer
from chassis.events import MemoryLog
from chassis.keys import Keyring, MemoryKeyStore, Wrapping
from chassis.memory_records import MemoryRecords
from chassis.server import Check, Service, Settings, running
from chassis.tokens import Issuer
from clients.house import Access, Session
from comptoir_client import Credentials
from services.associate.client.bootstrap import put_bootstrap_client
from services.associate.client.servicer import ClientServicer
from services.associate.client.store import CLIENTS
from services.associate.terminal.store import ATTEMPTS
from services.catalog.kinds import KINDS as CATALOG_KINDS
from services.catalog.price.servicer import PriceServicer
from services.catalog.product.servicer import ProductServicer
from services.catalog.replica import Replica
from services.collect.order.messages import order_changed_to_pb
from services.customer.kinds import KEY_KINDS
from services.customer.kinds import KINDS as CUSTOMER_KINDS
from services.customer.profile.servicer import ProfileServicer
from services.customer.vault import Vault
from services.inventory.balance.store import RecordsBalances
from services.inventory.books import Books
from services.inventory.kinds import KINDS as INVENTORY_KINDS
from services.inventory.limit.store import KnownLimits
from services.inventory.location.servicer import LocationServicer
from services.inventory.location.store import KnownLocations
from services.inventory.period.servicer import PeriodServicer
from services.inventory.stock.servicer import StockServicer
from tests.clients.programs import Ended, run
from tests.serving import generated

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("COMPTOIR_SHARED_DATA", ROOT.parent / "shared" / "data"))
SECRET = "s" * 40
SCOPES = (
    *("catalog.write", "catalog.read", "inventory.write", "customer.write"),
    *("stock.read", "stock.operate", "sale.write", "events.read"),
)
SERVICES = ("associate", "catalog", "inventory", "collect", "customer")
SETTINGS = Settings(address="127.0.0.1:0", unready_s=0, drain_s=0)

needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the real data are not there: {DATA} (COMPTOIR_SHARED_DATA)"
)


@dataclass(kw_only=True)
class Shop:
    """One server under the names of all services; `folder` holds the panel that leads there."""

    folder: Path
    port: int
    secret: str
    catalog: MemoryRecords
    inventory: MemoryRecords
    customers: MemoryRecords
    orders: MemoryLog

    @property
    def access(self) -> Access:
        addresses = dict.fromkeys(SERVICES, f"127.0.0.1:{self.port}")
        return Access(addresses=addresses, client_id="importer", secret=self.secret)

    @property
    def credentials(self) -> Credentials:
        return Credentials("importer", self.secret)

    async def cli(self, *arguments: str | Path, stdin: bytes = b"") -> Ended:
        return await run("clients.cli", "import", *arguments, *self.panel(), stdin=stdin)

    async def till(self, *arguments: str | Path) -> Ended:
        return await run("clients.till", *arguments, *self.panel(), "--client", "importer")

    def panel(self) -> tuple[str | Path, ...]:
        return "--panel", self.folder / "panel.json"

    def file(self, name: str, content: str | bytes) -> Path:
        file = self.folder / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file


@asynccontextmanager
async def shop(folder: Path) -> AsyncIterator[Shop]:
    catalog, inventory = MemoryRecords(CATALOG_KINDS), MemoryRecords(INVENTORY_KINDS)
    associate, customers = MemoryRecords((CLIENTS, ATTEMPTS)), MemoryRecords(CUSTOMER_KINDS)
    vault = Vault(MemoryRecords(KEY_KINDS), Wrapping(bytes(32)))
    await put_bootstrap_client(associate, client_id="stack", secret=SECRET)
    keyring = Keyring("associate", MemoryKeyStore(), Wrapping(bytes(32)))
    await keyring.refresh()
    replica = Replica(catalog, catalog.log)
    books = Books(
        records=inventory,
        updates=inventory,
        locations=KnownLocations(inventory),
        limits=KnownLimits(inventory),
    )
    balances, orders = RecordsBalances(inventory), MemoryLog()
    servicers = (
        ClientServicer(associate, Issuer("associate", keyring), secret=bytes(32)),
        ProductServicer(catalog, replica),
        PriceServicer(catalog, replica),
        LocationServicer(inventory),
        StockServicer(books, log=inventory.log, balances=balances),
        PeriodServicer(books, balances=balances, open_s=0),
        ProfileServicer(customers, vault, address_key=bytes(32)),
        EventServicer(orders, {"order_ready": order_changed_to_pb}),
    )
    async with replica.kept_up(), running(service_of(servicers, keyring), SETTINGS) as ports:
        assert ports.port is not None
        secret = await put_client(ports.port)
        write_panel(folder, ports.port, secret)
        yield Shop(
            folder=folder,
            port=ports.port,
            secret=secret,
            catalog=catalog,
            inventory=inventory,
            customers=customers,
            orders=orders,
        )


async def put_client(port: int) -> str:
    """The secret of a client with every scope: what each may do is the access matrix's matter."""
    access = Access(addresses={"associate": f"127.0.0.1:{port}"}, client_id="stack", secret=SECRET)
    async with access.channel("associate") as channel:
        stub: Any = ClientServiceStub(channel)
        request = client_pb.PutClientRequest(
            request_id=str(uuid4()), client_id="importer", scopes=SCOPES
        )
        metadata = await Session(access, channel).metadata()
        answer = await stub.PutClient(request, metadata=metadata)
    return str(answer.secret)


def service_of(servicers: tuple[object, ...], keyring: Keyring) -> Service:
    """All of them behind tokens of that keyring."""
    table = {"associate": Trust(keyring.public_keys, ("client:*", "staff:*"))}
    services = [generated(servicer) for servicer in servicers]

    @asynccontextmanager
    async def resources(server: grpc.aio.Server) -> AsyncIterator[Check]:
        for servicer, (add, _) in zip(servicers, services, strict=True):
            add(servicer, server)
        yield ready

    return Service(
        name="shop.comptoir",
        descriptors=[descriptor for _, descriptor in services],
        authenticate=Verifier("shop", table).authenticate,
        resources=resources,
    )


async def ready() -> None:
    """Nothing is kept but in memory."""


def write_panel(folder: Path, port: int, secret: str) -> None:
    panel = {"ports": dict.fromkeys(SERVICES, port), "clients": {"importer": secret}}
    (folder / "panel.json").write_text(json.dumps(panel))
