"""Receipts that are expected: put, settled, forgotten."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.inventory.ledger.domain import Cause, Fact
from services.inventory.stock.domain import Bucket, Line, Place
from services.inventory.supply.domain import (
    Came,
    Expectation,
    Expected,
    ExpectedReceipt,
    InvalidExpectedReceiptError,
    TooManyExpectedError,
    await_transfer,
    came_of,
    check_expected,
    expect,
    nothing_expected,
    settle,
)

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
DUE = int(NOW.timestamp()) + 3600
PLACE = Place("lyon", "LAMP")


def put(document_id: str, quantity: int, due: int = DUE) -> Expected:
    receipt = ExpectedReceipt(document_id=document_id, due=due, quantity=quantity)
    return Expected(place=PLACE, receipt=receipt)


def came(document_id: str, quantity: int) -> Came:
    return Came(place=PLACE, document_id=document_id, quantity=quantity)


def after(before: Expectation, *given_: Expected | Came) -> Expectation:
    """One write after the other."""
    for each in given_:
        at = {PLACE: before}
        left = (
            expect(at, [each], now=NOW)
            if isinstance(each, Expected)
            else settle(at, [each], now=NOW)
        )
        for record in left.records:
            assert isinstance(record, Expectation)
            before = record
    return before


def left_of(expectation: Expectation) -> dict[str, int]:
    return {each.document_id: each.left for each in expectation.receipts if each.left}


NOTHING = nothing_expected(PLACE)


def test_what_is_put_is_awaited_by_when_it_is_due() -> None:
    both = after(NOTHING, put("PO1", 5, DUE + 60), put("PO2", 3))
    assert [receipt.document_id for receipt in both.receipts] == ["PO2", "PO1"]
    assert both.revision == 2


def test_what_comes_settles_its_own_document_by_as_much() -> None:
    both = after(NOTHING, put("PO1", 5), put("PO2", 3), came("PO1", 2))
    assert left_of(both) == {"PO1": 3, "PO2": 3}


def test_more_than_was_expected_leaves_nothing_to_wait_for() -> None:
    assert left_of(after(NOTHING, put("PO1", 5), came("PO1", 9))) == {}


def test_a_feed_that_repeats_itself_revives_nothing() -> None:
    assert left_of(after(NOTHING, put("PO1", 5), came("PO1", 5), put("PO1", 5))) == {}
    assert left_of(after(NOTHING, put("PO1", 5), came("PO1", 2), put("PO1", 8))) == {"PO1": 6}


def test_one_that_is_put_with_nothing_is_cancelled_and_may_come_all_the_same() -> None:
    cancelled = after(NOTHING, put("PO1", 5), put("PO1", 0))
    assert left_of(cancelled) == {}
    assert left_of(after(cancelled, came("PO1", 2), put("PO1", 5))) == {"PO1": 3}


@pytest.mark.parametrize(
    "again", [[put("PO1", 5)], [put("PO2", 0)]], ids=["the same", "none cancelled"]
)
def test_what_is_so_already_writes_nothing(again: list[Expected]) -> None:
    left = expect({PLACE: after(NOTHING, put("PO1", 5))}, again, now=NOW)
    assert (left.answer, left.records, left.events) == (0, (), ())


def test_what_nobody_expected_writes_nothing() -> None:
    left = settle({PLACE: after(NOTHING, put("PO1", 5))}, [came("PO2", 5)], now=NOW)
    assert (left.records, left.events) == ((), ())


def test_two_lines_of_one_write_both_count() -> None:
    before = {PLACE: after(NOTHING, put("PO1", 5))}
    (record,) = settle(before, [came("PO1", 2), came("PO1", 1)], now=NOW).records
    assert isinstance(record, Expectation) and left_of(record) == {"PO1": 2}
    assert record.revision == before[PLACE].revision + 1


@pytest.mark.parametrize(
    ("source", "target", "counts"),
    [
        (Bucket.OUTSIDE, Bucket.SELLABLE, True),
        (Bucket.OUTSIDE, Bucket.DAMAGED, True),
        (Bucket.IN_TRANSIT, Bucket.SELLABLE, True),
        (Bucket.OUTSIDE, Bucket.IN_TRANSIT, False),
        (Bucket.SELLABLE, Bucket.OUTSIDE, False),
        (Bucket.SELLABLE, Bucket.DISPLAY, False),
    ],
)
def test_units_come_once_when_they_are_here(source: Bucket, target: Bucket, counts: bool) -> None:
    line = Line(location_id="lyon", sku="LAMP", quantity=6)
    fact = Fact(line=line, source=source, target=target, cause=Cause.RECEIPT, document_id="PO1")
    assert came_of([fact]) == ([came("PO1", 6)] if counts else [])
    assert came_of([replace(fact, cause=Cause.RETURN), replace(fact, document_id="")]) == []


def test_what_has_ended_makes_room_however_much_there_was() -> None:
    hundred = [put(f"PO{n:03}", 1) for n in range(100)]
    full = after(NOTHING, *hundred)
    cancelled = after(full, *(put(f"PO{n:03}", 0) for n in range(100)))
    assert left_of(after(cancelled, put("NEW", 1))) == {"NEW": 1}
    more = [each for n in range(100, 300) for each in (put(f"PO{n}", 1), came(f"PO{n}", 1))]
    assert len(after(cancelled, *more).receipts) <= 101


def test_what_came_late_is_known_for_a_month_from_then_on() -> None:
    late = put("PO1", 5, DUE - 40 * 86_400)
    settled = after(NOTHING, late, came("PO1", 5), put("PO2", 1), late)
    assert left_of(settled) == {"PO2": 1}


def test_a_change_is_told_by_place() -> None:
    (event,) = expect({PLACE: NOTHING}, [put("PO1", 5), put("PO2", 5)], now=NOW).events
    assert (event.name, event.key, event.revision) == ("expectation_changed", "lyon LAMP", 1)


def test_what_is_settled_is_forgotten_a_month_behind_its_time_what_is_awaited_is_not() -> None:
    settled, awaited = put("PO1", 0, DUE), put("PO2", 5, DUE)
    given_ = after(NOTHING, put("PO1", 1), came("PO1", 1), settled, awaited)
    later = NOW + timedelta(days=31)
    for now, kept in ((NOW, ["PO1", "PO2", "PO3"]), (later, ["PO2", "PO3"])):
        (record,) = expect({PLACE: given_}, [put("PO3", 1, DUE + 1)], now=now).records
        assert isinstance(record, Expectation)
        assert [receipt.document_id for receipt in record.receipts] == kept


def test_no_more_are_kept_than_a_hundred() -> None:
    full = after(NOTHING, *(put(f"PO{n}", 1) for n in range(100)))
    with pytest.raises(TooManyExpectedError):
        after(full, put("PO100", 1))


documents = st.sampled_from(["PO1", "PO2"])
operations = st.lists(
    st.one_of(
        st.builds(put, documents, st.integers(0, 9)), st.builds(came, documents, st.integers(1, 9))
    ),
    max_size=8,
)


@given(operations)
def test_what_is_left_is_what_was_last_put_less_all_that_came_since_it_was_known(
    given_: list[Expected | Came],
) -> None:
    quantities: dict[str, int] = {}
    received: dict[str, int] = {}
    for each in given_:
        if isinstance(each, Expected):
            quantity, name = each.receipt.quantity, each.receipt.document_id
            if quantity or name in quantities:
                quantities[name] = quantity
        elif each.document_id in quantities:
            received[each.document_id] = received.get(each.document_id, 0) + each.quantity
    left = {name: max(n - received.get(name, 0), 0) for name, n in quantities.items()}
    assert left_of(after(NOTHING, *given_)) == {name: n for name, n in left.items() if n}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"document_id": ""}, "document_id"),
        ({"document_id": "x" * 129}, "document_id"),
        ({"quantity": -1}, "quantity"),
        ({"quantity": 1_000_000_001}, "quantity"),
        ({"due": 0}, "due_time"),
        ({"due": 1 << 50}, "due_time"),
    ],
)
def test_what_a_receipt_may_not_be_is_named(fields: dict[str, object], field: str) -> None:
    receipt = replace(put("PO1", 5).receipt, **fields)  # type: ignore[arg-type]
    with pytest.raises(InvalidExpectedReceiptError) as refused:
        check_expected([Expected(place=PLACE, receipt=receipt)])
    assert [v.field for v in refused.value.violations] == [f"receipts[0].{field}"]


@pytest.mark.parametrize(
    "given_", [[], [put("PO1", 1), put("PO1", 2)], [put(f"PO{n}", 1) for n in range(201)]]
)
def test_receipts_come_some_at_once_each_another(given_: list[Expected]) -> None:
    with pytest.raises(InvalidExpectedReceiptError):
        check_expected(given_)


def coming(before: Expectation, transfer_id: str, left: int, *, due: int = DUE) -> Expectation:
    for record in await_transfer({PLACE: before}, transfer_id, {PLACE: left}, due=due).records:
        assert isinstance(record, Expectation)
        before = record
    return before


def test_transfers_are_awaited_beside_receipts_by_when_they_are_due() -> None:
    both = coming(after(NOTHING, put("PO1", 5), put("PO2", 3, DUE + 60)), "t1", 4, due=DUE + 30)
    assert [(each.due - DUE, each.left) for each in both.awaited] == [(0, 5), (30, 4), (60, 3)]
    assert coming(both, "t1", 0).transfers == ()


def test_a_transfer_that_is_awaited_so_already_writes_nothing() -> None:
    once = coming(NOTHING, "t1", 4)
    left = await_transfer({PLACE: once}, "t1", {PLACE: 4}, due=DUE)
    assert (left.records, left.events) == ((), ())
    assert await_transfer({PLACE: once}, "t2", {PLACE: 0}, due=DUE).records == ()


def test_a_transfer_beyond_a_hundred_is_not_awaited_until_there_is_room() -> None:
    full = NOTHING
    for number in range(100):
        full = coming(full, f"t{number}", 1)
    assert coming(full, "t100", 1) == full
    assert coming(full, "t1", 2).revision == full.revision + 1
    assert len(coming(coming(full, "t1", 0), "t100", 1).transfers) == 100


def test_what_is_put_and_settled_leaves_transfers_as_they_are() -> None:
    both = after(coming(NOTHING, "t1", 4), put("t1", 9), came("t1", 9))
    assert [each.left for each in both.awaited] == [4]
