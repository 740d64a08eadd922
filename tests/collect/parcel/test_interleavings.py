"""Whatever comes in whatever order, what is sent for an order is its own or is put back.

As the order's own histories, and beside them: staff of the other shop pack and send, its till
sells what is held, staff here receive, and replicas that drive parcels die and come late.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from chassis.errors import AppError
from services.collect.order.values import ENDED
from services.collect.order.values import State as Life
from services.collect.parcel import domain
from services.collect.parcel.values import Parcel, State
from services.inventory.ledger.domain import Cause
from services.inventory.reservation.domain import Status
from services.inventory.stock.domain import Bucket
from tests.collect.order import settlement
from tests.collect.order.test_interleavings import LEGAL, REPLICAS_MAX, ROUNDS_MAX, Interleavings
from tests.collect.order.world import SKUS, Replica
from tests.collect.parcel.two_shops import ParcelReplica, TwoShops, TwoTills

REFUSED = {"PARCEL_NOT_HELD", "PARCEL_NOT_PACKED", "PARCEL_NOT_SENT", "INVALID_PARCEL"}


class ParcelInterleavings(Interleavings):
    # Where another location sends all of it, nobody picks.
    legal = LEGAL | {Life.CONFIRMED: (*LEGAL[Life.CONFIRMED], Life.STAGED, Life.READY)}

    def __init__(self) -> None:
        super().__init__()
        self.shops = TwoShops()
        self.tills = TwoTills(self.shops)
        self.world, self.till = self.shops, self.tills
        for sku in SKUS:
            self.shops.receive_there(sku, 6)

    def comes_so_far(self, so_far: str) -> None:
        """Mostly the other shop is asked."""
        if so_far in ("placed", "asked", "loaded"):
            super().comes_so_far(so_far)
            return
        self.all_is_done()
        self.till.sells("LAMP", 8)
        self.till.sells("CORD", 9)
        self.till.breaks()
        self.till.is_told()
        if so_far in ("confirmed", "staged"):
            self.all_is_done()
        if so_far == "staged" and self.of(State.HELD):
            self.goes_all_the_way(0)
            self.picked_and_staged(2, 0)

    @rule(sku=st.sampled_from(SKUS), quantity=st.integers(1, 9))
    def till_there_sells(self, sku: str, quantity: int) -> None:
        self.tills.sells_there(sku, quantity)

    @precondition(lambda self: self.due_parcels and len(self.replicas) < REPLICAS_MAX)
    @rule()
    def parcel_is_taken_up(self) -> None:
        self.replicas.append(ParcelReplica(self.shops, self.due_parcels[0].parcel_id))

    @precondition(lambda self: self.of(State.HELD))
    @rule(lamps=st.integers(0, 3), cords=st.integers(0, 3))
    def packed(self, lamps: int, cords: int) -> None:
        self.counted(State.HELD, domain.packed, lamps, cords)

    @precondition(lambda self: self.of(State.PACKED))
    @rule()
    def sent(self) -> None:
        self.tried_with(self.of(State.PACKED)[0], domain.sent)

    @precondition(lambda self: self.of(State.SENT))
    @rule(lamps=st.integers(0, 3), cords=st.integers(0, 3))
    def received(self, lamps: int, cords: int) -> None:
        self.counted(State.SENT, domain.received, lamps, cords)

    @precondition(lambda self: self.of(State.HELD))
    @rule(lost=st.sampled_from([0, 0, 1]))
    def goes_all_the_way(self, lost: int) -> None:
        """Chance alone would rarely bring one home."""
        parcel = self.of(State.HELD)[0]
        whole = {line.sku: line.held_quantity for line in parcel.lines}
        came = {sku: max(quantity - lost, 0) for sku, quantity in whole.items()}
        self.tried_with(parcel, domain.packed, quantities=whole, bin_label="L1")
        self.tried_with(parcel, domain.sent)
        self.tried_with(parcel, domain.received, quantities=came, bin_label="B8")

    def counted(self, state: State, change: Callable[..., Parcel], lamps: int, cords: int) -> None:
        parcel = self.of(state)[0]
        counts = {"LAMP": lamps, "CORD": cords}
        quantities = {line.sku: min(counts[line.sku], line.sent_quantity) for line in parcel.lines}
        self.tried_with(parcel, change, quantities=quantities, bin_label="B9")

    def tried_with(self, parcel: Parcel, change: Callable[..., Parcel], **given: Any) -> None:
        try:
            self.shops.change(parcel, partial(change, now=self.shops.clock.now, **given))
        except AppError as error:
            assert error.reason in REFUSED

    def of(self, state: State) -> list[Parcel]:
        return [parcel for parcel in self.shops.sent if parcel.state is state]

    @property
    def due_parcels(self) -> list[Parcel]:
        now = self.shops.clock.now
        return [each for each in self.shops.sent if each.wake_time and each.wake_time <= now]

    def all_is_done(self) -> None:
        """As of an order alone, and parcels owe nothing either."""
        for _ in range(ROUNDS_MAX):
            if self.replicas:
                self.stepped(0, Replica.goes_on)
            elif owing := [parcel for parcel in self.shops.sent if parcel.todo]:
                self.waited(owing[0].wake_time)
                self.replicas.append(ParcelReplica(self.shops, owing[0].parcel_id))
            elif self.order.todo:
                self.waited(self.order.wake_time)
                self.replicas.append(Replica(self.world, None))
            elif self.knows_all() and not any(parcel.todo for parcel in self.shops.sent):
                return
        raise AssertionError("something is owed still")

    def waited(self, until: Any) -> None:
        self.shops.clock.now = max(self.shops.clock.now, until)

    def teardown(self) -> None:
        if self.seen is not None:
            self.all_is_done()
            for sku in SKUS:
                self.check_units(sku)
            self.check_holds()
            self.check_order()
            settlement.check_slot(self.world)
            settlement.check_compartment(self.world)

    def check_units(self, sku: str) -> None:
        """Each lies where its order or its parcel is, and none was made or lost on the way."""
        there, here = self.shops.row(sku, "lyon"), self.shops.row(sku)
        in_parcels = {state: self.units_in(state, sku) for state in State}
        beside = {
            bucket: n for bucket, n in there.on.items() if n and bucket is not Bucket.SELLABLE
        }
        packed = in_parcels[State.PACKED]
        assert beside == ({Bucket.STAGED: packed} if packed else {})
        line = next(each for each in self.order.lines if each.sku == sku)
        at = settlement.place_of(self.order)
        over = self.order.state in ENDED and not self.order.place_label
        lying = line.arrived_quantity * (not over)
        lying += line.own_quantity * (at in (Bucket.STAGED, Bucket.LOCKER))
        assert here.on.get(Bucket.STAGED, 0) + here.on.get(Bucket.LOCKER, 0) == lying
        assert here.on.get(Bucket.IN_TRANSIT, 0) == in_parcels[State.SENT]
        collected = line.standing_quantity * (self.order.state is Life.COLLECTED)
        assert self.shops.outside(sku)[Cause.ORDER] == -collected

    def units_in(self, state: State, sku: str) -> int:
        return sum(
            line.sent_quantity
            for parcel in self.of(state)
            for line in parcel.lines
            if line.sku == sku
        )

    def check_holds(self) -> None:
        """What is held is of the order or of a parcel that is to be packed, unit by unit."""
        now, order = self.shops.clock.now, self.order
        live = {
            each.reservation_id: {line.place.sku: line.quantity for line in each.lines}
            for each in self.shops.reservations
            if each.at(now).status is Status.ACTIVE
        }
        to_pack = {each.reservation_id: each.standing for each in self.of(State.HELD)}
        own = {order.reservation_id, order.replacement_id}
        is_held = settlement.is_picked_now(order)
        assert live.keys() <= to_pack.keys() | (own if is_held else set())
        for parcel in self.of(State.HELD):
            if now < parcel.hold_until:
                held = live[parcel.reservation_id]
                assert {s: n for s, n in parcel.standing.items() if n} == held

    def check_order(self) -> None:
        """It counts on what its parcels bring, and on no more than was ordered."""
        order = self.order
        for line in order.lines:
            assert 0 <= line.standing_quantity <= line.quantity
            assert line.lost_quantity >= 0 and line.missing_quantity >= 0
        if order.state in ENDED:
            assert all(parcel.state in LEFT or parcel.called_off for parcel in self.shops.sent)
            return
        for parcel in self.shops.sent:
            brought = {
                line.sku: line.brought_quantity
                for line in order.lines
                if line.coming is not None and line.coming.parcel_id == parcel.parcel_id
            }
            expected = {line.sku: parcel.standing.get(line.sku, 0) for line in parcel.lines}
            assert brought == expected


LEFT = (State.ARRIVED, State.SHORT, State.CALLED_OFF)

TestParcelInterleavings = ParcelInterleavings.TestCase
TestParcelInterleavings.settings = settings(
    max_examples=20,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
