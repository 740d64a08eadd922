"""How orders are called off by either side, and what is then owed by nobody."""

import pytest

from services.collect.order import bodies, domain, saga
from services.collect.order.domain import (
    OrderEndedError,
)
from services.collect.order.values import ENDED, Method, Money, State, StepName
from services.collect.picking import domain as picking
from tests.collect.order.orders import (
    NOON,
    cancelled,
    confirmed,
    done,
    in_state,
    owed,
    wanted,
)


class TestCancelled:
    @pytest.mark.parametrize(
        "state, undone",
        [
            (State.PLACING, ["void", "unreserve"]),
            (State.CONFIRMED, ["void", "unreserve"]),
            (State.PICKING, ["void", "unreserve"]),
            (State.READY, ["put_back", "void"]),
        ],
    )
    def test_calling_off_owes_what_undoes_it(self, state: State, undone: list[str]) -> None:
        after = cancelled(in_state(state))
        assert (after.state, owed(after)) == (State.CANCELLED, undone)
        assert after.wake_time == NOON

    def test_what_a_picker_has_missed_is_told_and_not_let_go(self) -> None:
        after = cancelled(in_state(State.PICKING, found=1))
        assert (after.state, owed(after)) == (State.CANCELLED, ["commit", "void"])
        said = bodies.commit_of(after, after.todo[0]).found_lines
        assert [(each.found_quantity, each.not_found_quantity) for each in said] == [(0, 1)]

    def test_what_was_staged_is_told_in_the_same_words_once_it_is_called_off(self) -> None:
        staged = picking.staged(in_state(State.PICKING, found=1), bin_label="B7", now=NOON)
        [commit] = staged.todo
        again = cancelled(staged)
        assert bodies.commit_of(again, commit) == bodies.commit_of(staged, commit)
        assert bodies.commit_without_hold(again, commit) == bodies.commit_without_hold(
            staged, commit
        )

    def test_a_staged_order_for_a_locker_goes_back_to_the_shelf(self) -> None:
        after = cancelled(in_state(State.STAGED, cabinet_id="c1"))
        assert (after.state, owed(after)) == (State.CANCELLED, ["put_back", "void"])

    def test_what_is_under_way_to_the_bin_is_put_back_after_it_came_there(self) -> None:
        order = domain.owing(in_state(State.READY), StepName.COMMIT, now=NOON)
        assert owed(cancelled(order)) == ["commit", "put_back", "void"]

    def test_what_lies_behind_a_door_is_pending_and_keeps_its_money(self) -> None:
        after = cancelled(in_state(State.READY, cabinet_id="c1"))
        assert (after.state, after.ending, owed(after)) == (
            State.CANCEL_PENDING,
            State.CANCELLED,
            [],
        )
        assert after.money is Money.AUTHORISED

    def test_it_says_who_and_why(self) -> None:
        after = saga.cancelled(confirmed(), actor="staff", cause="broken", now=NOON)
        assert (after.changes[-1].actor, after.changes[-1].cause, after.cause) == (
            "staff",
            "broken",
            "broken",
        )

    @pytest.mark.parametrize("state", [*ENDED, State.CANCEL_PENDING])
    def test_what_has_ended_or_is_pending_cannot_be_called_off(self, state: State) -> None:
        order = in_state(state, cabinet_id="c1" if state is State.CANCEL_PENDING else "")
        with pytest.raises(OrderEndedError) as refusal:
            cancelled(order)
        assert refusal.value.metadata["state"] == state.value

    def test_the_money_is_given_up_when_the_door_stayed_shut(self) -> None:
        pending = in_state(State.CANCEL_PENDING, cabinet_id="c1")
        after = done(saga.door_stayed_shut(pending, now=NOON))
        assert (after.state, after.money, after.wake_time) == (
            State.CANCELLED,
            Money.VOIDED,
            None,
        )


@pytest.mark.parametrize("state", [State.PLACING, State.CONFIRMED, State.PICKING, State.READY])
def test_what_is_paid_at_the_counter_is_due_while_it_may_be_handed_over(state: State) -> None:
    assert in_state(state, method=Method.AT_COUNTER).money is Money.DUE


@pytest.mark.parametrize("state", [State.REFUSED, State.CANCELLED, State.EXPIRED])
def test_of_what_nobody_gets_nothing_is_due(state: State) -> None:
    after = in_state(state, method=Method.AT_COUNTER)
    assert (after.state, after.money) == (state, Money.VOIDED)


def test_where_nothing_was_found_nothing_is_due() -> None:
    after = in_state(State.READY, method=Method.AT_COUNTER, found=0)
    assert (after.state, after.cause, after.money) == (State.CANCELLED, "NOT_FOUND", Money.VOIDED)


def test_a_refused_order_that_is_tried_again_is_due_again() -> None:
    refused, anew = (
        in_state(State.REFUSED, method=Method.AT_COUNTER),
        wanted(method=Method.AT_COUNTER),
    )
    assert domain.placed_again(refused, anew, now=NOON).money is Money.DUE
