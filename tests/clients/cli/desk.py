"""Stuck orders and parked events on one server with real tokens, for an operator's CLI."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from comptoir.associate.v1 import client_service_pb2 as client_pb
from comptoir.associate.v1.client_service_pb2_grpc import ClientServiceStub
from comptoir.type.v1 import event_service_pb2 as event_pb

from chassis.act_servicer import ActServicer
from chassis.changes import Changed
from chassis.consumer import Consumer
from chassis.keys import Keyring, MemoryKeyStore, Wrapping
from chassis.memory_records import MemoryRecords
from chassis.parked_servicer import ParkedEventServicer
from chassis.progress import CURSORS, Cursor, Effect, parked
from chassis.records import Ref
from chassis.server import running
from chassis.tokens import Issuer
from clients.house import Access, Session
from services.associate.client.bootstrap import put_bootstrap_client
from services.associate.client.servicer import ClientServicer
from services.associate.client.store import CLIENTS
from services.associate.terminal.store import ATTEMPTS
from services.collect.order.values import StepName
from tests.clients.programs import Ended, run
from tests.clients.shop import SECRET, SERVICES, SETTINGS, service_of
from tests.collect.order.house import House, memory_house
from tests.collect.order.inventory import open_channel
from tests.collect.stuck.desk import servicer_of

SCOPES = ("order.operate", "events.operate", "stock.read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    folder: Path
    house: House
    issuer: Issuer
    poison: set[str]

    async def cli(self, *arguments: str | Path) -> Ended:
        return await run("clients.cli", *arguments, "--panel", self.folder / "panel.json")

    async def rows(self, *arguments: str | Path) -> list[dict[str, Any]]:
        ended = await self.cli(*arguments, "--json")
        return [json.loads(line) for line in ended.out.splitlines()]

    async def stuck_undoing(self) -> str:
        """An order that was called off, whose payment cannot be let go."""
        order = await self.house.place()
        self.house.line.cut.add(("before", StepName.VOID))
        await self.house.cancel(order.order_id)
        await self.house.saga.settle()
        return order.order_id

    async def park(self, *keys: str) -> None:
        """An event of each, as if it had failed, and poison from now on."""
        cursor, records = Cursor(consumer="locations"), list[Any]()
        for position, key in enumerate(keys, 1):
            event = event_pb.Event(name="location_changed", key=key, revision=1, position=position)
            sent = event.SerializeToString()
            cursor, record = parked(cursor, key=key, event=sent, cause="LookupError")
            records.append(record)
            self.poison.add(key)
        made = Changed(answer=None, records=(cursor, *records))
        await self.house.records.update(
            [Ref(CURSORS, "locations")], lambda state: made, answer=type(None), timeout_s=2
        )

    def token_file(self, *grants: str) -> Path:
        """Of a member of staff in Paris."""
        token = self.issuer.sign(subject="olga", grants=grants, sid="s1", locations=["paris"])
        file = self.folder / "token"
        file.write_text(token)
        return file


@asynccontextmanager
async def open_desk(folder: Path) -> AsyncIterator[Desk]:
    associate, poison = MemoryRecords((CLIENTS, ATTEMPTS)), set[str]()
    await put_bootstrap_client(associate, client_id="stack", secret=SECRET)
    keyring = Keyring("associate", MemoryKeyStore(), Wrapping(bytes(32)))
    await keyring.refresh()
    issuer = Issuer("associate", keyring)

    def handler(event: event_pb.Event) -> Effect | None:
        if event.key in poison:
            raise LookupError
        return None

    async with memory_house() as house, open_channel(house.inventory.address) as inventory:
        records = house.records
        consumer = Consumer("locations", None, records, {"location_changed": handler})
        servicers = (
            ClientServicer(associate, issuer, secret=bytes(32)),
            servicer_of(house, inventory),
            ParkedEventServicer(records, {"locations": consumer}, clock=house.clock),
            ActServicer(records),
        )
        async with running(service_of(servicers, keyring), SETTINGS) as ports:
            assert ports.port is not None
            clients = {"operator": await put_client(ports.port)}
            panel = {"ports": dict.fromkeys(SERVICES, ports.port), "clients": clients}
            (folder / "panel.json").write_text(json.dumps(panel))
            yield Desk(folder=folder, house=house, issuer=issuer, poison=poison)


async def put_client(port: int) -> str:
    access = Access(addresses={"associate": f"127.0.0.1:{port}"}, client_id="stack", secret=SECRET)
    async with access.channel("associate") as channel:
        stub: Any = ClientServiceStub(channel)
        request = client_pb.PutClientRequest(
            request_id=str(uuid4()), client_id="operator", scopes=SCOPES
        )
        metadata = await Session(access, channel).metadata()
        return str((await stub.PutClient(request, metadata=metadata)).secret)
