"""Transfer rules: which one holds, how far it reaches, what may be put."""

from dataclasses import replace

import pytest

from services.inventory.sourcing.domain import (
    DistanceBand,
    InvalidTransferRuleError,
    TransferRule,
    Way,
    check_rules,
    put,
    rule_between,
    transfer_rule_changed,
)
from services.inventory.stock.domain import StockRow, row_changed
from services.inventory.supply.domain import Expectation, expectation_changed

NEAR = DistanceBand(distance_m_max=50_000, lead_s=3600, cost=300)
FAR = DistanceBand(distance_m_max=0, lead_s=86_400, cost=900)


def rule(source: str = "", target: str = "", **fields: object) -> TransferRule:
    return TransferRule(source_location_id=source, target_location_id=target, **fields)  # type: ignore[arg-type]


def by_way(*rules: TransferRule) -> dict[Way, TransferRule]:
    return {each.way: each for each in rules}


def test_the_most_particular_rule_holds() -> None:
    given = [rule("a", "b"), rule("a"), rule(target="b"), rule()]
    for number, expected in enumerate(given):
        assert rule_between(by_way(*given[number:]), "a", "b") is expected


def test_a_rule_of_other_locations_does_not_hold() -> None:
    assert rule_between(by_way(rule("b", "a"), rule("c"), rule(target="a")), "a", "b") is None


def test_a_withdrawn_rule_leaves_its_place_to_a_less_particular_one() -> None:
    less = rule("a")
    assert rule_between(by_way(rule("a", "b", withdrawn=True), less), "a", "b") is less


@pytest.mark.parametrize(
    ("metres", "band"), [(0, NEAR), (50_000, NEAR), (50_001, FAR), (None, FAR)]
)
def test_the_first_band_that_reaches_so_far_counts(metres: int | None, band: DistanceBand) -> None:
    assert rule(bands=(NEAR, FAR)).band(metres) is band


@pytest.mark.parametrize("metres", [50_001, None])
def test_nothing_goes_beyond_the_last_band(metres: int | None) -> None:
    assert rule(bands=(NEAR,)).band(metres) is None


def test_a_rule_that_says_the_same_stands_as_it_is_whoever_says_it() -> None:
    before = put(None, rule("a", "b", actor="erp"))
    assert before.revision == 1
    assert put(before, rule("a", "b", actor="other")) is before
    changed = put(before, rule("a", "b", actor="other", withdrawn=True))
    assert (changed.revision, changed.actor) == (2, "other")


def test_what_shares_a_key_is_told_of_as_of_records_of_different_kinds() -> None:
    """An article may be named as a location is."""
    told = [
        row_changed(StockRow(location_id="a", sku="b")),
        expectation_changed(Expectation(location_id="a", sku="b")),
        transfer_rule_changed(rule("a", "b")),
    ]
    assert {event.key for event in told} == {"a b"}
    assert len({event.kind for event in told}) == len(told)


def test_a_change_is_told_under_a_key_of_both_locations() -> None:
    told = transfer_rule_changed(put(None, rule("a")))
    assert (told.name, told.key, told.revision) == ("transfer_rule_changed", "a *", 1)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"preparation_s": -1}, "preparation_duration"),
        ({"preparation_s": 7 * 86_400 + 1}, "preparation_duration"),
        ({"cut_offs": (1440,)}, "cut_off_minutes"),
        ({"cut_offs": (600, 540)}, "cut_off_minutes"),
        ({"weekdays": (0,)}, "weekdays"),
        ({"weekdays": (1, 1)}, "weekdays"),
        ({"closed_dates": ("2026-02-30",)}, "closed_dates"),
        ({"closed_dates": ("20261225",)}, "closed_dates"),
        ({"source_location_id": "x" * 65}, "source_location_id"),
        ({"bands": (FAR, NEAR)}, "bands[0].distance_max_m"),
        ({"bands": (NEAR, NEAR)}, "bands[1].distance_max_m"),
        ({"bands": (replace(NEAR, lead_s=-1),)}, "bands[0].lead_duration"),
        ({"bands": (replace(NEAR, cost=-1),)}, "bands[0].parcel_cost"),
        ({"bands": tuple(replace(NEAR, distance_m_max=n + 1) for n in range(21))}, "bands"),
    ],
)
def test_what_a_rule_may_not_say_is_named(fields: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidTransferRuleError) as refused:
        check_rules([replace(rule("a", "b", bands=(NEAR,)), **fields)])  # type: ignore[arg-type]
    assert [violation.field for violation in refused.value.violations] == [f"rules[0].{field}"]


@pytest.mark.parametrize("rules", [[], [rule("a"), rule("a")], [rule(str(n)) for n in range(201)]])
def test_rules_come_some_at_once_each_of_another_way(rules: list[TransferRule]) -> None:
    with pytest.raises(InvalidTransferRuleError):
        check_rules(rules)
