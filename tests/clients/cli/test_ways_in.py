"""Who has a way in, as operators list it and take it away."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from chassis.acts import ACTS
from chassis.clock import utc_now
from chassis.events import MemoryLog
from chassis.keys import Keyring, MemoryKeyStore, Wrapping
from chassis.memory_records import MemoryRecords
from chassis.passwords import open_passwords
from chassis.records import Where
from chassis.server import running
from chassis.tail import Tail
from chassis.tokens import Issuer
from services.associate.client.bootstrap import put_bootstrap_client
from services.associate.client.domain import put as put_client
from services.associate.client.domain import secret_of
from services.associate.client.servicer import ClientServicer
from services.associate.main import KINDS
from services.associate.staff.domain import Role, Staff, staff_id_of
from services.associate.staff.servicer import StaffServicer
from services.associate.terminal.domain import Terminal
from services.associate.terminal.locations import Locations
from services.associate.terminal.servicer import TerminalServicer
from services.collect.locker.capability import Secrets
from services.collect.locker.servicer import LockerServicer
from tests.associate.house import inventory
from tests.chassis.kept import put
from tests.clients.programs import Ended, run
from tests.clients.shop import SECRET, SERVICES, SETTINGS, service_of
from tests.collect.locker.cabinets import CODE_KEY, PUBLIC_KEY, cabinet, plain_change, plain_refs
from tests.collect.locker.house import KINDS as LOCKER_KINDS

KEY = bytes(32)
CLIENTS = {"installer": ("terminal.enrol", "locker.enrol"), "importer": ("staff.write",)}
SAMIR = Staff(
    staff_id=staff_id_of("0417"),
    badge="0417",
    display_name="Samir",
    roles=(Role.ASSOCIATE,),
    location_ids=("lyon-1",),
    active=True,
)
COUNTER = Terminal(terminal_id="t-1", location_id="lyon-1", label="Counter", public_key=b"k")
HAND_HELD = replace(COUNTER, terminal_id="t-2", location_id="lille-2", label="Hand-held")


@dataclass(frozen=True, slots=True)
class Office:
    """A command line that may do all of it, and what it works on."""

    folder: Path
    records: MemoryRecords

    async def cli(self, *arguments: str | Path) -> Ended:
        return await run("clients.cli", *arguments, "--panel", self.folder / "panel.json")

    async def rows(self, *arguments: str) -> list[dict[str, Any]]:
        ended = await self.cli(*arguments, "--json")
        assert ended.code == 0, ended.err
        return [json.loads(line) for line in ended.out.splitlines()]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """With two terminals, one cabinet, a member of staff, and three clients of the first day."""
    records, cabinets = MemoryRecords((*KINDS, ACTS)), MemoryRecords(LOCKER_KINDS)
    await put_bootstrap_client(records, client_id="bootstrap", secret=SECRET)
    clients = [made(client_id, *scopes) for client_id, scopes in CLIENTS.items()]
    await put(records, COUNTER, HAND_HELD, SAMIR, *clients)
    await put(cabinets, replace(cabinet(), public_key=PUBLIC_KEY, seen_time=utc_now()))
    async with served(records, cabinets) as port:
        secrets = {each: secret_of(KEY, each, 1) for each in CLIENTS}
        panel = {
            "ports": dict.fromkeys(SERVICES, port),
            "clients": {"bootstrap": SECRET, **secrets},
        }
        (tmp_path / "panel.json").write_text(json.dumps(panel))
        yield Office(tmp_path, records)


def made(client_id: str, *scopes: str) -> object:
    """As PutClient makes it: what comes in at the command line is another test's matter."""
    (client,) = put_client(None, client_id=client_id, scopes=scopes, renew=False, key=KEY).records
    return client


@asynccontextmanager
async def served(records: MemoryRecords, cabinets: MemoryRecords) -> AsyncIterator[int]:
    keyring = Keyring("associate", MemoryKeyStore(), Wrapping(bytes(32)))
    await keyring.refresh()
    issuer = Issuer("associate", keyring)
    with open_passwords(b"pepper") as passwords:
        async with inventory() as neighbour:
            servicers = (
                ClientServicer(records, issuer, secret=KEY),
                StaffServicer(records, passwords),
                TerminalServicer(
                    records, passwords, issuer, Locations(neighbour), secrets=[bytes(32)]
                ),
                LockerServicer(
                    cabinets,
                    issuer=issuer,
                    tail=Tail(MemoryLog()),
                    secrets=Secrets(CODE_KEY),
                    on_entry=plain_change,
                    refs_for=plain_refs,
                ),
            )
            async with running(service_of(servicers, keyring), SETTINGS) as ports:
                assert ports.port is not None
                yield ports.port


async def test_clients_are_listed_and_one_is_taken_away(office: Office) -> None:
    ended = await office.cli("clients", "revoke", "importer", "--cause", "the project is over")
    assert (ended.code, ended.err) == (
        0,
        "importer is let in no more; its tokens end within 5 s\n",
    )

    listed = await office.rows("clients", "list")
    assert [(row["client"], row["configured"], row["revoked"]) for row in listed] == [
        ("bootstrap", True, False),
        ("importer", False, True),
        ("installer", False, False),
    ]
    assert listed[2]["scopes"] == ["locker.enrol", "terminal.enrol"]
    [act] = await office.records.select(ACTS, Where(limit=9))
    assert (act.actor, act.cause) == ("client:bootstrap", "the project is over")


async def test_what_is_not_there_is_refused_with_its_reason(office: Office) -> None:
    ended = await office.cli("terminals", "revoke", "no-such", "--cause", "gone")

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("could not run: UNKNOWN_TERMINAL: ")


async def test_terminals_are_listed_by_shop_and_one_is_taken_away(office: Office) -> None:
    (gone,) = await office.rows("terminals", "revoke", "t-2", "--cause", "left in a taxi")

    assert await office.rows("terminals", "list", "--location", "lille-2") == [gone]
    assert gone == {
        "terminal": "t-2",
        "location": "lille-2",
        "label": "Hand-held",
        "revoked": True,
    }


async def test_staff_are_listed_by_badge(office: Office) -> None:
    assert await office.rows("staff", "list", "--location", "lyon-1") == [
        {
            "badge": "0417",
            "roles": ["associate"],
            "locations": ["lyon-1"],
            "active": True,
            "pin": False,
        }
    ]


async def test_cabinets_are_listed_with_whether_they_are_there(office: Office) -> None:
    (row,) = await office.rows("cabinets", "list")

    assert row.pop("seen").endswith("Z")
    assert row == {
        "cabinet": "c-paris",
        "location": "paris",
        "point": "paris-locker",
        "enrolled": True,
        "online": True,
        "free": 1,
        "compartments": 1,
    }
