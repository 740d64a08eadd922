"""A replica that dies before or after a call about a parcel: another ends it, each effect once."""

from collections.abc import Mapping
from functools import partial

import pytest

from services.collect.order import saga
from services.collect.order.values import State as Life
from services.collect.parcel import domain
from services.collect.parcel.values import Parcel, State, TaskName
from tests.collect.parcel.two_shops import ParcelReplica, TwoShops
from tests.collect.parcel.walking import all_done, asked, still_held, walked_to

# What lies where once all is done, by the task at which somebody died.
ENDS: Mapping[TaskName, tuple[State, dict[str, int], dict[str, int]]] = {
    TaskName.HOLD: (State.HELD, {"sellable": 6}, {}),
    TaskName.PACK: (State.PACKED, {"sellable": 4, "staged": 2}, {}),
    TaskName.SEND: (State.SENT, {"sellable": 4}, {"in_transit": 2}),
    TaskName.RECEIVE: (State.ARRIVED, {"sellable": 4}, {"staged": 2}),
}


def units(shops: TwoShops, location_id: str) -> dict[str, int]:
    row = shops.row("LAMP", location_id)
    return {bucket.value: n for bucket, n in row.on.items() if n}


@pytest.mark.parametrize("steps", [1, 2], ids=["before", "after"])
@pytest.mark.parametrize("task", ENDS)
def test_whoever_dies_another_ends_it_once(task: TaskName, steps: int) -> None:
    shops = asked()
    parcel = walked_to(shops, task)
    dying = ParcelReplica(shops, parcel.parcel_id)
    for _ in range(steps):
        dying.goes_on()
    dying.dies()
    all_done(shops)

    state, there, here = ENDS[task]
    assert (shops.sent[0].state, units(shops, "lyon"), units(shops, "paris")) == (
        state,
        there,
        here,
    )


@pytest.mark.parametrize("task", ENDS)
def test_a_task_that_comes_after_its_order_was_called_off_keeps_nothing(task: TaskName) -> None:
    shops = asked()
    parcel = walked_to(shops, task)
    late = ParcelReplica(shops, parcel.parcel_id)
    late.goes_on()
    shops.write(partial(saga.cancelled, actor="customer", cause="", now=shops.clock.now))
    all_done(shops)
    while not late.is_over:
        late.goes_on()
    all_done(shops)
    if shops.sent[0].state is State.SENT:
        back: dict[str, int] = {"LAMP": 2}
        unpacked = partial(domain.received, quantities=back, bin_label="", now=shops.clock.now)
        shops.change(shops.sent[0], unpacked)
        all_done(shops)

    assert shops.order.state is Life.CANCELLED
    lost: Parcel = shops.sent[0]
    assert lost.state in (State.CALLED_OFF, State.ARRIVED)
    assert sum(units(shops, "lyon").values()) + sum(units(shops, "paris").values()) == 6
    assert {*units(shops, "lyon"), *units(shops, "paris")} == {"sellable"}
    assert still_held(shops) == set()
