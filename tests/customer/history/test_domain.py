"""What a purchase may say, and that an order becomes one once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.customer.history.domain import (
    Channel,
    CollectedOrder,
    InvalidPurchaseError,
    Line,
    Money,
    Purchase,
    checked,
    collected,
    imported,
    postponed,
    put,
    recorded,
)
from services.customer.profile.domain import UnknownCustomerError

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
NOTED = CollectedOrder(order_id="o1", collect_time=NOON, due_time=NOON)
PURCHASE = Purchase(
    purchase_id="o1",
    customer_id="anna",
    purchase_time=NOON,
    lines=(Line(sku="LAMP", quantity=2, total=Money(minor=1990, currency="EUR")),),
    total=Money(minor=1990, currency="EUR"),
    channel=Channel.TILL,
    location_id="lyon",
)


def with_line(**fields: object) -> Purchase:
    return replace(PURCHASE, lines=(replace(PURCHASE.lines[0], **fields),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (replace(PURCHASE, purchase_id=""), "purchase_id"),
        (replace(PURCHASE, purchase_id="x" * 65), "purchase_id"),
        (replace(PURCHASE, customer_id=""), "customer_id"),
        (replace(PURCHASE, location_id="x" * 65), "location_id"),
        (replace(PURCHASE, purchase_time=NOON + timedelta(days=2)), "purchase_time"),
        (replace(PURCHASE, purchase_time=datetime(1970, 1, 1, tzinfo=UTC)), "purchase_time"),
        (replace(PURCHASE, lines=()), "lines"),
        (replace(PURCHASE, lines=PURCHASE.lines * 201), "lines"),
        (replace(PURCHASE, total=Money(minor=-1, currency="EUR")), "total"),
        (with_line(sku=""), "lines[0].sku"),
        (with_line(quantity=0), "lines[0].quantity"),
        (with_line(quantity=2**62), "lines[0].quantity"),
        (with_line(total=Money(minor=1, currency="eur")), "lines[0].total"),
        (with_line(total=Money(minor=1, currency="USD")), "lines[0].total"),
    ],
)
def test_a_bad_field_is_named(bad: Purchase, field: str) -> None:
    with pytest.raises(InvalidPurchaseError) as caught:
        checked(bad, now=NOON)

    assert [violation.field for violation in caught.value.violations] == [field]


def test_a_till_may_not_know_the_amounts() -> None:
    unpriced = replace(with_line(total=None), total=None)

    assert checked(unpriced, now=NOON) == unpriced


def test_a_purchase_put_again_stays_as_it_is() -> None:
    stands = put(None, PURCHASE)

    assert put(stands, PURCHASE) is stands


def test_a_purchase_put_otherwise_is_the_next_revision() -> None:
    stands = put(None, PURCHASE)

    assert put(stands, replace(PURCHASE, location_id="lille")).revision == 2


def test_a_purchase_of_nobody_is_refused() -> None:
    with pytest.raises(UnknownCustomerError):
        imported(None, PURCHASE, known_ids={"ben"})


def test_an_order_is_noted_once() -> None:
    first = collected(None, order_id="o1", collect_time=NOON)

    assert first.records == (NOTED,)
    assert collected(NOTED, order_id="o1", collect_time=NOON).records == ()


def test_an_order_is_recorded_once() -> None:
    first = recorded(NOTED, None, PURCHASE)

    assert first.answer and [event.name for event in first.events] == ["purchase_recorded"]
    again = recorded(replace(NOTED, read=True), PURCHASE, PURCHASE)
    assert (again.answer, again.records, again.events) == (False, (), ())


def test_an_order_of_nobody_is_read_and_recorded_nowhere() -> None:
    assert recorded(NOTED, None, None).records == (replace(NOTED, read=True),)


def test_an_order_imported_before_is_not_told_again() -> None:
    stands = put(None, PURCHASE)

    assert recorded(NOTED, stands, PURCHASE).events == ()


@given(st.integers(min_value=0, max_value=10_000))
def test_an_order_is_tried_again_within_the_hour(tries_count: int) -> None:
    (later,) = postponed(replace(NOTED, tries_count=tries_count), now=NOON).records
    assert isinstance(later, CollectedOrder)

    assert timedelta(seconds=1) <= later.due_time - NOON <= timedelta(hours=1)


def test_an_order_that_was_read_is_not_tried_again() -> None:
    assert postponed(replace(NOTED, read=True), now=NOON).records == ()
