"""What giving a step up makes of an order, and what it leaves for somebody to settle."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.collect.order import saga
from services.collect.order.bodies import payment_id
from services.collect.order.domain import owing, placed_again
from services.collect.order.values import Money, Order, State, StepName
from services.collect.stuck import domain
from services.collect.stuck.domain import OrderNotStuckError, Units, UnknownResidueError
from services.collect.stuck.residues import residue_of
from tests.collect.order.orders import (
    NOON,
    cancelled,
    confirmed,
    done,
    in_state,
    line,
    owed,
    placed,
    wanted,
)

LATER = NOON + timedelta(hours=1)


def failing(order: Order) -> Order:
    """Its next step has failed once."""
    return saga.postponed(order, order.todo[0], "CLOSED", now=NOON)


def owes(name: StepName, *later: StepName, state: State = State.READY) -> Order:
    return failing(owing(in_state(state), name, *later, now=NOON))


def residue(order: Order) -> domain.Residue:
    return residue_of(order, order.todo[0], residue_id="r1", now=LATER)


class TestWhatIsStuck:
    def test_an_order_that_owes_nothing_is_not_stuck(self) -> None:
        with pytest.raises(OrderNotStuckError):
            domain.failing_step(confirmed())

    def test_a_step_that_has_not_failed_is_not_stuck(self) -> None:
        with pytest.raises(OrderNotStuckError):
            domain.failing_step(placed())

    def test_no_other_step_is_given_up_than_the_one_that_was_named(self) -> None:
        with pytest.raises(OrderNotStuckError) as caught:
            domain.step_to_abandon(owes(StepName.VOID), StepName.UNRESERVE)
        assert caught.value.metadata["step"] == "void"

    def test_what_is_retried_is_due_at_once(self) -> None:
        order = domain.retried(owes(StepName.VOID), now=LATER)
        assert (order.wake_time, order.todo[0].tries) == (LATER, 1)


class TestAbandoned:
    @pytest.mark.parametrize("done_count", [0, 1])
    def test_a_placing_ends_and_undoes_all_that_may_have_been_done(self, done_count: int) -> None:
        order = placed()
        for step in order.todo[:done_count]:
            order = saga.settled(order, step, "r1", now=NOON)
        after = domain.abandoned(failing(order), now=LATER)
        assert (after.state, after.cause) == (State.REFUSED, "ABANDONED")
        assert (owed(after), after.changes[-1].actor) == (["void", "unreserve"], "operator")
        assert not domain.leaves_residue(failing(order))

    def test_the_undo_of_a_try_before_is_given_up_alone(self) -> None:
        order = placed()
        gone = saga.refused(order, order.todo[0], "INSUFFICIENT_STOCK", now=NOON)
        again = failing(placed_again(gone, wanted(), now=NOON))
        after = domain.abandoned(again, now=LATER)
        assert (after.state, after.money) == (State.PLACING, Money.UNKNOWN)
        assert owed(after) == ["unreserve", "reserve", "authorise"]
        assert domain.leaves_residue(again)

    @pytest.mark.parametrize("name", [StepName.VOID, StepName.CAPTURE])
    def test_nobody_knows_where_the_money_is_then(self, name: StepName) -> None:
        after = domain.abandoned(owes(name, StepName.GONE, state=State.COLLECTED), now=LATER)
        assert (after.money, owed(after)) == (Money.UNKNOWN, ["gone"])

    def test_the_void_of_a_try_before_says_nothing_of_this_ones_money(self) -> None:
        order = replace(owes(StepName.VOID), attempt=2, money=Money.AUTHORISED)
        assert domain.abandoned(order, now=LATER).money is Money.AUTHORISED

    def test_what_was_collected_without_a_promise_of_money_is_due(self) -> None:
        given_up = done(saga.given_up(in_state(State.CANCEL_PENDING, cabinet_id="c1"), now=NOON))
        order = failing(saga.collected_after_all(given_up, now=NOON))
        after = domain.abandoned(order, now=LATER)
        assert (after.state, after.money, owed(after)) == (State.COLLECTED, Money.DUE, ["gone"])
        assert domain.leaves_residue(order)

    @pytest.mark.parametrize("name", [StepName.COMMIT, StepName.PUT_BACK, StepName.UNRESERVE])
    def test_what_comes_behind_is_sent_at_once(self, name: StepName) -> None:
        after = domain.abandoned(owes(name, StepName.GONE), now=LATER)
        assert (owed(after), after.wake_time) == (["gone"], LATER)
        assert after.money is Money.AUTHORISED

    def test_an_order_that_owes_nothing_more_rests(self) -> None:
        order = failing(owing(done(cancelled(confirmed())), StepName.UNRESERVE, now=NOON))
        assert domain.abandoned(order, now=LATER).wake_time is None


class TestResidue:
    def test_of_money_it_says_which_payment_and_how_much(self) -> None:
        order = owes(StepName.CAPTURE)
        left = residue(order)
        assert left.payment_id == payment_id(order, order.todo[0])
        assert (left.amount_minor, left.currency) == (order.total_minor, "EUR")
        assert (left.units, left.hold_until) == ((), None)

    def test_of_a_hold_it_says_until_when_it_claims(self) -> None:
        order = owes(StepName.UNRESERVE)
        left = residue(order)
        assert (left.reservation_id, left.hold_until) == ("reservation-1", order.hold_until)
        assert (left.units, left.payment_id) == ((), "")

    @pytest.mark.parametrize("name", [StepName.VOID, StepName.UNRESERVE])
    def test_of_a_try_before_it_says_nothing_that_only_this_one_knows(self, name: StepName) -> None:
        order = replace(owes(name), attempt=2)
        left = residue(order)
        assert (left.amount_minor, left.reservation_id, left.hold_until) == (0, "", None)
        assert bool(left.payment_id) == (name is StepName.VOID)

    def test_of_a_commit_it_says_what_was_found_and_what_was_not(self) -> None:
        found = replace(line(), quantity=3, found_quantity=1)
        order = replace(owes(StepName.COMMIT), lines=(found,))
        assert residue(order).units == (
            Units("LAMP", 1, "sellable", "staged"),
            Units("LAMP", 2, "sellable", "outside"),
        )
        assert residue(order).hold_until == order.hold_until

    @pytest.mark.parametrize(
        "name, loaded, source, target",
        [
            (StepName.TO_LOCKER, True, "staged", "locker"),
            (StepName.PUT_BACK, False, "staged", "sellable"),
            (StepName.PUT_BACK, True, "locker", "sellable"),
            (StepName.GONE, False, "staged", "outside"),
            (StepName.GONE, True, "locker", "outside"),
        ],
    )
    def test_of_units_it_says_where_the_books_miss_them(
        self, name: StepName, loaded: bool, source: str, target: str
    ) -> None:
        order = replace(owes(name), loaded=loaded)
        assert residue(order).units == (Units("LAMP", 2, source, target),)

    def test_it_is_settled_once(self) -> None:
        settled = domain.settled(residue(owes(StepName.GONE)), residue_id="r1")
        assert settled.settled
        with pytest.raises(UnknownResidueError):
            domain.settled(settled, residue_id="r1")
