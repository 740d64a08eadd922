"""What things cost: the function, against one that tries every instant."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.price.domain import (
    BOUNDARIES_MAX,
    INTERVALS_MAX,
    Interval,
    InvalidPriceError,
    Listed,
    Price,
    PriceKind,
    Prices,
    changes_at,
    listed_of,
    price_at,
    put,
)

DAY_0 = datetime(2026, 1, 1, tzinfo=UTC)
HORIZON_DAYS = 12
REGULAR, REDUCED = PriceKind.REGULAR, PriceKind.REDUCED


def day(number: int) -> datetime:
    return DAY_0 + timedelta(days=number)


def interval(
    amount_minor: int,
    start: int,
    end: int | None = None,
    *,
    kind: PriceKind = REGULAR,
    location_id: str = "",
) -> Interval:
    return Interval(
        location_id=location_id,
        kind=kind,
        amount_minor=amount_minor,
        vat_basis_points=2000,
        start_time=day(start),
        end_time=None if end is None else day(end),
    )


def prices_of(*intervals: Interval) -> Prices:
    return Prices(sku="LAMP", currency="EUR", intervals=intervals, revision=3)


def amount(prices: Prices, number: int, location_id: str = "") -> int | None:
    price = price_at(prices, location_id=location_id, now=day(number))
    return price.amount_minor if price else None


def test_a_price_holds_from_its_start_until_just_before_its_end() -> None:
    prices, last = prices_of(interval(100, 1, 3)), day(3) - timedelta(milliseconds=1)

    assert [amount(prices, number) for number in range(4)] == [None, 100, 100, None]
    assert price_at(prices, location_id="", now=last) is not None


def test_a_price_without_an_end_holds_until_something_follows() -> None:
    prices = prices_of(interval(100, 1), interval(120, 3))

    assert [amount(prices, number) for number in range(1, 5)] == [100, 100, 120, 120]


def test_of_two_that_overlap_the_one_that_starts_last_wins() -> None:
    prices = prices_of(interval(100, 0), interval(80, 1, 2))

    assert [amount(prices, number) for number in range(3)] == [100, 80, 100]


def test_a_reduction_goes_before_the_regular_price_if_it_is_lower() -> None:
    lower = prices_of(interval(100, 0), interval(90, 0, kind=REDUCED))
    higher = prices_of(interval(100, 0), interval(110, 0, kind=REDUCED))
    equal = price_at(
        prices_of(interval(100, 0), interval(100, 0, kind=REDUCED)), location_id="", now=day(0)
    )

    assert (amount(lower, 0), amount(higher, 0)) == (90, 100)
    assert equal is not None and equal.kind is REGULAR


def test_a_reduction_alone_is_the_price() -> None:
    assert amount(prices_of(interval(90, 0, kind=REDUCED)), 0) == 90


def test_a_location_has_its_own_price_before_the_chains() -> None:
    prices = prices_of(interval(100, 5), interval(120, 0, location_id="lyon"))

    assert [amount(prices, 6, location_id) for location_id in ("lyon", "lille", "")] == [
        120,
        100,
        100,
    ]


def test_the_chains_reduction_holds_where_only_the_regular_price_is_its_own() -> None:
    prices = prices_of(
        interval(120, 0, location_id="lyon"), interval(80, 0, kind=REDUCED), interval(100, 0)
    )

    assert amount(prices, 0, "lyon") == 80


def test_a_price_says_what_it_is_and_when_it_changes() -> None:
    prices = prices_of(interval(100, 0), interval(80, 2, 4, kind=REDUCED))

    assert price_at(prices, location_id="lyon", now=day(2)) == Price(
        sku="LAMP",
        amount_minor=80,
        currency="EUR",
        vat_basis_points=2000,
        kind=REDUCED,
        revision=3,
        valid_until_time=day(4),
    )


def test_what_starts_without_changing_the_price_is_no_change() -> None:
    prices = prices_of(interval(100, 0), interval(100, 2), interval(90, 5))

    assert changes_at(prices, location_id="", now=day(0)) == day(5)


def test_the_first_price_is_a_change_before_there_is_one() -> None:
    assert changes_at(prices_of(interval(100, 2)), location_id="", now=day(0)) == day(2)


def test_a_change_too_far_ahead_is_announced_too_early_rather_than_not() -> None:
    same = (interval(100, number) for number in range(BOUNDARIES_MAX + 5))
    prices = prices_of(*same, interval(90, BOUNDARIES_MAX + 10))

    assert changes_at(prices, location_id="", now=day(0)) == day(BOUNDARIES_MAX + 1)


intervals = st.builds(
    lambda amount_minor, start, length, kind, location_id: interval(
        amount_minor,
        start,
        None if length is None else start + length,
        kind=kind,
        location_id=location_id,
    ),
    st.integers(1, 3),
    st.integers(0, HORIZON_DAYS - 1),
    st.none() | st.integers(1, 6),
    st.sampled_from(PriceKind),
    st.sampled_from(["", "lyon", "lille"]),
)
histories = st.lists(
    intervals, max_size=8, unique_by=lambda i: (i.location_id, i.kind, i.start_time)
)
places = st.sampled_from(["", "lyon"])


def tried(history: list[Interval], location_id: str, now: datetime) -> tuple[object, ...]:
    """The price by the words of its definition, one step after the other."""
    best: dict[PriceKind, Interval] = {}
    for each in sorted(history, key=lambda i: (i.location_id != "", i.start_time)):
        of_here = each.location_id in ("", location_id)
        if of_here and each.start_time <= now and not (each.end_time and each.end_time <= now):
            best[each.kind] = each
    if REGULAR in best and REDUCED in best:
        del best[REDUCED if best[REDUCED].amount_minor >= best[REGULAR].amount_minor else REGULAR]
    return tuple((each.amount_minor, each.kind) for each in best.values())


@given(histories, places, st.integers(0, HORIZON_DAYS + 8))
def test_the_price_is_what_its_definition_says(
    history: list[Interval], location_id: str, number: int
) -> None:
    price = price_at(prices_of(*history), location_id=location_id, now=day(number))

    shown = ((price.amount_minor, price.kind),) if price else ()
    assert shown == tried(history, location_id, day(number))


@given(histories, places, st.integers(0, HORIZON_DAYS))
def test_the_price_changes_when_it_says_and_not_before(
    history: list[Interval], location_id: str, number: int
) -> None:
    changes = changes_at(prices_of(*history), location_id=location_id, now=day(number))

    now = tried(history, location_id, day(number))
    ahead = (day(n) for n in range(number + 1, HORIZON_DAYS + 8))
    assert changes == next((t for t in ahead if tried(history, location_id, t) != now), None)


@given(histories, st.randoms())
def test_the_order_in_which_prices_came_does_not_matter(
    history: list[Interval], random: object
) -> None:
    shuffled = list(history)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    for number in range(HORIZON_DAYS):
        assert amount(prices_of(*history), number) == amount(prices_of(*shuffled), number)


def test_an_interval_that_stands_so_already_changes_nothing() -> None:
    before = prices_of(interval(100, 0))

    assert put(before, Listed("LAMP", "EUR", interval(100, 0))) is before


def test_an_interval_replaces_the_one_of_its_location_kind_and_start() -> None:
    before = prices_of(interval(100, 0), interval(100, 1))
    after = put(before, Listed("LAMP", "EUR", interval(90, 1, 5)))

    assert set(after.intervals) == {interval(100, 0), interval(90, 1, 5)}
    assert after.revision == before.revision + 1


def test_a_sku_has_one_currency() -> None:
    with pytest.raises(InvalidPriceError) as caught:
        put(prices_of(interval(100, 0)), Listed("LAMP", "CHF", interval(100, 0)))
    assert "EUR" in caught.value.violations[0].description


def test_a_sku_has_prices_but_not_without_end() -> None:
    full = replace(prices_of(), intervals=tuple(interval(1, n) for n in range(INTERVALS_MAX)))

    with pytest.raises(InvalidPriceError):
        put(full, Listed("LAMP", "EUR", interval(1, INTERVALS_MAX)))
    assert put(full, Listed("LAMP", "EUR", interval(2, 0))).revision == 4


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sku": "a b"}, "sku"),
        ({"location_id": "a b"}, "location_id"),
        ({"amount_minor": 0}, "amount.minor"),
        ({"amount_minor": -1}, "amount.minor"),
        ({"amount_minor": 10**12 + 1}, "amount.minor"),
        ({"currency": "eur"}, "amount.currency"),
        ({"currency": "XXX"}, "amount.currency"),
        ({"vat_basis_points": -1}, "vat_basis_points"),
        ({"vat_basis_points": 10_001}, "vat_basis_points"),
        ({"kind": None}, "kind"),
        ({"start_time": None}, "start_time"),
        ({"start_time": datetime.min.replace(tzinfo=UTC)}, "start_time"),
        ({"end_time": day(1)}, "end_time"),
        ({"end_time": day(0)}, "end_time"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(change: dict[str, object], field: str) -> None:
    said: dict[str, object] = {
        "sku": "LAMP",
        "currency": "EUR",
        "location_id": "",
        "kind": REGULAR,
        "amount_minor": 100,
        "vat_basis_points": 2000,
        "start_time": day(1),
        "end_time": day(2),
    }
    with pytest.raises(InvalidPriceError) as caught:
        listed_of(**said | change)  # type: ignore[arg-type]

    assert [violation.field for violation in caught.value.violations] == [field]
