"""What is written is read by the release before: a change of shape that is not is seen."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, make_dataclass
from datetime import datetime
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from chassis.records import Kind
from tests.architecture.kept_records import KINDS, described, description_of, unreadable

RELEASED = Path(__file__).parents[2] / "protos" / "released_records.json"


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class MoreColours(Enum):
    RED = "red"
    BLUE = "blue"
    GREEN = "green"


@dataclass(frozen=True)
class Part:
    name: str


@dataclass(frozen=True)
class LongPart:
    name: str
    length_mm: int


@dataclass(frozen=True)
class PartOfUnit:
    name: str
    unit: str = ""


THING: Mapping[str, Any] = {
    "thing_id": str,
    "count": int,
    "part": Part,
    "parts": tuple[Part, ...],
    "colour": Colour,
    "due": datetime | None,
    "by_name": Mapping[str, int],
    "note": (str, ""),
}


def kind_of(fields: Mapping[str, Any], **how: Any) -> Kind[Any]:
    """Of a type with these fields; one that is a pair has a default."""
    pairs = ((name, what if isinstance(what, tuple) else (what,)) for name, what in fields.items())
    made = make_dataclass("Thing", [(name, *what) for name, what in pairs], kw_only=True)
    return Kind(type=made, collection="things", key=lambda thing: str(thing), **how)


def compared(released: Kind[Any], now: Kind[Any]) -> list[str]:
    return list(unreadable(description_of(released), description_of(now), now.upgrades))


def less(name: str) -> dict[str, Any]:
    return {field: what for field, what in THING.items() if field != name}


BREACHES = {
    "a field is gone": (less("count"), "it.count is gone"),
    "a field with a default is gone": (less("note"), "it.note is gone"),
    "a field is new without default": ({**THING, "size": int}, "it.size is new"),
    "a field has another type": ({**THING, "count": str}, "it.count"),
    "a field may be none": ({**THING, "count": int | None}, "it.count"),
    "a field has become a list": ({**THING, "part": tuple[Part, ...]}, "it.part"),
    "a part has grown": ({**THING, "part": LongPart}, "it.part.length_mm"),
    "an item has grown": ({**THING, "parts": tuple[LongPart, ...]}, "it.parts.length_mm"),
    "there is one more value": ({**THING, "colour": MoreColours}, "it.colour"),
    "a map has other values": ({**THING, "by_name": Mapping[str, str]}, "it.by_name"),
}
SAME = {
    "nothing changed": dict(THING),
    "a field with a default": {**THING, "size": (int, 0)},
    "a part with one": {**THING, "part": PartOfUnit},
    "another order of fields": {"part": Part, **THING},
}


def test_no_released_record_is_unreadable_to_either_release() -> None:
    released = json.loads(RELEASED.read_text())
    now = described()
    kinds = {f"{service} {kind.collection}": kind for service, own in KINDS.items() for kind in own}
    wrong = {
        name: list(unreadable(released[name], now[name], kinds[name].upgrades))
        for name in sorted(released.keys() & now.keys())
    }
    assert {name: why for name, why in wrong.items() if why} == {}


def test_every_kind_that_a_service_declares_is_compared() -> None:
    for name in ("associate", "catalog", "collect", "customer", "inventory"):
        import_module(f"services.{name}.main")
    declared = {
        id(value): f"{module.__name__}.{name}"
        for module in list(sys.modules.values())
        if getattr(module, "__name__", "").startswith(("chassis.", "services."))
        for name, value in vars(module).items()
        if isinstance(value, Kind)
    }
    compared = {id(kind) for own in KINDS.values() for kind in own}
    assert {where for each, where in declared.items() if each not in compared} == set()
    assert compared <= declared.keys()


@pytest.mark.parametrize(("fields", "said"), BREACHES.values(), ids=BREACHES)
def test_a_breach_is_seen(fields: Mapping[str, Any], said: str) -> None:
    (told,) = compared(kind_of(THING), kind_of(fields))
    assert told.startswith(said)
    assert told.endswith(("raise the schema", "raise its schema"))


@pytest.mark.parametrize("fields", SAME.values(), ids=SAME)
def test_records_may_grow(fields: Mapping[str, Any]) -> None:
    assert compared(kind_of(THING), kind_of(fields)) == []


def same(document: dict[str, Any]) -> dict[str, Any]:
    return document


OTHER = less("count")
RAISED = {"schema": 2, "upgrades": {1: same}}
HELD = {**RAISED, "writes": 1, "downgrades": {1: same}}


def test_another_shape_is_read_for_one_release_and_written_in_the_next() -> None:
    first, second, third = kind_of(THING), kind_of(OTHER, **HELD), kind_of(OTHER, **RAISED)

    assert compared(first, second) == []
    assert compared(second, third) == []
    (at_once,) = compared(first, third)
    assert at_once.startswith("schema 2 is written, and the release before reads 1 at most")
    (back,) = compared(third, first)
    assert back == "schema 2 was released: it cannot become 1"


def test_what_the_release_before_wrote_needs_its_upgrade() -> None:
    third = kind_of(OTHER, **RAISED)
    fourth = kind_of(THING, schema=3, upgrades={2: same}, writes=2, downgrades={2: same})
    assert compared(third, fourth) == []
    # Records of the first are there still, and what holds them was never written anew.
    fourth_of_held = compared(kind_of(OTHER, **HELD), fourth)
    assert fourth_of_held == ["what was written as schema 1 has no upgrade"]
