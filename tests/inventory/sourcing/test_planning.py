"""What is planned, and why: from locations, rules and stock."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.inventory.location.domain import (
    Address,
    Coordinates,
    Location,
    LocationKind,
    OpeningHours,
)
from services.inventory.sourcing.domain import DistanceBand, TransferRule
from services.inventory.sourcing.explaining import Cause, Plan, Rejection, planned
from services.inventory.sourcing.planning import (
    Question,
    Wanted,
    Weights,
    check_wanted,
)
from services.inventory.sourcing.reaching import candidates, reached
from services.inventory.stock.domain import InvalidLinesError, Place

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def location(location_id: str, longitude: float = 4.8) -> Location:
    return Location(
        location_id=location_id,
        kind=LocationKind.SHOP,
        name=location_id,
        address=Address(country="FR"),
        coordinates=Coordinates(latitude=45.7, longitude=longitude),
        time_zone="Europe/Paris",
    )


NO_WEIGHTS = Weights()
LYON, PARIS = location("lyon"), location("paris", 2.3)


def rule(source: str, hours: float, cost: int, **fields: object) -> TransferRule:
    band = DistanceBand(distance_m_max=0, lead_s=int(hours * 3600), cost=cost)
    return TransferRule(
        source_location_id=source,
        target_location_id="",
        bands=(band,),
        **fields,  # type: ignore[arg-type]
    )


def plan_of(
    stock: Mapping[str, str],
    *rules: TransferRule,
    wanted: str = "ABC",
    weights: Weights = NO_WEIGHTS,
    target: Location = LYON,
) -> Plan:
    """For one of each letter wanted at Lyon, where `stock` says who has which letters."""
    found = candidates(
        target,
        [location(each, 5 + n / 10) for n, each in enumerate(stock)],
        named=(),
        lines_count=len(wanted),
    ).considered
    free = {Place(at, sku): 1 for at, skus in stock.items() for sku in skus}
    question = Question(wanted=tuple(Wanted(sku, 1) for sku in wanted), at=NOW, weights=weights)
    return planned(question, found, reached(found, {each.way: each for each in rules}), free)


def served(plan: Plan, wanted: str = "ABC") -> dict[str, str]:
    return {
        parcel.offer.reach.location_id: "".join(
            sku for number, sku in enumerate(wanted) if parcel.lines >> number & 1
        )
        for parcel in plan.choice.parcels
    }


def test_without_rules_a_location_serves_itself_alone() -> None:
    plan = plan_of({"lyon": "AB", "lille": "ABC"})
    assert served(plan) == {"lyon": "AB"}
    assert [each.wanted.sku for each in plan.unserved] == ["C"]
    assert plan.rejected == (("lille", Rejection.NO_TRANSFER),)
    assert plan.choice.sums.parcels == 0


def test_the_pick_up_location_serves_itself_where_another_could_as_well() -> None:
    plan = plan_of({"lyon": "A", "lille": "ABC"}, rule("lille", 24, 500))
    assert served(plan) == {"lyon": "A", "lille": "BC"}
    assert plan.choice.exact


def test_the_pick_up_location_serves_itself_where_another_is_there_as_soon() -> None:
    plan = plan_of({"lyon": "A", "lille": "ABC"}, rule("lille", 0, 500))
    assert served(plan) == {"lille": "BC", "lyon": "A"}


def test_each_location_is_there_by_its_own_rule_and_hours() -> None:
    stock, closed = {"lille": "A", "nice": "B", "metz": "C"}, ("2026-01-02",)
    rules = [rule("lille", 2, 100), rule("nice", 2, 100, preparation_s=3600)]
    shut = rule("metz", 2, 100, closed_dates=closed)
    plan = plan_of(stock, *rules, shut)
    ready = {p.offer.reach.location_id: p.offer.times.ready for p in plan.choice.parcels}
    midnight = datetime(2026, 1, 2, 23, tzinfo=UTC)
    assert ready == {"lille": NOW + 2 * HOUR, "nice": NOW + 3 * HOUR, "metz": midnight + 2 * HOUR}


def test_hours_and_zone_of_the_source_count_for_it_alone() -> None:
    mornings = (OpeningHours(weekday=6, opens_minute=600, closes_minute=1140),)
    nice = replace(location("nice"), opening_hours=mornings)
    laval = replace(nice, location_id="laval", time_zone="America/Montreal")
    found = candidates(LYON, [location("lille"), nice, laval], named=(), lines_count=3).considered
    everywhere = rule("", 2, 100)
    free = {Place("lille", "A"): 1, Place("nice", "B"): 1, Place("laval", "C"): 1}
    question = Question(wanted=tuple(Wanted(sku, 1) for sku in "ABC"), at=NOW)
    plan = planned(question, found, reached(found, {everywhere.way: everywhere}), free)
    leaves = [parcel.offer.times.leave for parcel in plan.choice.parcels]
    assert leaves == [NOW, *(datetime(2026, 1, 3, hour, tzinfo=UTC) for hour in (9, 15))]


def test_nothing_is_ready_on_a_day_on_which_the_pick_up_location_is_closed() -> None:
    closed = TransferRule(
        source_location_id="lyon", target_location_id="lyon", closed_dates=("2026-01-02",)
    )
    (parcel,) = plan_of({"lille": "A"}, rule("lille", 2, 1), closed, wanted="A").choice.parcels
    assert parcel.offer.times.ready == datetime(2026, 1, 2, 23, tzinfo=UTC)


def test_fewer_parcels_come_before_an_earlier_one() -> None:
    stock = {"lille": "AB", "nice": "C", "metz": "ABC"}
    rules = [rule("lille", 2, 100), rule("nice", 2, 100), rule("metz", 48, 900)]
    plan = plan_of(stock, *rules)
    assert served(plan) == {"metz": "ABC"}
    (other,) = plan.alternatives
    assert (other.choice.location_ids, other.cause) == (("lille", "nice"), Cause.MORE_PARCELS)


def test_an_earlier_plan_comes_before_a_cheaper_one() -> None:
    plan = plan_of({"lille": "ABC", "nice": "ABC"}, rule("lille", 24, 100), rule("nice", 2, 900))
    assert served(plan) == {"nice": "ABC"}
    (other,) = plan.alternatives
    assert (other.choice.location_ids, other.cause) == (("lille",), Cause.LATER)


def test_of_plans_as_early_the_cheaper_is_preferred() -> None:
    plan = plan_of({"lille": "ABC", "nice": "ABC"}, rule("lille", 2, 900), rule("nice", 2, 100))
    assert served(plan) == {"nice": "ABC"}
    assert [each.cause for each in plan.alternatives] == [Cause.DEARER]


def test_weights_may_prefer_what_comes_earlier_in_more_parcels() -> None:
    stock = {"lille": "AB", "nice": "C", "metz": "ABC"}
    rules = [rule("lille", 2, 100), rule("nice", 2, 100), rule("metz", 48, 900)]
    plan = plan_of(stock, *rules, weights=Weights(parcel=10, hour=1))
    assert served(plan) == {"lille": "AB", "nice": "C"}
    assert {each.cause for each in plan.alternatives} == {Cause.WEIGHS_MORE}


@pytest.mark.parametrize("weight", [-1.0, math.nan, math.inf])
def test_a_weight_is_a_number_from_zero_on(weight: float) -> None:
    assert Weights(parcel=1, hour=0.5).are_weights
    assert not Weights(hour=weight).are_weights


def test_a_line_is_served_whole_by_one_location_or_not_at_all() -> None:
    found = candidates(LYON, [location("lille")], named=(), lines_count=1).considered
    reaches = reached(found, {each.way: each for each in [rule("lille", 1, 1)]})
    free = {Place("lyon", "A"): 2, Place("lille", "A"): 3}
    question = Question(wanted=(Wanted("A", 4),), at=NOW)
    (unserved,) = planned(question, found, reaches, free).unserved
    assert (unserved.most, unserved.total) == (3, 5)


def test_a_location_that_does_not_open_serves_nothing_and_is_named() -> None:
    days = tuple((datetime(2026, 1, 1) + n * 24 * HOUR).date().isoformat() for n in range(80))
    plan = plan_of({"lille": "A"}, rule("lille", 1, 1, closed_dates=days), wanted="A")
    assert plan.choice.parcels == ()
    assert ("lille", Rejection.CLOSED) in plan.rejected
    assert [each.total for each in plan.unserved] == [0]


def test_it_is_ready_when_the_pick_up_location_opens_behind_its_arrival() -> None:
    morning = (OpeningHours(weekday=6, opens_minute=600, closes_minute=1140),)
    at_lyon = replace(LYON, opening_hours=morning)
    plan = plan_of(
        {"lille": "A"}, rule("lille", 2, 1, preparation_s=3600), wanted="A", target=at_lyon
    )
    (parcel,) = plan.choice.parcels
    assert parcel.offer.times.leave == NOW + HOUR
    assert parcel.offer.times.ready == datetime(2026, 1, 3, 9, tzinfo=UTC)


def test_what_a_location_takes_to_serve_itself_has_a_rule_too() -> None:
    own = TransferRule(source_location_id="lyon", target_location_id="lyon", preparation_s=7200)
    (parcel,) = plan_of({"lyon": "A"}, own, wanted="A").choice.parcels
    assert parcel.offer.times == (None, NOW + 2 * HOUR)


def test_named_locations_are_looked_at_first_then_the_nearest_then_by_id() -> None:
    unknown = replace(LYON, location_id="atlantis", coordinates=None)
    others = [PARIS, location("near", 4.9), unknown, location("far", 9.0), LYON]
    found = candidates(LYON, others, named=["far"], lines_count=1)
    ids = [each.location.location_id for each in found.considered]
    assert ids == ["lyon", "far", "near", "paris", "atlantis"]


@pytest.mark.parametrize(("lines_count", "count"), [(1, 200), (20, 200), (100, 40)])
def test_locations_are_left_out_beyond_so_many_and_counted(lines_count: int, count: int) -> None:
    others = [location(f"shop-{n:03}", 5 + n / 100) for n in range(250)]
    found = candidates(LYON, others, named=(), lines_count=lines_count)
    assert (len(found.considered), found.left_out_count) == (count, 251 - count)


letters = st.sets(st.sampled_from("ABCD")).map(lambda skus: "".join(sorted(skus)))
offers = st.tuples(letters, st.integers(0, 3), st.integers(0, 3))


@given(st.lists(offers, min_size=1, max_size=4), letters)
def test_a_plan_serves_each_line_that_anybody_has_once_and_no_way_is_better(
    others: list[tuple[str, int, int]], mine: str
) -> None:
    stock = {"lyon": mine} | {f"shop-{n}": skus for n, (skus, _, _) in enumerate(others)}
    rules = [rule(f"shop-{n}", hours, cost) for n, (_, hours, cost) in enumerate(others)]
    plan = plan_of(stock, *rules, wanted="ABCD")
    lines = sorted("".join(served(plan, "ABCD").values()))
    assert lines == sorted(set("".join(stock.values())))
    assert all(set(skus) <= set(stock[at]) for at, skus in served(plan, "ABCD").items())
    assert plan.choice.sums == least(stock, rules, lines)


def least(stock: Mapping[str, str], rules: list[TransferRule], lines: list[str]) -> object:
    """Parcels, time and cost of the best assignment of lines to locations there is."""
    takes = {each.source_location_id: each.bands[0] for each in rules}
    found = []
    for assigned in product(*([at for at, skus in stock.items() if sku in skus] for sku in lines)):
        senders = [takes[at] for at in set(assigned) if at != "lyon"]
        ready_s = max((band.lead_s for band in senders), default=0)
        ready = int(NOW.timestamp()) + ready_s if assigned else 0
        found.append((len(senders), ready, sum(band.cost for band in senders)))
    return min(found)


@pytest.mark.parametrize(
    "wanted",
    [
        [],
        [Wanted("A", 0)],
        [Wanted("", 1)],
        [Wanted("A B", 1)],
        [Wanted("A", 1), Wanted("A", 2)],
        [Wanted(f"S{n}", 1) for n in range(101)],
    ],
)
def test_what_cannot_be_wanted_is_refused(wanted: list[Wanted]) -> None:
    with pytest.raises(InvalidLinesError):
        check_wanted(wanted)
