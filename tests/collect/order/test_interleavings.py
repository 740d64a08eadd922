"""Whatever comes in whatever order, an order moves only as it may and undoes what it did.

Replicas die, lose calls and answers, and send steps long after they were overtaken, while
customer, staff, cabinet and clock do what they like. Stock and payments are the real ones.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chassis.errors import AppError
from services.collect.locker.cabinet import EntryKind, UseState
from services.collect.order import saga
from services.collect.order.values import Method, Order, State
from services.collect.picking import domain as picking
from tests.collect.order import settlement
from tests.collect.order.orders import line, wanted
from tests.collect.order.till import Till
from tests.collect.order.world import SKUS, Replica, World

ENDS = (State.CANCELLED, State.EXPIRED)
LEGAL: dict[State, tuple[State, ...]] = {
    State.PLACING: (State.CONFIRMED, State.REFUSED, State.CANCELLED),
    State.CONFIRMED: (State.PICKING, *ENDS),
    State.PICKING: (State.STAGED, State.READY, *ENDS),
    State.STAGED: (State.READY, State.CANCEL_PENDING, *ENDS),
    State.READY: (State.COLLECTED, State.CANCEL_PENDING, *ENDS),
    State.CANCEL_PENDING: (State.COLLECTED, *ENDS),
    State.REFUSED: (State.PLACING,),
    State.COLLECTED: (),
    State.CANCELLED: (),
    State.EXPIRED: (),
}
# What was given up without a word of its cabinet turns out to have been collected.
LATE = {state: (State.COLLECTED,) for state in ENDS}
REPLICAS_MAX = 4
ROUNDS_MAX = 200


class Interleavings(RuleBasedStateMachine):
    legal = LEGAL

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.till = Till(self.world)
        self.replicas: list[Replica] = []
        self.seen: Order | None = None

    @initialize(
        way=st.sampled_from(["counter", "due", "locker", "locker"]),
        reference=st.sampled_from(["sim_card"] * 4 + ["sim_silent", "sim_declined"]),
        shelf=st.sampled_from([9, 9, 9, 2, 0]),
        so_far=st.sampled_from(
            ["placed", "confirmed", "broken", "broken", "staged", "asked", "loaded", "loaded"]
        ),
    )
    def placed(self, way: str, reference: str, shelf: int, so_far: str) -> None:
        due = way == "due"
        order = wanted(
            line(1),
            line(2, "CORD", 3, price=499),
            method=Method.AT_COUNTER if due else Method.REFERENCE,
            cabinet_id="cabinet-1" if way == "locker" else "",
        )
        self.wish = replace(order, reference="" if due else reference)
        for sku in SKUS if shelf else ():
            self.world.receive(sku, shelf)
        self.replicas.append(self.world.place(self.wish))
        self.comes_so_far(so_far)

    def comes_so_far(self, so_far: str) -> None:
        """Most orders begin smoothly; chance alone would rarely find one that does."""
        if so_far != "placed":
            self.all_is_done()
        if so_far == "broken":
            self.till_sells_and_others_come_in("LAMP", 8, 1)
            self.till_sells_and_others_come_in("CORD", 8, 2)
        if so_far in ("staged", "asked", "loaded"):
            self.picked_and_staged(2, 1)
            self.all_is_done()
        if so_far in ("asked", "loaded") and self.order.state is State.STAGED:
            self.world.ask_door()
            if so_far == "loaded":
                self.loaded()

    @rule(sku=st.sampled_from(SKUS), quantity=st.integers(1, 5))
    def receives(self, sku: str, quantity: int) -> None:
        self.world.receive(sku, quantity)

    @rule(sku=st.sampled_from(SKUS), quantity=st.integers(1, 9))
    def till_sells(self, sku: str, quantity: int) -> None:
        """Whoever it is held for."""
        self.till.sells(sku, quantity)

    @rule(sku=st.sampled_from(SKUS), quantity=st.integers(6, 9), came=st.integers(0, 3))
    def till_sells_and_others_come_in(self, sku: str, quantity: int, came: int) -> None:
        self.till.sells(sku, quantity)
        self.till.breaks()
        if came:
            self.world.receive(sku, came)
        self.world.clock.now += timedelta(seconds=1)
        self.till.is_told()

    @rule()
    def claims_are_broken(self) -> None:
        self.till.breaks()

    @rule()
    def told_what_is_broken(self) -> None:
        self.till.is_told()

    @precondition(lambda self: self.order.state is State.REFUSED)
    @rule()
    def placed_again(self) -> None:
        try:
            self.replicas.append(self.world.place(self.wish))
        except AppError as error:
            assert error.reason == "SLOT_PAST"

    @precondition(lambda self: self.is_due and len(self.replicas) < REPLICAS_MAX)
    @rule()
    def taken_up(self) -> None:
        self.replicas.append(Replica(self.world, None))

    @precondition(lambda self: self.replicas)
    @rule(which=st.integers(0, REPLICAS_MAX))
    def goes_on(self, which: int) -> None:
        self.stepped(which, Replica.goes_on)

    @precondition(lambda self: self.replicas)
    @rule(which=st.integers(0, REPLICAS_MAX))
    def goes_on_further(self, which: int) -> None:
        for _ in range(3):
            self.stepped(which, Replica.goes_on)

    @precondition(lambda self: self.replicas)
    @rule(which=st.integers(0, REPLICAS_MAX))
    def loses_its_line(self, which: int) -> None:
        self.stepped(which, Replica.loses_its_line)

    @precondition(lambda self: self.replicas)
    @rule(which=st.integers(0, REPLICAS_MAX))
    def dies(self, which: int) -> None:
        self.stepped(which, Replica.dies)

    @rule(seconds=st.sampled_from([1, 5, 30, 120, 3600, 24 * 3600, 3 * 24 * 3600, 17 * 24 * 3600]))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.order.wake_time is not None)
    @rule()
    def it_is_looked_at_when_it_is_due(self) -> None:
        assert self.order.wake_time is not None
        self.world.clock.now = max(self.world.clock.now, self.order.wake_time)
        replica = Replica(self.world, None)
        for _ in range(ROUNDS_MAX):
            if not replica.is_over:
                replica.goes_on()

    @rule(number=st.integers(1, 2), found=st.integers(0, 3))
    def picked(self, number: int, found: int) -> None:
        self.tried(picking.picked, line_number=number, found_quantity=found)

    @rule()
    def staged(self) -> None:
        self.tried(picking.staged, bin_label="B7")

    @rule(lamps=st.integers(0, 2), cords=st.integers(0, 3))
    def picked_and_staged(self, lamps: int, cords: int) -> None:
        self.picked(1, lamps)
        self.picked(2, cords)
        self.staged()

    @rule()
    def handed_over(self) -> None:
        self.tried(picking.handed_over, code_opens=True, paid_at_counter=True)

    @rule(actor=st.sampled_from(["customer", "staff"]))
    def cancelled(self, actor: str) -> None:
        self.tried(saga.cancelled, actor=actor, cause="why not")

    @precondition(lambda self: self.order.state is State.STAGED and self.order.in_locker)
    @precondition(lambda self: not self.order.is_awaiting)
    @rule()
    def door_is_asked_for(self) -> None:
        self.world.ask_door()

    @precondition(lambda self: self.order.door_asked and not self.order.loaded)
    @precondition(lambda self: self.world.use_state in (UseState.RESERVED, UseState.REVOKED))
    @rule()
    def loaded(self) -> None:
        """Whatever has become of the order since its door was asked for."""
        self.world.cabinet_says(EntryKind.LOADED)

    @precondition(lambda self: self.world.use_state in (UseState.READY, UseState.REVOKED))
    @rule(kind=st.sampled_from([EntryKind.OPENED, EntryKind.REVOKED, EntryKind.REFUSED]))
    def door_tells(self, kind: EntryKind) -> None:
        """At any time: a cabinet without a line tells late."""
        if kind is not EntryKind.OPENED or self.order.loaded:
            self.world.cabinet_says(kind)

    @precondition(lambda self: self.world.use_state is UseState.TO_EMPTY)
    @rule()
    def taken_out_by_staff(self) -> None:
        self.world.cabinet_says(EntryKind.TAKEN_BACK)

    @invariant()
    def it_moves_only_as_it_may(self) -> None:
        before, order = self.seen, self.order
        states = [change.state for change in order.changes]
        late = LATE if State.CANCEL_PENDING in states else {}
        assert all(b in (*self.legal[a], *late.get(a, ())) for a, b in pairwise(states))
        assert states[-1] is order.state
        # Of what is owed somebody must think.
        assert order.wake_time is not None or not order.todo
        assert before is None or before == order or order.revision > before.revision
        self.seen = order

    @property
    def order(self) -> Order:
        return self.world.order

    @property
    def is_due(self) -> bool:
        wake_time = self.order.wake_time
        return wake_time is not None and wake_time <= self.world.clock.now

    def stepped(self, which: int, step: Callable[[Replica], None]) -> None:
        if self.replicas:
            replica = self.replicas[which % len(self.replicas)]
            step(replica)
            self.replicas = [each for each in self.replicas if not each.is_over]

    def tried(self, change: Callable[..., Order], **given: Any) -> None:
        try:
            self.world.write(partial(change, now=self.world.clock.now, **given))
        except AppError as error:
            assert error.reason in DOCUMENTED

    def teardown(self) -> None:
        if self.seen is not None:
            self.all_is_done()
            settlement.check_stock(self.world, self.till)
            settlement.check_holds(self.world)
            settlement.check_promise(self.world)
            settlement.check_money(self.world)
            settlement.check_slot(self.world)
            settlement.check_compartment(self.world)

    def all_is_done(self) -> None:
        """Every replica comes to its end, those long overtaken too, and nothing is owed."""
        for _ in range(ROUNDS_MAX):
            if self.replicas:
                self.stepped(0, Replica.goes_on)
            elif self.order.todo:
                assert self.order.wake_time is not None
                self.world.clock.now = max(self.world.clock.now, self.order.wake_time)
                self.replicas.append(Replica(self.world, None))
            elif self.knows_all():
                return
        raise AssertionError(f"it owes {self.order.todo} still")

    def knows_all(self) -> bool:
        """Whether nothing is broken, and owed for it, that the order was not told of before."""
        before = self.order
        self.till.breaks()
        return self.till.is_told() and self.order == before


DOCUMENTED = {
    "ORDER_NOT_PICKABLE",
    "UNKNOWN_LINE",
    "INVALID_PICK",
    "ORDER_NOT_PICKED",
    "ORDER_NOT_READY",
    "ORDER_ENDED",
}


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(
    max_examples=60,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
