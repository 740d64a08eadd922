"""I5, I7: one order behind a door, and a door opens once for its code. Pure."""

from collections import defaultdict
from collections.abc import Sequence

from services.collect.locker.cabinet import UseState
from services.collect.order.values import State as Life
from tests.chaos.books import Books
from tests.chaos.findings import Violation, Violations
from tests.chaos.journal import Entry, answered

# An order that has, or may still have, its compartment.
HOUSED = (Life.CONFIRMED, Life.PICKING, Life.STAGED, Life.READY, Life.CANCEL_PENDING)


def one_order_a_compartment(books: Books) -> Violations:
    """I5."""
    orders = {order.order_id: order for order in books.orders}
    housed: dict[str, list[str]] = defaultdict(list)
    for cabinet in books.cabinets:
        for use in cabinet.uses:
            if use.state is UseState.EMPTY:
                continue
            where = f"{cabinet.cabinet_id} {use.compartment_id}"
            housed[use.order_id].append(where)
            order = orders.get(use.order_id)
            if order is None or order.cabinet_id != cabinet.cabinet_id:
                yield Violation("I5", f"{where} is kept for {use.order_id}, which is not its order")
            elif order.state is Life.COLLECTED:
                yield Violation("I5", f"{where} is kept for {use.order_id}, which was collected")
    for order_id, places in housed.items():
        if len(places) > 1:
            yield Violation("I5", f"order {order_id} has {len(places)} compartments: {places}")
    for order in books.orders:
        if order.in_locker and order.state in HOUSED and not housed[order.order_id]:
            yield Violation("I5", f"order {order.order_id} is {order.state.value} without a place")
    yield from never_shared(books)


def never_shared(books: Books) -> Violations:
    """Over time: the log says when an order was laid behind a door, and when it had left it."""
    points = {cabinet.point_id for cabinet in books.cabinets}
    inside: dict[tuple[str, str], str] = {}
    for event in books.log("collect"):
        if not event.name.startswith("order_") or event.detail["point_id"] not in points:
            continue
        label = str(event.detail["place_label"])
        compartment = (str(event.detail["point_id"]), label)
        state = Life(event.detail["state"])
        if state is Life.READY and inside.setdefault(compartment, event.key) != event.key:
            yield Violation(
                "I5", f"{compartment}: {event.key} lies with {inside[compartment]} in it"
            )
        if state is Life.COLLECTED or not label:
            for taken, order_id in list(inside.items()):
                if order_id == event.key:
                    del inside[taken]


def a_code_opens_once(books: Books, entries: Sequence[Entry]) -> Violations:
    """I7. A cabinet that is online knows what was called off before the answer was given."""
    opened: dict[str, list[Entry]] = defaultdict(list)
    for entry in answered(entries, "open"):
        if entry.answer.get("answer") == "OPEN":
            opened[entry.about].append(entry)
    for order_id, times in opened.items():
        if len(times) > 1:
            yield Violation("I7", f"the code of order {order_id} opened {len(times)} times")
    orders = {order.order_id: order for order in books.orders}
    for order_id in opened:
        order = orders.get(order_id)
        if order is None or order.state is not Life.COLLECTED:
            state = "unknown" if order is None else order.state.value
            yield Violation("I7", f"a door opened for order {order_id}, which is {state}")
    cancelled = {e.about: e for e in answered(entries, "look") if e.answer["state"] == "cancelled"}
    for order_id, times in opened.items():
        seen = cancelled.get(order_id)
        if seen is not None and times[-1].begin_s > seen.end_s:
            yield Violation("I7", f"a door opened for order {order_id} after it was called off")
