"""What an order becomes that asks for others in place of what is broken: by the rule alone."""

from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from hypothesis import given
from hypothesis import strategies as st

from services.collect.order import bodies, saga
from services.collect.order.broken import BrokenHold, BrokenLine, broken, is_early, may_be_replaced
from services.collect.order.domain import events_of, shown
from services.collect.order.saga import SOLD_OUT
from services.collect.order.values import Order, State, Step, StepName
from services.collect.picking import domain as picking
from tests.collect.order.orders import NOON, cancelled, confirmed, line, owed, wanted

TWO = (line(1, "LAMP", 4), line(2, "CORD", 3, price=500))
FIRST, SECOND = "reservation-1", "reservation-2"
COMMIT = Step(StepName.COMMIT, 1)


def hold(reservation_id: str = FIRST, **units: int) -> BrokenHold:
    lines = tuple(BrokenLine(sku=sku, quantity=quantity) for sku, quantity in units.items())
    return BrokenHold(reservation_id=reservation_id, order_id="o1", lines=lines, revision=2)


def asking(*, lamps: int = 3, free: int = 2) -> Order:
    """An order of 4 lamps, so many of them broken and so many others free."""
    return broken(confirmed(wanted(*TWO)), hold(LAMP=lamps), now=NOON, free={"LAMP": free})


def given_others(order: Order) -> Order:
    return saga.settled(order, order.todo[0], SECOND, now=NOON)


def refused(order: Order) -> Order:
    return saga.refused(order, order.todo[0], SOLD_OUT, now=NOON)


def looked(order: Order, found: int, number: int = 1) -> Order:
    return picking.picked(order, line_number=number, found_quantity=found, now=NOON)


def binned(order: Order, found: int) -> Order:
    """With so many lamps found, and all cords."""
    order = looked(looked(order, found), 3, number=2)
    return picking.staged(order, bin_label="B7", now=NOON)


def standing(order: Order) -> list[int]:
    return [each.standing_quantity for each in order.lines]


def test_others_are_asked_for_under_an_id_of_their_own_as_many_as_are_free() -> None:
    order = asking()
    [step] = order.todo
    first, second = bodies.reserve_of(order, step), bodies.replace_of(order, step)
    assert [(each.sku, each.quantity) for each in second.lines] == [("LAMP", 2)]
    assert first.request_id != second.request_id
    assert bodies.replace_of(given_others(order), step) == second
    assert bodies.unreplace_of(order, step).request_id == second.request_id


def test_others_that_were_given_stand_in_their_place() -> None:
    order = given_others(asking())
    assert (order.reservation_id, order.replacement_id) == (FIRST, SECOND)
    assert (standing(order), owed(order)) == ([3, 3], [])
    assert shown(order)["lines"][0]["broken_quantity"] == 1


def test_an_order_that_is_given_all_says_nothing_of_it() -> None:
    before, asks = confirmed(wanted(*TWO)), asking(lamps=3, free=3)
    assert events_of(before, asks) == events_of(asks, given_others(asks)) == ()
    assert [event.name for event in events_of(asks, refused(asks))] == ["order_changed"]


def test_without_them_it_goes_on_with_what_is_left() -> None:
    order = refused(asking())
    assert (order.state, standing(order), order.replacement_id) == (State.CONFIRMED, [1, 3], "")
    assert shown(order)["lines"][0]["broken_quantity"] == 3


def test_without_them_one_of_which_nothing_is_left_is_cancelled() -> None:
    order = confirmed(wanted(*TWO))
    order = broken(order, hold(LAMP=4, CORD=3), now=NOON, free={"CORD": 1})
    assert (order.state, standing(order)) == (State.CONFIRMED, [0, 1])
    ended = refused(order)
    assert (ended.state, ended.cause, owed(ended)) == (
        *(State.CANCELLED, SOLD_OUT),
        ["void", "unreserve"],
    )


def test_a_line_of_which_nothing_is_left_is_told_at_once_whatever_is_asked_for() -> None:
    order = broken(confirmed(wanted(*TWO)), hold(LAMP=4, CORD=3), now=NOON, free={"CORD": 1})
    assert [each.found_quantity for each in order.lines] == [0, None]
    assert [each.found_quantity for each in given_others(order).lines] == [0, None]
    assert (refused(order).state, refused(order).cause) == (State.CANCELLED, SOLD_OUT)


def test_what_is_refused_of_a_staged_order_changes_nothing_that_was_found() -> None:
    order = refused(binned(asking(), 4))
    assert (order.state, standing(order), owed(order)) == (State.READY, [4, 3], ["commit"])


def test_one_that_is_called_off_asks_no_more_and_undoes_both() -> None:
    ended = cancelled(asking())
    assert owed(ended) == ["void", "unreserve"]
    assert ended.has_replacement


def test_others_are_asked_for_once() -> None:
    order = given_others(asking(lamps=1, free=1))
    assert not may_be_replaced(order, hold(LAMP=2))
    order = broken(order, hold(LAMP=2), now=NOON, free={"LAMP": 9})
    assert (standing(order), owed(order)) == ([3, 3], [])


def test_nothing_replaces_what_somebody_has_looked_for_nor_what_was_told_before() -> None:
    free = {"LAMP": 9, "CORD": 9}
    order = broken(confirmed(wanted(*TWO)), hold(LAMP=1), now=NOON)
    order = broken(order, hold(LAMP=2, CORD=1), now=NOON, free=free)
    assert [each.replacement_quantity for each in order.lines] == [1, 1]
    order = looked(confirmed(wanted(*TWO)), 2)
    order = broken(order, hold(LAMP=1, CORD=1), now=NOON, free=free)
    assert [each.replacement_quantity for each in order.lines] == [0, 1]


def test_what_breaks_of_the_others_waits_until_the_order_knows_them() -> None:
    order = asking()
    assert is_early(order, hold(SECOND, LAMP=1)) and not is_early(order, hold(LAMP=4))
    order = given_others(order)
    assert not is_early(order, hold(SECOND, LAMP=1))
    assert standing(broken(order, hold(SECOND, LAMP=1), now=NOON)) == [2, 3]
    assert standing(broken(order, hold(SECOND, LAMP=2), now=NOON)) == [1, 3]


HAPPENS = st.one_of(
    st.tuples(st.just("looked"), st.integers(0, 4)),
    st.tuples(st.just("first"), st.integers(0, 4)),
    st.tuples(st.just("second"), st.integers(0, 4)),
)


@given(
    lamps=st.integers(1, 4),
    free=st.integers(1, 4),
    is_given=st.booleans(),
    events=st.lists(HAPPENS, max_size=6),
    found=st.integers(0, 4),
)
def test_both_holds_end_with_what_was_found_and_missed_and_neither_with_more_than_it_is_of(
    lamps: int, free: int, is_given: bool, events: list[tuple[str, int]], found: int
) -> None:
    order = asking(lamps=lamps, free=free)
    order = given_others(order) if is_given else refused(order)
    broken_first, broken_second = lamps, 0
    for name, quantity in events:
        if name == "looked":
            order = looked(order, quantity)
        elif name == "first":
            broken_first = max(broken_first, quantity)
            order = broken(order, hold(LAMP=broken_first), now=NOON)
        elif is_given:
            broken_second = max(broken_second, min(quantity, lamps, free))
            order = broken(order, hold(SECOND, LAMP=broken_second), now=NOON)
    order = binned(order, order.lines[0].found_quantity or found)
    lamp = order.lines[0]
    [first, *_], [second] = bodies.held_shares(order), bodies.replacement_shares(order)
    assert min(first.found, first.missing, second.found, second.missing) >= 0
    assert first.found + second.found == lamp.standing_quantity
    assert first.missing + second.missing == lamp.missing_quantity
    assert first.found + first.missing <= lamp.quantity
    held = min(lamps, free) - broken_second if is_given else 0
    assert second.found + second.missing <= held
    # What each says was missed it holds: what is broken has left the book before.
    assert first.missing <= max(lamp.quantity - broken_first - first.found, 0)
    assert lamp.lost_quantity + lamp.standing_quantity <= lamp.quantity


def test_without_their_holds_both_are_booked_once() -> None:
    order = binned(given_others(asking()), 2)
    first = bodies.commit_without_hold(order, COMMIT)
    second = bodies.replacement_without_hold(order, COMMIT)
    assert first.request_id != second.request_id
    told = [(m.sku, m.quantity, m.cause) for m in (*first.movements, *second.movements)]
    assert told == [
        ("LAMP", 1, stock_pb.CAUSE_ORDER),
        ("CORD", 3, stock_pb.CAUSE_ORDER),
        ("LAMP", 1, stock_pb.CAUSE_ORDER),
        ("LAMP", 1, stock_pb.CAUSE_NOT_FOUND),
    ]


def test_an_order_that_asked_for_no_others_says_what_it_always_said() -> None:
    order = confirmed(wanted(*TWO))
    assert (order.has_replacement, bodies.replacement_shares(order)) == (False, [])
    first = bodies.held_shares(binned(order, 3))[0]
    assert (first.sku, first.found, first.missing) == ("LAMP", 3, 1)
