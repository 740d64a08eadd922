"""The chain's list of staff, without a store, a server or a clock."""

from dataclasses import replace

import pytest

from services.associate.staff.domain import (
    InvalidStaffError,
    Role,
    Staff,
    check,
    put,
    staff_id_of,
)

CAMILLE = Staff(
    staff_id=staff_id_of("B-1"),
    badge="B-1",
    display_name="Camille",
    roles=(Role.ASSOCIATE,),
    location_ids=("lyon-1",),
    active=True,
    pin_hash="hash",
)


def fields_at_fault(member: Staff, pin: str = "") -> list[str]:
    with pytest.raises(InvalidStaffError) as raised:
        check(member, pin=pin)
    return [violation.field for violation in raised.value.violations]


@pytest.mark.parametrize("badge", ["", "x" * 33, " B-1", "B\n1"])
def test_a_badge_can_be_printed(badge: str) -> None:
    assert fields_at_fault(replace(CAMILLE, badge=badge)) == ["badge"]


@pytest.mark.parametrize("name", ["", "x" * 101, "Ca\x00mille"])
def test_a_name_can_be_read(name: str) -> None:
    assert fields_at_fault(replace(CAMILLE, display_name=name)) == ["display_name"]


def test_everybody_has_a_role() -> None:
    assert fields_at_fault(replace(CAMILLE, roles=())) == [
        "roles",
    ]


@pytest.mark.parametrize(
    "location_ids", [(), ("Lyon 1",), tuple(f"shop-{n:03}" for n in range(101))]
)
def test_all_but_operators_work_somewhere(location_ids: tuple[str, ...]) -> None:
    assert fields_at_fault(replace(CAMILLE, location_ids=location_ids)) == ["location_ids"]


def test_an_operator_may_work_everywhere() -> None:
    operator = replace(CAMILLE, roles=(Role.OPERATOR,), location_ids=())
    check(operator, pin="")

    assert operator.may_work_at("anywhere")


def test_an_operator_with_locations_works_there_alone() -> None:
    assert not replace(CAMILLE, roles=(Role.OPERATOR,)).may_work_at("lille-2")


def test_nobody_inactive_works_anywhere() -> None:
    assert not replace(CAMILLE, active=False).may_work_at("lyon-1")


@pytest.mark.parametrize("pin", ["12345", "1234567890123", "12345a", "١٢٣٤٥٦"])
def test_a_pin_is_6_to_12_digits(pin: str) -> None:
    assert fields_at_fault(CAMILLE, pin) == ["pin"]


def test_every_field_at_fault_is_named() -> None:
    assert fields_at_fault(replace(CAMILLE, badge="", display_name=""), "1") == [
        "badge",
        "display_name",
        "pin",
    ]


def test_the_first_listing_is_revision_1() -> None:
    assert put(None, CAMILLE).revision == 1


def test_the_same_listing_changes_nothing() -> None:
    before = put(None, CAMILLE)

    assert put(before, CAMILLE) is before


def test_a_listing_without_pin_leaves_the_one_there_is() -> None:
    before = put(None, CAMILLE)

    assert put(before, replace(CAMILLE, pin_hash="")) is before


def test_another_listing_replaces_the_whole_member() -> None:
    after = put(put(None, CAMILLE), replace(CAMILLE, display_name="Alex", pin_hash=""))

    assert after == replace(CAMILLE, display_name="Alex", revision=2)


def test_a_badge_always_means_the_same_member() -> None:
    assert staff_id_of("B-1001") == "9ba1f30c-917a-51e5-925f-106a4a04a62f"
