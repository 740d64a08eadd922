"""A step's body is the same whichever release sends it: what was sent is kept in the order."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from comptoir.collect.v1 import order_service_pb2 as pb

from chassis.documents import record_from_document, record_to_document
from chassis.records import Ref
from chassis.requests import canonical
from services.collect.order import bodies, domain
from services.collect.order.store import ORDERS
from services.collect.order.values import Change, Method, Money, Order, State, Step, StepName
from tests.collect.order.house import House
from tests.collect.order.orders import COLLECT_BY, NOON, confirmed, in_state, line, wanted

FOUND = (replace(line(1), found_quantity=1), line(2, "CORD", 3, price=500))


def kept(order: Order) -> dict[str, Any]:
    return record_to_document(Ref(ORDERS, order.order_id), order, touched=1)


def of_schema_1(order: Order) -> dict[str, Any]:
    document = {**kept(order), "schema": 1}
    del document["hold_until"], document["hold_s"]
    return document


def read(document: dict[str, Any]) -> Order:
    return record_from_document(ORDERS, document)


def said(name: StepName, order: Order) -> bytes:
    """What inventory compares of a repeat with what came first."""
    of = {
        StepName.RESERVE: bodies.reserve_of,
        StepName.COMMIT: bodies.commit_of,
        StepName.UNRESERVE: bodies.unreserve_of,
    }.get(name, bodies.moves_of)
    return canonical(of(order, Step(name, 1)))


# As the first release sent them. Whoever changes one leaves orders under way that can be
# neither done nor undone: give the step another name instead.
SAID = {
    StepName.RESERVE: (
        "[(2, [[(1, 'paris'), (2, 'LAMP'), (3, 2)], [(1, 'paris'), (2, 'CORD'), (3, 3)]]),"
        " (3, [(1, 286200)]), (4, 'o1')]"
    ),
    StepName.UNRESERVE: "[]",
    StepName.COMMIT: (
        "[(2, 'r1'), (3, 6), (4, [[(1, 'paris'), (2, 'LAMP'), (3, 1), (4, 1)],"
        " [(1, 'paris'), (2, 'CORD'), (3, 3)]])]"
    ),
    StepName.TO_LOCKER: (
        "[(2, [[(2, 'paris'), (3, 'LAMP'), (4, 6), (5, 7), (6, 1), (7, 3), (8, 'o1')],"
        " [(2, 'paris'), (3, 'CORD'), (4, 6), (5, 7), (6, 3), (7, 3), (8, 'o1')]])]"
    ),
    StepName.PUT_BACK: (
        "[(2, [[(2, 'paris'), (3, 'LAMP'), (4, 6), (5, 1), (6, 1), (7, 3), (8, 'o1')],"
        " [(2, 'paris'), (3, 'CORD'), (4, 6), (5, 1), (6, 3), (7, 3), (8, 'o1')]])]"
    ),
    StepName.GONE: (
        "[(2, [[(2, 'paris'), (3, 'LAMP'), (4, 6), (6, 1), (7, 3), (8, 'o1')],"
        " [(2, 'paris'), (3, 'CORD'), (4, 6), (6, 3), (7, 3), (8, 'o1')]])]"
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_a_step_of_an_order_that_was_kept_says_what_it_always_said(name: StepName) -> None:
    binned = Change(state=State.READY, occur_time=NOON, actor="staff")
    order = replace(wanted(*FOUND), reservation_id="r1", changes=(binned,))
    assert said(name, read(kept(order))).decode() == SAID[name]


def test_a_step_has_one_id_for_ever() -> None:
    ids = {name: bodies.id_of(wanted(), name, Step(name, 1)) for name in StepName}
    assert ids[StepName.RESERVE] == "514cf843-78bd-5ce3-ac87-9728e4421d5d"
    assert len(set(ids.values())) == len(StepName)


async def test_a_release_with_another_longest_hold_repeats_what_was_sent(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.line.cut.add(("after", StepName.RESERVE))
    order = await house.place_briefly()
    monkeypatch.setattr(domain, "HOLD_MAX", timedelta(hours=12))
    house.line.mend()
    await house.passes(timedelta(seconds=5))

    assert (await house.get(order.order_id)).state == pb.ORDER_STATE_CONFIRMED
    assert await house.inventory.where("LAMP") == {"sellable": 10, "held": 2}


async def test_units_are_asked_for_until_nobody_may_pick_them_any_more(house: House) -> None:
    order = await house.order((await house.place()).order_id)
    assert order.hold_until == order.collect_by_time
    assert order.create_time + timedelta(seconds=order.hold_s) >= order.hold_until


class TestSchema1:
    """Orders that were kept before their hold was."""

    def test_says_what_was_sent_then(self) -> None:
        order = read(of_schema_1(confirmed()))
        assert (order.hold_until, order.hold_s) == (COLLECT_BY, 286200)

    def test_was_held_for_seven_days_at_most(self) -> None:
        far = replace(confirmed(), collect_by_time=NOON + timedelta(days=9))
        order = read(of_schema_1(far))
        assert (order.hold_until, order.hold_s) == (NOON + timedelta(days=7), 7 * 86_400)

    @pytest.mark.parametrize("state", [State.REFUSED, State.CANCELLED, State.EXPIRED])
    def test_what_had_ended_unpaid_is_due_no_more(self, state: State) -> None:
        ended = replace(in_state(state, method=Method.AT_COUNTER), money=Money.DUE)
        assert read(of_schema_1(ended)).money is Money.VOIDED

    def test_what_is_still_to_be_paid_or_was_stays_so(self) -> None:
        ready = in_state(State.READY, method=Method.AT_COUNTER)
        assert read(of_schema_1(ready)).money is Money.DUE
        taken = replace(in_state(State.COLLECTED), money=Money.CAPTURED)
        assert read(of_schema_1(taken)).money is Money.CAPTURED
