"""Cabinets that tests are about, their keys, and a house that needs no orders."""

from datetime import UTC, datetime, timedelta
from typing import Any

from comptoir.collect.v1 import locker_service_pb2 as pb
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.changes import Changed
from chassis.keys import Keyring, MemoryKeyStore, Wrapping
from chassis.records import Records, Ref, State
from chassis.tokens import Issuer
from services.collect.locker.cabinet import Cabinet, EntryKind, JournalEntry, UseState
from services.collect.locker.domain import applied, event_of, furnished, made_ready, use_in
from services.collect.locker.store import CABINETS
from services.collect.point.domain import Compartment, Size

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=48)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC_KEY = KEY.public_key().public_bytes_raw()
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
CODE_KEY = b"k" * 32


def cabinet(**sizes: Size) -> Cabinet:
    """A cabinet of the Paris shop; `cabinet(A1=Size.S)` has one small compartment."""
    compartments = [Compartment(name, size) for name, size in (sizes or {"A1": Size.M}).items()]
    return furnished(
        None,
        cabinet_id="c-paris",
        point_id="paris-locker",
        location_id="paris",
        compartments=compartments,
    )


def entry(
    kind: EntryKind, sequence: int = 1, *, order_id: str = "o1", generation: int = 1, at: str = "A1"
) -> JournalEntry:
    return JournalEntry(
        cabinet_id="c-paris",
        sequence=sequence,
        kind=kind,
        occur_time=NOW,
        compartment_id=at,
        generation=generation,
        order_id=order_id,
    )


async def issuer() -> Issuer:
    keyring = Keyring("collect", MemoryKeyStore(), Wrapping(bytes(32)))
    await keyring.refresh()
    return Issuer("collect", keyring)


def plain_change(state: State, entry: JournalEntry, now: datetime) -> Changed[Cabinet]:
    """As if every order were to be collected within two days."""
    before = state.find(CABINETS, entry.cabinet_id)
    assert before is not None
    after, use = applied(before, entry), use_in(before, entry)
    if entry.kind is EntryKind.LOADED and use is not None and use.state is UseState.RESERVED:
        two_days = timedelta(days=2)
        after = made_ready(after, use.order_id, not_before=now, not_after=now + two_days)
    return Changed(answer=after, records=(after,), events=(event_of(after),))


def plain_refs(cabinet_id: str, entry: JournalEntry) -> list[Ref[Any]]:
    return [Ref(CABINETS, cabinet_id)]


async def put(records: Records, cabinet: Cabinet) -> Cabinet:
    """As any other part of the service writes it."""
    return await records.update(
        [Ref(CABINETS, cabinet.cabinet_id)],
        lambda state: Changed(answer=cabinet, records=(cabinet,), events=(event_of(cabinet),)),
        answer=Cabinet,
        timeout_s=2,
    )


async def found(records: Records) -> Cabinet:
    stored = await records.find(CABINETS, "c-paris")
    assert stored is not None
    return stored


def hello(last_sequence: int = 0) -> pb.AttachRequest:
    return pb.AttachRequest(hello=pb.Hello(last_sequence=last_sequence, firmware="test 1"))


def signed(
    sequence: int,
    kind: "pb.JournalKind.ValueType" = pb.JOURNAL_KIND_REFUSED,
    *,
    key: Ed25519PrivateKey = KEY,
    **fields: Any,
) -> pb.AttachRequest:
    message = pb.JournalEntry(sequence=sequence, kind=kind, **fields)
    message.occur_time.FromDatetime(NOW)
    content = message.SerializeToString()
    return pb.AttachRequest(entry=pb.SignedEntry(entry=content, signature=key.sign(content)))
