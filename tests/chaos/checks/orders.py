"""I2, I10: what was acknowledged is there, once, and as it was said. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from services.collect.order.values import CALLED_OFF, Order
from services.collect.order.values import State as Life
from services.inventory.ledger.domain import Cause
from services.inventory.reservation.domain import Reservation, Status
from tests.chaos.books import Books
from tests.chaos.findings import Violation, Violations
from tests.chaos.journal import Entry, Outcome, answered

# In which states an order may be once a step was acknowledged; each leaves only forward.
STAGED_ON = (Life.STAGED, Life.READY, Life.COLLECTED, Life.CANCEL_PENDING, *CALLED_OFF)
AFTER: Mapping[str, tuple[Life, ...]] = {
    "cancel": (Life.CANCELLED, Life.CANCEL_PENDING),
    "pick": (Life.PICKING, *STAGED_ON),
    "stage": STAGED_ON,
    "hand_over": (Life.COLLECTED,),
}
STATUS_AFTER = {"release": Status.RELEASED, "commit": Status.COMMITTED}


def each_order_once(books: Books, entries: Sequence[Entry], *, begin_s: float) -> Violations:
    """I2. Orders of before `begin_s` are of another run on the same suite."""
    orders = {order.order_id: order for order in books.orders}
    placed = [entry for entry in entries if entry.operation == "place"]
    given: dict[str, set[str]] = defaultdict(set)
    for entry in answered(placed, "place"):
        given[entry.key].add(str(entry.answer["order_id"]))
    for key, ids in given.items():
        if len(ids) > 1:
            yield Violation("I2", f"request {key} gave {len(ids)} orders: {sorted(ids)}")
        for order_id in sorted(ids - orders.keys()):
            yield Violation("I2", f"request {key} gave order {order_id}, which is not there")
    asked_for = set().union(*given.values()) if given else set()
    refused_count = len({entry.key for entry in placed} - given.keys())
    strangers = [
        order
        for order in books.orders
        if order.order_id not in asked_for and order.create_time.timestamp() >= begin_s
    ]
    for order in strangers:
        if order.state is not Life.REFUSED:
            yield Violation(
                "I2", f"order {order.order_id} is {order.state.value}: nobody was told of it"
            )
    if len(strangers) > refused_count:
        yield Violation(
            "I2", f"{len(strangers)} refused orders of {refused_count} requests that were refused"
        )
    yield from one_reservation_each(orders, books.reservations)


def one_reservation_each(
    orders: Mapping[str, Order], reservations: Sequence[Reservation]
) -> Violations:
    standing: Counter[str] = Counter()
    for reservation in reservations:
        if reservation.document_id in orders and reservation.status is not Status.RELEASED:
            standing[reservation.document_id] += 1
    for order_id, count in standing.items():
        # A second one in place of what facts took of the first.
        if count > 1 + orders[order_id].has_replacement:
            yield Violation("I2", f"order {order_id} has {count} reservations that stand")


def acknowledged_is_kept(books: Books, entries: Sequence[Entry]) -> Violations:
    """I10."""
    orders = {order.order_id: order for order in books.orders}
    for entry in answered(entries, "place", *AFTER):
        order = orders.get(str(entry.answer.get("order_id", entry.about)))
        if order is None:
            yield lost(entry, "its order is not there")
            continue
        if order.revision < int(entry.answer.get("revision", 0)):
            yield lost(entry, f"the order is at revision {order.revision} again")
        if order.state not in AFTER.get(entry.operation, tuple(Life)):
            yield lost(entry, f"the order is {order.state.value}")
        if entry.operation == "place" and order.state in (Life.PLACING, Life.REFUSED):
            if entry.answer["state"] != "placing":
                yield lost(entry, f"the order is {order.state.value}")
    yield from holds_are_kept(books, entries)
    yield from sales_are_kept(books, entries)


def holds_are_kept(books: Books, entries: Sequence[Entry]) -> Violations:
    held = {reservation.reservation_id: reservation for reservation in books.reservations}
    for entry in answered(entries, "reserve", *STATUS_AFTER):
        found = held.get(str(entry.answer["reservation_id"]))
        if found is None:
            yield lost(entry, "its reservation is not there")
        elif found.status is not STATUS_AFTER.get(entry.operation, found.status):
            yield lost(entry, f"the reservation is {found.status}")


def sales_are_kept(books: Books, entries: Sequence[Entry]) -> Violations:
    """Once each: a sale that was written down twice is as wrong as one that is lost."""
    sold: Counter[str] = Counter()
    for movement in books.movements:
        if movement.cause is Cause.SALE:
            sold[movement.document_id] += movement.quantity
    for key in {entry.key for entry in answered(entries, "sell")}:
        if sold[key] != 1:
            yield Violation("I10", f"sale {key} of 1 unit stands in the ledger with {sold[key]}")
    refused = {e.key for e in entries if e.operation == "sell" and e.outcome is Outcome.FAILED}
    for key in refused - {entry.key for entry in answered(entries, "sell")}:
        if sold[key]:
            yield Violation("I10", f"sale {key} was refused and stands in the ledger")


def lost(entry: Entry, why: str) -> Violation:
    what = f"{entry.operation} {entry.about or entry.answer.get('order_id', entry.key)}"
    return Violation("I10", f"{what}, acknowledged at {entry.end_s:.3f}: {why}")
