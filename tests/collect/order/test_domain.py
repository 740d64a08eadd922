"""How an order is placed, what it costs, what is told of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import AppError
from services.collect.order import domain, saga
from services.collect.order.domain import (
    ATTEMPTS_MAX,
    CONFIRM_WITHIN,
    LEASE,
    PaymentRequiredError,
    PriceChangedError,
)
from services.collect.order.line import LineState, rounded_half_up
from services.collect.order.values import (
    ENDED,
    LABEL_ALPHABET,
    LIVE,
    Method,
    Money,
    State,
    Step,
    StepName,
)
from tests.collect.order.orders import NOON, confirmed, in_state, line, owed, placed, wanted


def test_a_placed_order_owes_its_stock_and_then_its_payment() -> None:
    assert owed(placed()) == ["reserve", "authorise"]


def test_an_order_due_at_the_counter_owes_its_stock_alone() -> None:
    assert owed(placed(wanted(method=Method.AT_COUNTER))) == ["reserve"]


def test_a_placed_order_is_left_alone_for_one_lease() -> None:
    assert placed().wake_time == NOON + LEASE
    short = domain.placed(wanted(), now=NOON, lease=timedelta(seconds=1))
    assert short.wake_time == NOON + timedelta(seconds=1)


def test_a_placed_order_promises_nothing_yet() -> None:
    order = placed()
    assert (order.state, order.lines[0].state) == (State.PLACING, LineState.HELD)
    assert order.money is Money.UNKNOWN


class TestPlacedAgain:
    def test_is_another_attempt_under_another_lease(self) -> None:
        refused = in_state(State.REFUSED)
        again = domain.placed_again(refused, wanted(), now=NOON)

        assert (again.attempt, again.lease_epoch) == (2, refused.lease_epoch + 1)
        assert again.todo == (Step(StepName.RESERVE, 2), Step(StepName.AUTHORISE, 2))

    def test_remembers_when_it_was_placed_first_and_all_that_happened(self) -> None:
        refused = in_state(State.REFUSED)
        later = replace(wanted(), create_time=NOON + timedelta(hours=1))
        again = domain.placed_again(refused, later, now=NOON + timedelta(hours=1))

        assert again.create_time == NOON
        assert [change.state for change in again.changes] == [
            State.PLACING,
            State.REFUSED,
            State.PLACING,
        ]

    def test_has_two_minutes_of_its_own(self) -> None:
        later = NOON + timedelta(hours=1)
        anew = replace(wanted(), confirm_by_time=later + CONFIRM_WITHIN)
        again = domain.placed_again(in_state(State.REFUSED), anew, now=later)

        assert again.confirm_by_time - later == CONFIRM_WITHIN

    def test_undoes_first_what_the_try_before_still_owes(self) -> None:
        order = placed()
        refused = saga.refused(order, order.todo[0], "INSUFFICIENT_STOCK", now=NOON)
        again = domain.placed_again(refused, wanted(), now=NOON)

        assert owed(again) == ["void", "unreserve", "reserve", "authorise"]
        assert [step.attempt for step in again.todo] == [1, 1, 2, 2]

    def test_has_an_end_as_each_try_leaves_its_trace(self) -> None:
        order = replace(in_state(State.REFUSED), attempt=ATTEMPTS_MAX - 1)
        assert domain.may_be_placed_again(order)
        assert not domain.may_be_placed_again(replace(order, attempt=ATTEMPTS_MAX))

    @pytest.mark.parametrize("state", [s for s in State if s is not State.REFUSED])
    def test_is_only_what_was_refused(self, state: State) -> None:
        assert not domain.may_be_placed_again(in_state(state, cabinet_id="c1"))


class TestTotals:
    def test_the_total_is_of_all_lines(self) -> None:
        order = wanted(line(1), line(2, "CORD", 3, price=500))
        assert order.total_minor == 5480

    def test_what_was_not_found_costs_nothing(self) -> None:
        order = wanted(replace(line(1), found_quantity=0), line(2, "CORD", 3, price=500))
        assert order.total_minor == 1500

    def test_a_line_costs_what_was_found_of_it(self) -> None:
        assert replace(line(1), found_quantity=1).total_minor == 1990

    @pytest.mark.parametrize("quantity, cost", [(2500, 313), (2499, 312), (3, 0), (4, 1)])
    def test_measured_goods_cost_by_the_shown_unit_halves_up(
        self, quantity: int, cost: int
    ) -> None:
        assert line(quantity=quantity, price=125, decimals=3).total_minor == cost

    @given(st.integers(0, 10**12), st.integers(0, 6))
    def test_rounding_is_never_off_by_more_than_a_half(self, amount: int, decimals: int) -> None:
        rounded, scale = rounded_half_up(amount, decimals), 10**decimals
        assert -scale <= 2 * (amount - rounded * scale) < scale

    @given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 6))
    def test_finding_more_never_costs_less(self, some: int, more: int, decimals: int) -> None:
        price = 1999
        fewer, greater = sorted((some, more))
        assert (
            line(quantity=fewer, price=price, decimals=decimals).total_minor
            <= line(quantity=greater, price=price, decimals=decimals).total_minor
        )


class TestChecks:
    def test_another_total_than_shown_is_refused_with_what_it_costs(self) -> None:
        with pytest.raises(PriceChangedError) as refusal:
            domain.check_total(wanted(), 3979, "EUR")
        assert refusal.value.metadata == {"total_minor": "3980", "currency": "EUR"}

    def test_another_currency_is_another_total(self) -> None:
        with pytest.raises(PriceChangedError):
            domain.check_total(wanted(), 3980, "CHF")

    @pytest.mark.parametrize("expected", [None, 3980])
    def test_the_total_shown_or_none_is_taken(self, expected: int | None) -> None:
        domain.check_total(wanted(), expected, "EUR")

    def test_a_locker_takes_no_order_due_at_the_counter(self) -> None:
        with pytest.raises(PaymentRequiredError):
            domain.check_method(wanted(method=Method.AT_COUNTER, cabinet_id="c1"))

    @pytest.mark.parametrize(
        "method, cabinet_id",
        [(Method.AT_COUNTER, ""), (Method.REFERENCE, ""), (Method.REFERENCE, "c1")],
    )
    def test_all_other_ways_to_pay_are_taken(self, method: Method, cabinet_id: str) -> None:
        domain.check_method(wanted(method=method, cabinet_id=cabinet_id))


class TestTold:
    def test_a_change_of_state_is_told_by_its_name(self) -> None:
        before, after = placed(), confirmed()
        [event] = domain.changed(before, after).events
        assert (event.name, event.key, event.revision) == ("order_confirmed", "o1", 2)

    def test_a_new_order_is_told_as_placed(self) -> None:
        [event] = domain.changed(None, placed()).events
        assert (event.name, event.revision) == ("order_placed", 1)

    def test_a_change_within_a_state_is_told_too(self) -> None:
        before = in_state(State.PICKING)
        [event] = domain.changed(before, replace(before, money=Money.VOIDED)).events
        assert event.name == "order_changed"

    def test_a_lease_or_a_step_is_nobody_elses_business(self) -> None:
        order = in_state(State.READY)
        leased = replace(order, lease_epoch=9, wake_time=NOON, todo=())
        changed = domain.changed(order, leased)
        assert (changed.events, changed.answer.revision) == ((), order.revision + 1)

    def test_nothing_told_says_who_ordered(self) -> None:
        [event] = domain.changed(None, placed()).events
        assert "anna" not in repr(event)


class TestLines:
    def test_what_was_not_found_stays_cancelled_whatever_comes(self) -> None:
        gone = replace(line(2, "CORD"), state=LineState.CANCELLED, found_quantity=0)
        order = replace(in_state(State.READY), lines=(line(), gone))
        after = domain.moved(order, State.COLLECTED, actor="staff", now=NOON)
        assert [each.state for each in after.lines] == [LineState.COLLECTED, LineState.CANCELLED]


def test_each_state_is_live_or_ended_or_placing() -> None:
    assert {*LIVE, *ENDED, State.PLACING} == set(State)
    assert not set(LIVE) & set(ENDED)


@given(st.uuids())
def test_a_label_has_six_letters_that_look_like_no_other(order_id: object) -> None:
    label = replace(wanted(), order_id=str(order_id)).label
    assert len(label) == 6 and set(label) <= set(LABEL_ALPHABET)


def test_every_refusal_has_a_reason_of_its_own() -> None:
    errors = [
        error
        for error in vars(domain).values()
        if isinstance(error, type) and issubclass(error, AppError) and error is not AppError
    ]
    assert len({error.reason for error in errors}) == len(errors)
