"""What an order holds in collect's own database, and gives back in the write that ends it.

A slot and a compartment are taken in the transaction that writes the order first, so
they need no step and no undo. A parcel is asked for in the one that the order waits for it by.
Pure but for the records it is shown.
"""

from dataclasses import replace
from typing import Any

from chassis.changes import Event
from chassis.records import Ref, State
from services.collect.basket.domain import without
from services.collect.basket.store import BASKETS
from services.collect.locker import domain as locker
from services.collect.locker.domain import Cabinet
from services.collect.locker.store import CABINETS
from services.collect.order.values import ENDED, Order
from services.collect.order.values import State as Life
from services.collect.parcel.asking import asked, newly_asked, no_more_wanted, parcel_ids
from services.collect.parcel.domain import called_off
from services.collect.parcel.store import PARCELS
from services.collect.parcel.values import Parcel
from services.collect.point import domain as point
from services.collect.point.store import SLOTS

# States in which the slot was given back already, or served its purpose.
SLOTLESS = (*ENDED, Life.CANCEL_PENDING)


def all_refs_of(order: Order) -> list[Ref[Any]]:
    """All that the order may give back, and the basket it was made from."""
    refs: list[Ref[Any]] = [Ref(SLOTS, order.slot_id), Ref(BASKETS, order.customer_id)]
    refs += [Ref(PARCELS, parcel_id) for parcel_id in sorted(parcel_ids(order))]
    return refs + [Ref(CABINETS, order.cabinet_id)] * order.in_locker


def refs_of(before: Order, after: Order) -> list[Ref[Any]]:
    """What `given_back` reads for this change: most need nothing."""
    refs: list[Ref[Any]] = [Ref(SLOTS, after.slot_id)] * gives_slot_back(before, after)
    refs += [Ref(CABINETS, after.cabinet_id)] * leaves_cabinet(before, after)
    changed = (*newly_asked(before, after), *no_more_wanted(before, after))
    refs += [Ref(PARCELS, parcel_id) for parcel_id in changed]
    return refs + [Ref(BASKETS, after.customer_id)] * empties_basket(before, after)


def given_back(state: State, before: Order, after: Order) -> tuple[object, ...]:
    """The records of what `after` holds no more, and of the parcels that it waits for from now.

    Raises NotReadError unless `state` was read with `refs_of` or `all_refs_of`.
    """
    records: list[object] = []
    if gives_slot_back(before, after):
        records += slot_given_back(state, after)
    if leaves_cabinet(before, after):
        records += cabinet_after(state, before, after)
    if empties_basket(before, after):
        records += basket_after(state, after)
    records += [asked(after, parcel_id) for parcel_id in newly_asked(before, after)]
    return (*records, *parcels_called_off(state, before, after))


def gives_slot_back(before: Order, after: Order) -> bool:
    over = after.state in SLOTLESS and after.state is not Life.COLLECTED
    return over and before.state not in SLOTLESS


def leaves_cabinet(before: Order, after: Order) -> bool:
    over = after.state in SLOTLESS and after.state is not Life.COLLECTED
    return over and after.in_locker and after.state is not before.state


def empties_basket(before: Order, after: Order) -> bool:
    confirmed = before.state is Life.PLACING and after.state is Life.CONFIRMED
    return confirmed and after.from_basket


def told(records: tuple[object, ...]) -> tuple[Event, ...]:
    """The events that go with `records`: a cabinet's stream must hear of its change."""
    return tuple(locker.event_of(record) for record in records if isinstance(record, Cabinet))


def slot_given_back(state: State, order: Order) -> list[object]:
    slot = state.find(SLOTS, order.slot_id)
    return [] if slot is None else [point.given_back(slot)]


def cabinet_after(state: State, before: Order, after: Order) -> list[object]:
    """Free where nothing was loaded; else called off, until the cabinet has answered."""
    cabinet = state.find(CABINETS, after.cabinet_id)
    if cabinet is None or locker.use_of(cabinet, after.order_id) is None:
        return []
    if after.state is Life.CANCEL_PENDING:
        return [locker.called_off(cabinet, after.order_id)]
    if before.state is Life.CANCEL_PENDING:
        return []  # The order still lies inside: free when staff have taken it out.
    return [locker.emptied(cabinet, after.order_id)]


def basket_after(state: State, order: Order) -> list[object]:
    basket = state.find(BASKETS, order.customer_id)
    return [] if basket is None else [without(basket, [line.sku for line in order.lines])]


def parcels_called_off(state: State, before: Order, after: Order) -> list[object]:
    found = [state.find(PARCELS, parcel_id) for parcel_id in no_more_wanted(before, after)]
    return [wanted_no_more(after, each) for each in found if each]


def wanted_no_more(order: Order, parcel: Parcel) -> Parcel:
    # What ends an order is the last of its changes.
    after = called_off(parcel, now=order.changes[-1].occur_time)
    return replace(after, revision=parcel.revision + 1)
