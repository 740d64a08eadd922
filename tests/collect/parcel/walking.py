"""An order whose lamps another shop sends, brought as far as a test wants it."""

from functools import partial

from services.collect.parcel import domain
from services.collect.parcel.values import Parcel, TaskName
from services.inventory.reservation.domain import Status
from tests.collect.order.orders import line, wanted
from tests.collect.order.world import Replica
from tests.collect.parcel.two_shops import ParcelReplica, TwoShops, TwoTills

ALL = {"LAMP": 2}


def asked() -> TwoShops:
    """An order of 2 lamps that a till has sold, for which a shop with 6 of them is asked."""
    shops = TwoShops()
    tills = TwoTills(shops)
    shops.receive("LAMP", 2)
    shops.receive_there("LAMP", 6)
    replica = shops.place(wanted(line()))
    while not replica.is_over:
        replica.goes_on()
    tills.sells("LAMP", 2)
    tills.breaks()
    assert tills.is_told()
    return shops


def walked_to(shops: TwoShops, task: TaskName) -> Parcel:
    """The parcel when it owes `task`."""
    now = shops.clock.now
    works = {
        TaskName.PACK: partial(domain.packed, quantities=ALL, bin_label="L1", now=now),
        TaskName.SEND: partial(domain.sent, now=now),
        TaskName.RECEIVE: partial(domain.received, quantities=ALL, bin_label="B7", now=now),
    }
    for name, work in works.items():
        if shops.sent[0].todo and shops.sent[0].todo[0].name is task:
            break
        parcels_done(shops)
        shops.change(shops.sent[0], work)
        if name is task:
            break
    parcel = shops.sent[0]
    assert [each.name for each in parcel.todo] == [task]
    return parcel


def parcels_done(shops: TwoShops) -> None:
    while shops.sent[0].todo:
        wake_time = shops.sent[0].wake_time
        assert wake_time is not None
        shops.clock.now = max(shops.clock.now, wake_time)
        replica = ParcelReplica(shops, shops.sent[0].parcel_id)
        while not replica.is_over:
            replica.goes_on()


def all_done(shops: TwoShops) -> None:
    parcels_done(shops)
    while shops.order.todo:
        wake_time = shops.order.wake_time
        assert wake_time is not None
        shops.clock.now = max(shops.clock.now, wake_time)
        replica = Replica(shops, None)
        while not replica.is_over:
            replica.goes_on()


def still_held(shops: TwoShops) -> set[str]:
    """The reservations that are still held."""
    now = shops.clock.now
    active = (each for each in shops.reservations if each.at(now).status is Status.ACTIVE)
    return {each.reservation_id for each in active}
