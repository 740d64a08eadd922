"""How what is owed is struck off, retried, undone, and ends by the clock."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.collect.order import domain, saga
from services.collect.order.domain import (
    HOLD_MAX,
    LEASE,
    RETRY_FIRST,
    RETRY_MAX,
    SILENT_MAX,
    LeaseLostError,
)
from services.collect.order.values import ENDED, Method, Money, State, StepName
from services.collect.order.workflow import awake, leased
from tests.collect.order.orders import (
    COLLECT_BY,
    NOON,
    cancelled,
    confirmed,
    in_state,
    owed,
    placed,
    wanted,
)

SECOND = timedelta(seconds=1)


class TestLease:
    def test_an_order_is_taken_over_when_it_is_due(self) -> None:
        taken = saga.taken_over(placed(), now=NOON + LEASE)
        assert (taken.lease_epoch, taken.wake_time) == (2, NOON + 2 * LEASE)

    def test_an_order_that_somebody_drives_is_left_alone(self) -> None:
        with pytest.raises(LeaseLostError):
            saga.taken_over(placed(), now=NOON + LEASE - SECOND)

    def test_an_order_that_waits_for_nobody_is_left_alone(self) -> None:
        with pytest.raises(LeaseLostError):
            saga.taken_over(in_state(State.COLLECTED), now=COLLECT_BY + timedelta(days=9))

    def test_a_shorter_lease_is_kept_to(self) -> None:
        taken = saga.taken_over(placed(), now=NOON + LEASE, lease=SECOND)
        assert taken.wake_time == NOON + LEASE + SECOND

    def test_an_answer_of_an_older_lease_does_not_count(self) -> None:
        with pytest.raises(LeaseLostError):
            leased(1, confirmed, saga.taken_over(placed(), now=NOON + LEASE))


class TestSettled:
    def test_steps_are_struck_off_one_by_one(self) -> None:
        order = placed()
        after = saga.settled(order, order.todo[0], "r1", now=NOON)
        assert (owed(after), after.reservation_id, after.state) == (
            ["authorise"],
            "r1",
            State.PLACING,
        )

    def test_the_last_step_confirms(self) -> None:
        order = confirmed()
        assert (order.state, order.money, order.todo) == (State.CONFIRMED, Money.AUTHORISED, ())

    def test_a_confirmed_order_is_looked_at_when_its_time_is_up(self) -> None:
        assert confirmed().wake_time == COLLECT_BY

    def test_a_step_that_is_not_the_next_changes_nothing(self) -> None:
        order = placed()
        assert saga.settled(order, order.todo[1], "", now=NOON) is order

    def test_a_step_that_is_being_undone_changes_nothing(self) -> None:
        order = placed()
        gone = cancelled(order)
        assert saga.settled(gone, order.todo[0], "r1", now=NOON) is gone

    def test_a_step_is_struck_off_once(self) -> None:
        order = placed()
        once = saga.settled(order, order.todo[0], "r1", now=NOON)
        assert saga.settled(once, order.todo[0], "r1", now=NOON) is once

    def test_the_void_of_a_try_before_says_nothing_of_this_ones_money(self) -> None:
        order = placed()
        refused = saga.refused(order, order.todo[0], "INSUFFICIENT_STOCK", now=NOON)
        again = domain.placed_again(refused, wanted(), now=NOON)
        assert saga.settled(again, again.todo[0], "", now=NOON).money is Money.UNKNOWN


class TestRefused:
    def test_a_refusal_undoes_all_that_may_have_been_done(self) -> None:
        order = placed()
        after = saga.refused(order, order.todo[0], "INSUFFICIENT_STOCK", now=NOON)
        assert (after.state, after.cause) == (State.REFUSED, "INSUFFICIENT_STOCK")
        assert owed(after) == ["void", "unreserve"]

    def test_where_nothing_was_authorised_nothing_is_voided(self) -> None:
        order = placed(wanted(method=Method.AT_COUNTER))
        after = saga.refused(order, order.todo[0], "INSUFFICIENT_STOCK", now=NOON)
        assert owed(after) == ["unreserve"]

    def test_an_undo_is_never_refused(self) -> None:
        gone = cancelled(confirmed())
        assert saga.refused(gone, gone.todo[0], "NO", now=NOON) is gone

    def test_the_undo_of_a_try_before_does_not_refuse_this_one(self) -> None:
        order = placed()
        refused = saga.refused(order, order.todo[0], "INSUFFICIENT_STOCK", now=NOON)
        again = domain.placed_again(refused, wanted(), now=NOON)
        assert saga.refused(again, again.todo[0], "NO", now=NOON) is again

    def test_a_second_refusal_keeps_the_undo_of_the_first(self) -> None:
        order = placed()
        refused = saga.refused(order, order.todo[0], "INSUFFICIENT_STOCK", now=NOON)
        again = domain.placed_again(refused, wanted(), now=NOON)
        ended = saga.timed_out(again, now=again.confirm_by_time)
        assert [(step.name.value, step.attempt) for step in ended.todo] == [
            ("void", 1),
            ("unreserve", 1),
            ("void", 2),
            ("unreserve", 2),
        ]

    def test_a_late_refusal_of_what_is_undone_changes_nothing(self) -> None:
        order = placed()
        gone = cancelled(order)
        assert saga.refused(gone, order.todo[0], "REQUEST_CANCELLED", now=NOON) is gone


class TestPostponed:
    def test_a_step_without_an_answer_is_sent_again_after_a_pause(self) -> None:
        order = placed()
        after = saga.postponed(order, order.todo[0], "AWAY", now=NOON)
        assert (after.todo[0].tries, after.wake_time) == (1, NOON + RETRY_FIRST)
        assert owed(after) == owed(order)

    def test_it_keeps_why_it_failed_last_and_since_when_it_does(self) -> None:
        order = placed()
        once = saga.postponed(order, order.todo[0], "AWAY", now=NOON)
        twice = saga.postponed(once, once.todo[0], "TOO_MANY_CALLS", now=NOON + SECOND)
        step = twice.todo[0]
        assert (step.tries, step.fail_reason, step.fail_time) == (2, "TOO_MANY_CALLS", NOON)

    def test_pauses_double_up_to_half_a_minute(self) -> None:
        order, pauses = placed(), []
        for _ in range(40):
            order = saga.postponed(order, order.todo[0], "AWAY", now=NOON)
            assert order.wake_time is not None
            pauses.append(order.wake_time - NOON)
        assert pauses[:3] == [RETRY_FIRST, 2 * RETRY_FIRST, 4 * RETRY_FIRST]
        assert pauses[-1] == RETRY_MAX

    def test_what_is_no_longer_owed_is_not_postponed(self) -> None:
        order = placed()
        gone = cancelled(order)
        assert saga.postponed(gone, order.todo[0], "AWAY", now=NOON) is gone


class TestSetAside:
    def test_an_order_that_nobody_can_drive_lets_the_others_pass(self) -> None:
        order = placed()
        aside = saga.set_aside(order, "ZeroDivisionError", now=NOON)
        assert (owed(aside), aside.wake_time) == (owed(order), NOON + saga.ASIDE)
        assert (aside.todo[0].tries, aside.todo[0].fail_reason) == (1, "ZeroDivisionError")

    def test_an_order_that_owes_nothing_has_no_step_to_note_it_of(self) -> None:
        aside = saga.set_aside(confirmed(), "ZeroDivisionError", now=NOON)
        assert (aside.todo, aside.wake_time) == ((), NOON + saga.ASIDE)


class TestTimedOut:
    def test_an_order_not_confirmed_in_two_minutes_is_refused(self) -> None:
        order = placed()
        after = saga.timed_out(order, now=order.confirm_by_time)
        assert (after.state, after.cause) == (State.REFUSED, "CONFIRMATION_TIMEOUT")
        assert owed(after) == ["void", "unreserve"]

    def test_a_moment_before_it_is_not(self) -> None:
        order = placed()
        assert saga.timed_out(order, now=order.confirm_by_time - SECOND) is order

    @pytest.mark.parametrize("state", [State.CONFIRMED, State.PICKING])
    def test_what_nobody_picked_expires_with_its_hold(self, state: State) -> None:
        after = saga.timed_out(in_state(state), now=COLLECT_BY)
        assert (after.state, after.cause) == (State.EXPIRED, "NOT_PICKED")
        assert owed(after) == ["void", "unreserve"]

    def test_what_is_not_picked_while_inventory_holds_it_expires(self) -> None:
        far = replace(
            confirmed(), collect_by_time=NOON + timedelta(days=9), hold_until=NOON + HOLD_MAX
        )
        assert saga.resting(far, now=NOON).wake_time == NOON + HOLD_MAX
        after = saga.timed_out(far, now=NOON + HOLD_MAX)
        assert (after.state, after.cause) == (State.EXPIRED, "NOT_PICKED")

    def test_what_nobody_collected_goes_back_to_the_shelf(self) -> None:
        after = saga.timed_out(in_state(State.READY), now=COLLECT_BY)
        assert (after.state, owed(after), after.place_label) == (
            State.EXPIRED,
            ["put_back", "void"],
            "",
        )

    def test_what_still_owes_something_does_not_expire_before_it_is_done(self) -> None:
        order = in_state(State.READY)
        busy = domain.owing(order, StepName.COMMIT, now=NOON)
        assert saga.timed_out(busy, now=COLLECT_BY) is busy

    def test_what_lies_in_a_locker_expires_once_the_door_is_known_shut(self) -> None:
        pending = saga.timed_out(in_state(State.READY, cabinet_id="c1"), now=COLLECT_BY)
        assert (pending.state, pending.ending) == (State.CANCEL_PENDING, State.EXPIRED)
        assert pending.wake_time == COLLECT_BY + SILENT_MAX
        after = saga.timed_out(pending, now=COLLECT_BY + SILENT_MAX)
        assert (after.state, owed(after), after.place_label) == (State.EXPIRED, ["void"], "A1")

    def test_a_pending_order_stays_so_while_its_door_may_open(self) -> None:
        pending = in_state(State.CANCEL_PENDING, cabinet_id="c1")
        for now in (COLLECT_BY, COLLECT_BY + SILENT_MAX - SECOND):
            assert saga.timed_out(pending, now=now) is pending

    @pytest.mark.parametrize("state", ENDED)
    def test_what_has_ended_stays_as_it_is(self, state: State) -> None:
        order = in_state(state)
        assert saga.timed_out(order, now=COLLECT_BY + timedelta(days=99)) is order

    def test_waking_up_takes_over_and_looks_at_the_clock(self) -> None:
        order = awake(placed(), now=NOON + timedelta(minutes=2))
        assert (order.state, order.lease_epoch) == (State.REFUSED, 2)
        assert order.wake_time == NOON + timedelta(minutes=2) + LEASE


def test_money_is_on_its_way_until_it_is_voided_or_captured() -> None:
    order = cancelled(confirmed())
    assert saga.moves_money(order)
    assert not saga.moves_money(saga.settled(order, order.todo[0], "", now=NOON))


def test_a_refused_order_keeps_nothing_to_do_once_undone() -> None:
    order = in_state(State.REFUSED)
    assert (order.todo, order.wake_time, order.money) == ((), None, Money.VOIDED)
