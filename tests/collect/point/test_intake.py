"""What an imported point makes of the points and cabinets that are there."""

from dataclasses import replace

import pytest

from chassis.changes import Changed
from chassis.errors import AppError
from chassis.importing import Outcome
from services.collect.locker import domain as cabinets
from services.collect.locker.cabinet import Cabinet
from services.collect.point.definition import InvalidPointError, check_point
from services.collect.point.domain import Compartment, Place, PlaceKind, Point, Size
from services.collect.point.intake import refusal, taken_in
from tests.collect.shops import counter, locker, paris, place

NOON = paris("2026-11-23 12:00")
COUNTER, LOCKER = replace(counter(), revision=0), replace(locker(), revision=0)


def cabinet_of(point: Point) -> Cabinet:
    return cabinets.furnished(
        None,
        cabinet_id=point.cabinet_id,
        point_id=point.point_id,
        location_id=point.location_id,
        compartments=point.compartments,
    )


def reasons(changed: Changed[list[Outcome]]) -> list[str | bool]:
    return [o.reason if isinstance(o, AppError) else o for o in changed.answer]


def test_a_new_point_is_put_and_told() -> None:
    changed = taken_in([], [], [COUNTER])

    assert changed.answer == [True]
    assert changed.records == (counter(),)
    assert [(e.name, e.key, e.revision) for e in changed.events] == [
        ("point_changed", "paris-counter", 1)
    ]


def test_a_point_that_stands_as_it_came_changes_nothing() -> None:
    changed = taken_in([counter()], [], [COUNTER])

    assert (changed.answer, changed.records, changed.events) == ([False], (), ())


def test_a_point_is_put_whole_one_revision_on() -> None:
    changed = taken_in([counter()], [], [replace(COUNTER, slot_minutes=30)])

    assert changed.records == (replace(counter(), slot_minutes=30, revision=2),)


def test_a_locker_brings_its_cabinet() -> None:
    changed = taken_in([], [], [LOCKER])

    assert changed.records == (locker(), cabinet_of(locker()))
    assert [e.name for e in changed.events] == ["point_changed", "cabinet_changed"]


def test_compartments_in_use_stay() -> None:
    used = cabinets.kept(cabinet_of(locker()), order_id="order", size=Size.M, now=NOON)
    smaller = replace(LOCKER, compartments=(Compartment("A1", Size.S),))

    changed = taken_in([locker()], [used], [smaller])

    assert reasons(changed) == ["COMPARTMENT_IN_USE"]
    assert (changed.records, changed.events) == ((), ())


def test_free_compartments_may_go_and_new_ones_come() -> None:
    used = cabinets.kept(cabinet_of(locker()), order_id="order", size=Size.M, now=NOON)
    other = replace(LOCKER, compartments=(Compartment("A2", Size.M), Compartment("B1", Size.L)))

    _, cabinet = taken_in([locker()], [used], [other]).records

    assert isinstance(cabinet, Cabinet)
    assert [(u.compartment_id, u.order_id) for u in cabinet.uses] == [("A2", "order"), ("B1", "")]


def test_a_bad_item_does_not_stop_the_others() -> None:
    used = cabinets.kept(cabinet_of(locker()), order_id="order", size=Size.M, now=NOON)
    smaller = replace(LOCKER, compartments=(Compartment("A1", Size.S),))

    changed = taken_in([locker()], [used], [smaller, COUNTER])

    assert reasons(changed) == ["COMPARTMENT_IN_USE", True]
    assert changed.records == (counter(),)


def test_of_two_items_of_one_point_the_last_one_stands() -> None:
    changed = taken_in([], [], [COUNTER, replace(COUNTER, slot_minutes=30)])

    assert changed.answer == [True, True]
    assert changed.records == (replace(counter(), slot_minutes=30, revision=2),)


@pytest.mark.parametrize(
    "item",
    [
        replace(LOCKER, point_id="paris-counter"),
        replace(locker(cabinet_id="cabinet-2"), revision=0),
        replace(locker("lyon-locker"), revision=0),
    ],
    ids=["a counter becomes a locker", "another cabinet", "a cabinet of another point"],
)
def test_a_point_keeps_its_kind_and_its_cabinet(item: Point) -> None:
    changed = taken_in([counter(), locker()], [cabinet_of(locker())], [item])

    assert reasons(changed) == ["INVALID_POINT"]
    assert changed.records == ()


@pytest.mark.parametrize(
    ("point", "field"),
    [
        (replace(COUNTER, point_id="Paris"), "point_id"),
        (replace(COUNTER, point_id="a" * 65), "point_id"),
        (replace(COUNTER, location_id=""), "location_id"),
        (replace(COUNTER, slot_minutes=14), "slot_minutes"),
        (replace(COUNTER, slot_minutes=241), "slot_minutes"),
        (replace(COUNTER, slot_capacity_count=-1), "slot_capacity_count"),
        (replace(COUNTER, preparation_minutes=1441), "preparation_minutes"),
        (replace(COUNTER, cabinet_id="cabinet-1"), "cabinet_id"),
        (replace(COUNTER, compartments=LOCKER.compartments), "compartments"),
        (replace(LOCKER, cabinet_id=""), "cabinet_id"),
        (replace(LOCKER, compartments=()), "compartments"),
        (replace(LOCKER, compartments=(Compartment("", Size.S),)), "compartments"),
        (replace(LOCKER, compartments=(Compartment("A" * 17, Size.S),)), "compartments"),
        (replace(LOCKER, compartments=(Compartment("A1", Size.S),) * 2), "compartments"),
    ],
)
def test_a_point_beyond_its_limits_is_refused_by_its_field(point: Point, field: str) -> None:
    with pytest.raises(InvalidPointError) as raised:
        check_point(point)

    assert [violation.field for violation in raised.value.violations] == [field]


def test_points_within_their_limits_pass() -> None:
    check_point(COUNTER)
    check_point(LOCKER)


def at(kind: PlaceKind) -> dict[str, Place]:
    return {"paris": replace(place(), kind=kind)}


def test_a_point_stands_in_a_shop_that_inventory_knows() -> None:
    unknown, warehouse = refusal(COUNTER, {}), refusal(COUNTER, at(PlaceKind.WAREHOUSE))

    assert refusal(COUNTER, at(PlaceKind.SHOP)) is None
    assert unknown is not None and unknown.reason == "UNKNOWN_LOCATION"
    assert warehouse is not None and warehouse.reason == "INVALID_POINT"
