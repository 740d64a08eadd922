"""What was found, staged, loaded, handed over, taken back: every step and every refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import AppError
from services.collect.order import saga
from services.collect.order.domain import SILENT_MAX, OrderNotReadyError
from services.collect.order.line import LineState
from services.collect.order.values import Method, Money, Order, State
from services.collect.picking import domain
from services.collect.picking.domain import (
    InvalidBinError,
    InvalidPickError,
    OrderNotPickableError,
    OrderNotPickedError,
    OrderNotStagedError,
    PaymentDueError,
    UnknownLineError,
    UnknownLocationError,
    WrongCodeError,
)
from tests.collect.order.orders import (
    NOON,
    cancelled,
    confirmed,
    done,
    in_state,
    line,
    owed,
    wanted,
)


def given_up(order: Order) -> Order:
    return saga.timed_out(order, now=order.collect_by_time + SILENT_MAX)


def asked_for_loading() -> Order:
    return domain.door_asked(in_state(State.STAGED, cabinet_id=LOCKED))


LOCKED = "c1"  # A cabinet's id: the order is collected from a locker.


def picked(order: Order, found: int, number: int = 1) -> Order:
    return domain.picked(order, line_number=number, found_quantity=found, now=NOON)


def staged(order: Order, bin_label: str = "B7") -> Order:
    return domain.staged(order, bin_label=bin_label, now=NOON)


def handed_over(order: Order, *, paid: bool = False, code_opens: bool = True) -> Order:
    return domain.handed_over(order, code_opens=code_opens, paid_at_counter=paid, now=NOON)


class TestPicked:
    def test_the_first_pick_starts_the_picking(self) -> None:
        order = picked(confirmed(), 2)
        assert (order.state, order.lines[0].state) == (State.PICKING, LineState.PICKING)
        assert order.changes[-1].actor == "staff"

    def test_a_later_pick_is_no_new_change_of_state(self) -> None:
        order = picked(confirmed(), 2)
        assert picked(order, 1).changes == order.changes

    def test_a_pick_may_be_corrected(self) -> None:
        assert picked(picked(confirmed(), 2), 1).lines[0].found_quantity == 1

    def test_one_line_is_picked_at_a_time(self) -> None:
        order = picked(confirmed(wanted(line(1), line(2, "CORD"))), 1, number=2)
        assert [each.found_quantity for each in order.lines] == [None, 1]

    @pytest.mark.parametrize("found", [-1, 3])
    def test_more_than_was_ordered_cannot_be_found(self, found: int) -> None:
        with pytest.raises(InvalidPickError) as refusal:
            picked(confirmed(), found)
        assert refusal.value.metadata == {"line_number": "1", "quantity": "2"}

    def test_a_line_that_is_not_there_cannot_be_picked(self) -> None:
        with pytest.raises(UnknownLineError):
            picked(confirmed(), 1, number=2)

    @pytest.mark.parametrize(
        "state", [s for s in State if s not in (State.CONFIRMED, State.PICKING)]
    )
    def test_only_what_is_promised_is_picked(self, state: State) -> None:
        with pytest.raises(OrderNotPickableError):
            picked(in_state(state, cabinet_id=LOCKED), 1)


class TestStaged:
    def test_at_a_counter_it_is_ready(self) -> None:
        order = staged(in_state(State.PICKING), " B7 ")
        assert (order.state, order.place_label, owed(order)) == (State.READY, "B7", ["commit"])

    def test_for_a_locker_it_waits_to_be_loaded(self) -> None:
        order = staged(in_state(State.PICKING, cabinet_id=LOCKED))
        assert (order.state, owed(order)) == (State.STAGED, ["commit"])

    def test_what_was_not_found_is_cancelled(self) -> None:
        order = picked(picked(confirmed(wanted(line(1), line(2, "CORD"))), 1), 0, number=2)
        after = staged(order)
        assert [each.state for each in after.lines] == [LineState.READY, LineState.CANCELLED]
        assert after.total_minor == 1990

    def test_where_nothing_was_found_the_order_is_cancelled_and_the_stock_corrected(self) -> None:
        after = staged(in_state(State.PICKING, found=0))
        assert (after.state, after.cause) == (State.CANCELLED, "NOT_FOUND")
        assert owed(after) == ["commit", "void"]

    @pytest.mark.parametrize("bin_label", ["", "  ", "x" * 33])
    def test_a_bin_has_a_short_label(self, bin_label: str) -> None:
        with pytest.raises(InvalidBinError):
            staged(in_state(State.PICKING), bin_label)

    def test_every_line_is_recorded_first(self) -> None:
        order = picked(confirmed(wanted(line(1), line(2, "CORD"))), 1)
        with pytest.raises(OrderNotPickedError):
            staged(order)

    @pytest.mark.parametrize("state", [s for s in State if s is not State.PICKING])
    def test_only_what_is_being_picked_is_staged(self, state: State) -> None:
        with pytest.raises(OrderNotPickedError):
            staged(in_state(state, cabinet_id=LOCKED))


class TestHandedOver:
    def test_what_was_paid_before_is_captured(self) -> None:
        order = handed_over(in_state(State.READY))
        assert (order.state, owed(order)) == (State.COLLECTED, ["capture", "gone"])
        assert order.money is Money.AUTHORISED

    def test_what_is_due_is_taken_at_the_counter(self) -> None:
        order = handed_over(in_state(State.READY, method=Method.AT_COUNTER), paid=True)
        assert (order.money, owed(order)) == (Money.CAPTURED, ["gone"])

    def test_a_code_that_was_not_looked_at_opens_nothing(self) -> None:
        with pytest.raises(WrongCodeError):
            handed_over(in_state(State.READY), code_opens=False)

    def test_what_is_due_is_not_handed_over_unpaid(self) -> None:
        with pytest.raises(PaymentDueError) as refusal:
            handed_over(in_state(State.READY, method=Method.AT_COUNTER))
        assert refusal.value.metadata == {"total_minor": "3980", "currency": "EUR"}

    @pytest.mark.parametrize("state", [s for s in State if s is not State.READY])
    def test_only_what_is_ready_is_handed_over(self, state: State) -> None:
        with pytest.raises(OrderNotReadyError):
            handed_over(in_state(state, cabinet_id=LOCKED), paid=True)

    def test_what_lies_in_a_locker_is_not_handed_over_at_the_counter(self) -> None:
        with pytest.raises(OrderNotReadyError):
            handed_over(in_state(State.READY, cabinet_id=LOCKED))


class TestCabinet:
    def test_a_loaded_order_is_ready_in_its_compartment(self) -> None:
        order = in_state(State.STAGED, cabinet_id=LOCKED)
        after = domain.loaded(order, compartment_id="A1", now=NOON)
        assert (after.state, after.place_label, owed(after)) == (State.READY, "A1", ["to_locker"])
        assert after.loaded

    @pytest.mark.parametrize("state", [State.READY, State.CANCEL_PENDING])
    def test_an_opened_door_collects_also_what_was_called_off_meanwhile(self, state: State) -> None:
        after = domain.opened(in_state(state, cabinet_id=LOCKED), now=NOON)
        assert (after.state, after.cause, after.ending) == (State.COLLECTED, "", None)
        assert owed(after) == ["capture", "gone"]

    def test_what_was_collected_before_it_was_given_up_is_charged_anew(self) -> None:
        lost = done(given_up(in_state(State.CANCEL_PENDING, cabinet_id=LOCKED)))
        after = domain.opened(lost, now=NOON)
        assert (lost.state, lost.money) == (State.CANCELLED, Money.VOIDED)
        assert (after.state, after.money) == (State.COLLECTED, Money.UNKNOWN)
        assert owed(after) == ["authorise", "capture", "gone"]
        # What was voided under the first attempt's id stays voided.
        assert {step.attempt for step in after.todo} == {2}
        assert done(after).money is Money.CAPTURED
        assert domain.opened(done(after), now=NOON) == done(after)

    def test_a_void_still_owed_comes_first_and_says_nothing_of_the_new_charge(self) -> None:
        lost = given_up(in_state(State.CANCEL_PENDING, cabinet_id=LOCKED))
        after = domain.opened(lost, now=NOON)
        assert owed(after) == ["void", "authorise", "capture", "gone"]
        assert saga.settled(after, after.todo[0], "", now=NOON).money is Money.UNKNOWN

    def test_what_the_provider_will_not_pay_any_more_the_customer_owes(self) -> None:
        lost = done(given_up(in_state(State.CANCEL_PENDING, cabinet_id=LOCKED)))
        late = domain.opened(lost, now=NOON)
        after = saga.refused(late, late.todo[0], "PAYMENT_DECLINED", now=NOON)
        assert (after.state, after.money, after.cause) == (
            State.COLLECTED,
            Money.DUE,
            "PAYMENT_DECLINED",
        )
        assert owed(after) == ["gone"]

    def test_what_was_loaded_after_it_was_called_off_lies_in_the_locker(self) -> None:
        off = cancelled(asked_for_loading())
        after = domain.loaded(off, compartment_id="A1", now=NOON)
        assert (after.state, after.place_label, after.loaded) == (State.CANCEL_PENDING, "A1", True)
        assert owed(after) == ["to_locker"]
        assert domain.loaded(after, compartment_id="A1", now=NOON) is after

    def test_what_was_never_loaded_goes_back_from_its_bin_once_the_door_is_known_shut(
        self,
    ) -> None:
        off = cancelled(asked_for_loading())
        after = domain.revoked(off, now=NOON)
        assert (off.state, owed(off)) == (State.CANCEL_PENDING, [])
        assert (after.state, owed(after)) == (State.CANCELLED, ["void", "put_back"])
        assert after.place_label == ""

    def test_what_was_given_up_goes_back_when_the_cabinet_says_that_it_never_had_it(self) -> None:
        lost = given_up(cancelled(asked_for_loading()))
        after = domain.revoked(done(lost), now=NOON)
        assert (owed(lost), owed(after)) == (["void"], ["put_back"])
        assert domain.revoked(done(after), now=NOON) == done(after)

    def test_what_was_given_up_is_taken_back_where_it_was_loaded_after_all(self) -> None:
        lost = done(given_up(cancelled(asked_for_loading())))
        inside = domain.loaded(lost, compartment_id="A1", now=NOON)
        assert (owed(inside), inside.state) == (["to_locker"], State.CANCELLED)
        out = domain.taken_back(domain.revoked(inside, now=NOON), now=NOON)
        assert owed(out) == ["to_locker", "put_back"]

    def test_a_door_that_stayed_shut_ends_what_was_called_off(self) -> None:
        after = domain.revoked(in_state(State.CANCEL_PENDING, cabinet_id=LOCKED), now=NOON)
        assert (after.state, owed(after), after.place_label) == (State.CANCELLED, ["void"], "A1")

    def test_what_is_taken_back_returns_to_the_shelf_once(self) -> None:
        shut = done(domain.revoked(in_state(State.CANCEL_PENDING, cabinet_id=LOCKED), now=NOON))
        after = domain.taken_back(shut, now=NOON)
        assert owed(after) == ["put_back"]
        assert domain.taken_back(done(after), now=NOON) == done(after)

    @pytest.mark.parametrize(
        "told, states",
        [
            ("loaded", [s for s in State if s not in (State.STAGED, State.CANCEL_PENDING)]),
            ("opened", [s for s in State if s not in (State.READY, State.CANCEL_PENDING)]),
            ("revoked", [s for s in State if s is not State.CANCEL_PENDING]),
            ("taken_back", list(State)),
        ],
    )
    def test_a_fact_that_says_nothing_new_changes_nothing(
        self, told: str, states: list[State]
    ) -> None:
        given = {"compartment_id": "A1"} if told == "loaded" else {}
        for state in states:
            order = in_state(state, cabinet_id="" if state is State.EXPIRED else LOCKED)
            assert getattr(domain, told)(order, now=NOON, **given) is order

    @pytest.mark.parametrize("state", [s for s in State if s is not State.STAGED])
    def test_only_what_is_staged_has_its_door_opened_for_loading(self, state: State) -> None:
        with pytest.raises(OrderNotStagedError):
            domain.door_asked(in_state(state, cabinet_id=LOCKED))

    def test_what_is_collected_at_a_counter_goes_into_no_locker(self) -> None:
        with pytest.raises(OrderNotStagedError):
            domain.check_in_locker(in_state(State.READY))


def test_a_shop_that_is_not_ones_own_is_as_if_it_were_not_there() -> None:
    domain.check_location("paris", {"paris"})
    with pytest.raises(UnknownLocationError):
        domain.check_location("lyon", {"paris"})


@given(st.lists(st.integers(0, 5), min_size=1, max_size=5))
def test_the_customer_pays_for_what_was_found(found: list[int]) -> None:
    lines = [line(n, f"S{n}", 5, price=100 * n) for n in range(1, len(found) + 1)]
    order = confirmed(wanted(*lines))
    for number, quantity in enumerate(found, 1):
        order = picked(order, quantity, number)
    after = staged(order)
    assert after.total_minor == sum(100 * n * q for n, q in enumerate(found, 1))
    assert (after.state is State.CANCELLED) is (sum(found) == 0)


def test_every_refusal_has_a_reason_of_its_own() -> None:
    errors = {
        error
        for error in vars(domain).values()
        if isinstance(error, type) and issubclass(error, AppError) and error is not AppError
    }
    assert len({error.reason for error in errors}) == len(errors)
