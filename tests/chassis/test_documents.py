"""Whatever a domain may keep comes back as it went, or is refused before it is written."""

import math
from dataclasses import dataclass, make_dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.changes import Changed, Event
from chassis.documents import (
    Plains,
    UnkeepableValueError,
    UnknownSchemaError,
    key_to_plain,
    record_from_document,
    record_to_document,
    records_from_documents,
    value_to_plain,
)
from chassis.memory_records import MemoryRecords
from chassis.mongo import Database
from chassis.mongo_records import MongoRecords
from chassis.records import Document, Kind, Ref, State
from chassis.writes import event_to_document


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Size(Enum):
    SMALL = 1
    LARGE = 2


class Line(NamedTuple):
    sku: str
    quantity_count: int


class PaintKey(NamedTuple):
    shelf: str
    number: int


@dataclass(frozen=True, slots=True)
class Label:
    text: str
    printed: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint:
    shelf: str
    number: int
    colour: Colour
    size: Size | None
    lines: tuple[Line, ...]
    held: dict[int, int]
    by_colour: dict[Colour, float]
    by_name: dict[str, bool]
    label: Label | None
    labels: tuple[Label, ...]
    secret: bytes
    mixed: datetime


@dataclass(frozen=True, slots=True)
class Box:
    name: str
    content: object


PAINTS = Kind(type=Paint, collection="paints", key=lambda p: PaintKey(p.shelf, p.number))
BOXES = Kind(type=Box, collection="boxes", key=lambda box: box.name)
NOW = datetime(2026, 1, 2, tzinfo=UTC)

ints = st.integers(-(2**63), 2**63 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"]))
names = texts.filter(lambda t: "\0" not in t and not t.startswith("$"))
times = st.datetimes(
    min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)
).map(lambda t: t.replace(microsecond=t.microsecond // 1000 * 1000))
labels = st.builds(Label, texts, st.none() | times)
paints = st.builds(
    Paint,
    shelf=texts,
    number=ints,
    colour=st.sampled_from(Colour),
    size=st.none() | st.sampled_from(Size),
    lines=st.lists(st.builds(Line, texts, ints), max_size=3).map(tuple),
    held=st.dictionaries(ints, ints, max_size=3),
    by_colour=st.dictionaries(st.sampled_from(Colour), st.floats(allow_nan=False)),
    by_name=st.dictionaries(names, st.booleans(), max_size=3),
    label=st.none() | labels,
    labels=st.lists(labels, max_size=3).map(tuple),
    secret=st.binary(),
    mixed=times,
)
PAINT = Paint(
    shelf="a",
    number=1,
    colour=Colour.RED,
    size=None,
    lines=(),
    held={},
    by_colour={},
    by_name={},
    label=None,
    labels=(),
    secret=b"",
    mixed=datetime(2026, 1, 1, tzinfo=UTC),
)


def to_document(kind: Kind[Paint], paint: Paint) -> Document:
    return record_to_document(Ref(kind, kind.key(paint)), paint, touched=0)


@given(paints)
def test_a_record_comes_back_as_it_went(paint: Paint) -> None:
    document = to_document(PAINTS, paint)
    assert record_from_document(PAINTS, document) == paint


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(paint=paints)
async def test_a_record_comes_back_from_the_engine(database: Database, paint: Paint) -> None:
    store = MongoRecords(database, [PAINTS])

    def change(state: State) -> Changed[Paint]:
        return Changed(answer=paint, records=(paint,))

    key = PaintKey(paint.shelf, paint.number)
    await store.update([Ref(PAINTS, key)], change, answer=Paint, timeout_s=5)
    assert await store.find(PAINTS, key) == paint
    assert await store.find_many(PAINTS, [key]) == {key: paint}


def test_a_record_is_made_plain_once_for_all_that_is_written_of_it() -> None:
    plains, first, second = Plains(), Box("b", {"a": 1}), Box("b", {"a": 1})
    kept = record_to_document(Ref(BOXES, "b"), first, touched=0, to_plain=plains.of)
    told = event_to_document(Event("packed", "b", 1, first), NOW, to_plain=plains.of)

    assert told["detail"] is plains.of(first) is not plains.of(second)
    less = Event("packed", "b", 1, first, untold=frozenset({"name"}))
    assert event_to_document(less, NOW, to_plain=plains.of)["detail"] == {"content": {"a": 1}}
    assert kept == record_to_document(Ref(BOXES, "b"), first, touched=0)
    assert told == event_to_document(Event("packed", "b", 1, first), NOW)


def test_a_tuple_as_key_is_a_document_with_its_names_in_order() -> None:
    assert list(key_to_plain(PaintKey("a", 1)).items()) == [("shelf", "a"), ("number", 1)]


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 1, 1),
        datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1))),
        datetime(2026, 1, 1, microsecond=1, tzinfo=UTC),
        2**63,
        {"$inc": 1},
        {"a\0": 1},
        ["\ud800"],
    ],
)
def test_what_would_not_come_back_is_refused(value: object) -> None:
    with pytest.raises(UnkeepableValueError):
        value_to_plain(value)
    with pytest.raises(UnkeepableValueError):
        record_to_document(Ref(BOXES, "b"), Box("b", value), touched=0)


def test_numbers_at_the_edge_are_kept() -> None:
    for value in (2**63 - 1, -(2**63), math.inf, 0.1):
        assert value_to_plain(value) == value


def test_older_schemas_are_read_by_upgrades_and_newer_ones_refused() -> None:
    old = to_document(PAINTS, PAINT)
    del old["secret"]

    def with_secret(document: Document) -> Document:
        return {**document, "secret": b"none"}

    second = replace(PAINTS, schema=2, upgrades={1: with_secret})
    assert record_from_document(second, old) == replace(PAINT, secret=b"none")
    newer = to_document(replace(PAINTS, schema=3), PAINT)
    with pytest.raises(UnknownSchemaError):
        record_from_document(second, newer)


def test_of_many_each_is_read_by_its_own_schema() -> None:
    """Also where an older one would read as it is, and mean something else."""

    def with_secret(document: Document) -> Document:
        return {**document, "secret": b"none"}

    second = replace(PAINTS, schema=2, upgrades={1: with_secret})
    documents = [to_document(second, PAINT), to_document(PAINTS, PAINT)]
    assert records_from_documents(second, documents) == [PAINT, replace(PAINT, secret=b"none")]
    newer = to_document(replace(PAINTS, schema=3), PAINT)
    with pytest.raises(UnknownSchemaError):
        records_from_documents(second, [*documents, newer])


def test_a_record_may_not_have_a_field_of_the_stores_own() -> None:
    made = make_dataclass("Made", [("name", str), ("touched", int)], frozen=True)
    with pytest.raises(ValueError, match="touched"):
        MemoryRecords([Kind(type=made, collection="made", key=lambda record: record.name)])
