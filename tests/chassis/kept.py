"""Kinds to keep in tests of stores, and updates of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import uuid4

from chassis.changes import Changed, Event
from chassis.records import (
    Index,
    Kind,
    Records,
    Ref,
    State,
)
from chassis.requests import Request

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


class Place(NamedTuple):
    location_id: str
    sku: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    place: Place
    count: int
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Doctor:
    name: str
    on_call: bool
    badge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    movement_id: str
    quantity_count: int


@dataclass(frozen=True, slots=True)
class Done:
    done_id: str
    at: datetime


ROWS = Kind(type=Row, collection="rows", key=lambda row: row.place)
DOCTORS = Kind(
    type=Doctor,
    collection="doctors",
    key=lambda doctor: doctor.name,
    indexes=(Index(fields=("badge",), unique=True), Index(fields=("on_call", "name"))),
)
MOVEMENTS = Kind(type=Movement, collection="movements", key=lambda m: m.movement_id, immutable=True)
KINDS = (ROWS, DOCTORS, MOVEMENTS)
LAMP, RUG = Place("lyon", "LAMP"), Place("lille", "RUG")


class Hand:
    """A clock that is set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def request_by(subject: str = "anna", *, body_hash: bytes = b"1") -> Request:
    return Request(subject=subject, method="Do", request_id=str(uuid4()), body_hash=body_hash)


def changing(*records: object, events: tuple[Event, ...] = ()) -> Callable[[State], Changed[str]]:
    return lambda state: Changed(answer="done", records=records, events=events)


async def put(store: Records, *records: object) -> None:
    await store.update([], changing(*records), answer=str, timeout_s=5)


async def take(store: Records, *places: Place, request: Request | None = None) -> int:
    """One unit from each place; answers what is left at the first."""

    def change(state: State) -> Changed[int]:
        rows = [row for row in state.all(ROWS) if row.count > 0]
        if len(rows) < len(places):
            return Changed(answer=-1)
        taken = tuple(replace(row, count=row.count - 1) for row in rows)
        return Changed(answer=taken[0].count, records=taken)

    refs = [Ref(ROWS, place) for place in places]
    return await store.update(refs, change, answer=int, request=request, timeout_s=20)


async def count(store: Records, place: Place) -> int:
    row = await store.find(ROWS, place)
    assert row is not None
    return row.count
