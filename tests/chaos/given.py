"""A small history without a flaw, in which tests plant one."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.events import LoggedEvent
from services.collect.basket.domain import Basket
from services.collect.locker.cabinet import Cabinet, Use, UseState
from services.collect.order.domain import shown
from services.collect.order.line import Line
from services.collect.order.values import Method, Money, Order
from services.collect.order.values import State as Life
from services.collect.point.domain import Size
from services.collect.point.lines import Line as BasketLine
from services.inventory.ledger.domain import Cause, Movement
from services.inventory.reservation.domain import Reservation, Status
from services.inventory.stock.domain import Bucket, StockRow
from services.inventory.stock.domain import Line as StockLine
from tests.chaos.books import Books
from tests.chaos.checks.events import Heard
from tests.chaos.journal import Entry, Outcome
from tests.chaos.nemesis import Fault, Kind, Strike
from tests.chaos.verdict import Run

BEGIN = datetime(2026, 11, 23, 12, tzinfo=UTC)
BEGIN_S = BEGIN.timestamp()
AT, EXPIRE = int(BEGIN_S) + 20, int(BEGIN_S) + 30
HELD, LATE, TOLD = "order-held", "hold-lapsed", "hold-told-of"


def entry(operation: str, key: str, at_s: float, **given: Any) -> Entry:
    """OK and of a tenth of a second, so many seconds after the beginning, unless given."""
    found: dict[str, Any] = {
        "operation": operation,
        "key": key,
        "about": "",
        "asked": {},
        "begin_s": BEGIN_S + at_s,
        "end_s": BEGIN_S + at_s + 0.1,
        "outcome": Outcome.OK,
    }
    return Entry(**found | given)


def order(order_id: str, state: Life, **given: Any) -> Order:
    found: dict[str, Any] = {
        "order_id": order_id,
        "body_hash": b"",
        "customer_id": "anna",
        "point_id": "counter",
        "location_id": "paris",
        "cabinet_id": "",
        "slot_id": "slot",
        "slot_start": BEGIN,
        "slot_end": BEGIN,
        "lines": (Line(line_number=1, sku="LAMP", quantity=1, unit_price_minor=1, decimals=0),),
        "currency": "EUR",
        "method": Method.AT_COUNTER,
        "reference": "",
        "money": Money.DUE,
        "create_time": BEGIN,
        "confirm_by_time": BEGIN,
        "collect_by_time": BEGIN,
        "hold_until": BEGIN,
        "hold_s": 60,
        "state": state,
        "revision": 2,
    }
    return Order(**found | given)


def movement(number: int, source: Bucket, target: Bucket, quantity: int, cause: Cause) -> Movement:
    return Movement(
        movement_id=f"move-{number}",
        location_id="paris",
        sku="LAMP",
        source=source,
        target=target,
        quantity=quantity,
        cause=cause,
        document_id=f"doc-{number}",
        actor="collect",
        record_time=BEGIN,
        occur_time=BEGIN,
        revision=number,
    )


def row(revision: int, sellable: int, **given: Any) -> StockRow:
    found: dict[str, Any] = {"on": {Bucket.SELLABLE: sellable}, "at": AT, "revision": revision}
    return StockRow(location_id="paris", sku="LAMP", **found | given)


def reservation(reservation_id: str, status: Status, expire: int, document: str) -> Reservation:
    line = StockLine(location_id="paris", sku="LAMP", quantity=1)
    return Reservation(
        reservation_id=reservation_id,
        owner="collect",
        lines=(line,),
        expire_instant=expire,
        document_id=document,
        status=status,
    )


def event(
    position: int, name: str, key: str, revision: int, detail: Any, *, at_s: float = 0
) -> LoggedEvent:
    return LoggedEvent(
        position=position,
        name=name,
        key=key,
        revision=revision,
        detail=detail,
        occur_time=BEGIN + timedelta(seconds=at_s),
    )


def told(*rows: StockRow, lapse_s: float = 15) -> list[LoggedEvent]:
    """Of these rows, and of a hold's lapse."""
    lapse = event(len(rows) + 1, "reservation_lapsed", TOLD, 2, {}, at_s=lapse_s)
    changed = (
        event(number, "stock_changed", "paris LAMP", each.revision, asdict(each))
        for number, each in enumerate(rows, start=1)
    )
    return [*changed, lapse]


def told_orders(*orders: Order) -> list[LoggedEvent]:
    return [
        event(number, f"order_{each.state.value}", each.order_id, each.revision, shown(each))
        for number, each in enumerate(orders, start=1)
    ]


def shown_basket(revision: int, quantity: int) -> dict[str, Any]:
    return {"lines": [{"sku": "LAMP", "quantity": quantity}], "revision": revision}


# Three lamps came; one is held by an order, one was collected from the locker, one is free,
# and other channels' holds of it have lapsed.
ROWS = (
    row(1, 3),
    row(2, 3, held={EXPIRE + 3600: 1}),
    row(3, 2, held={EXPIRE + 3600: 1}, at=EXPIRE),
)
ORDERS = (
    order(HELD, Life.CONFIRMED),
    order(
        "order-collected",
        Life.COLLECTED,
        point_id="locker",
        cabinet_id="cabinet",
        place_label="A1",
    ),
)
CABINET = Cabinet(
    cabinet_id="cabinet",
    point_id="locker",
    location_id="paris",
    uses=(
        Use(compartment_id="A1", size=Size.S),
        Use(compartment_id="A2", size=Size.S, state=UseState.EMPTY),
    ),
)
BASKET = Basket(customer_id="anna", lines=(BasketLine("LAMP", 2),), revision=3)
BOOKS = Books(
    rows=(ROWS[-1],),
    movements=(
        movement(1, Bucket.OUTSIDE, Bucket.SELLABLE, 3, Cause.RECEIPT),
        movement(3, Bucket.SELLABLE, Bucket.OUTSIDE, 1, Cause.ORDER),
    ),
    reservations=(
        reservation("held", Status.ACTIVE, EXPIRE + 3600, HELD),
        reservation("used", Status.COMMITTED, EXPIRE + 3600, "order-collected"),
        reservation(LATE, Status.ACTIVE, EXPIRE, ""),
        reservation(TOLD, Status.LAPSED, int(BEGIN_S), ""),
    ),
    orders=ORDERS,
    baskets=(BASKET,),
    cabinets=(CABINET,),
    logs={"inventory": told(*ROWS), "collect": told_orders(*ORDERS)},
    outbox_counts={"inventory": 0, "collect": 0},
    purchase_ids=("order-collected",),
)
ENTRIES = (
    entry("place", "k1", 1, answer={"order_id": HELD, "state": "confirmed", "revision": 2}),
    entry("place", "k1", 1, answer={"order_id": HELD, "state": "confirmed", "revision": 2}),
    entry("place", "k2", 2, outcome=Outcome.UNKNOWN, reason="TimeoutError"),
    entry("place", "k2", 3, answer={"order_id": "order-collected", "state": "confirmed"}),
    entry("reserve", "k3", 4, answer={"reservation_id": LATE, "expire_s": EXPIRE}),
    entry("commit", "k4", 31, about=LATE, outcome=Outcome.FAILED, reason="HOLD_LAPSED"),
    entry("open", "k5", 40, about="order-collected", answer={"answer": "OPEN"}),
    entry("open", "k6", 41, about="order-collected", answer={"answer": "USED"}),
    entry("put", "k8", 45, about="anna", answer=shown_basket(2, 1)),
    entry("put", "k9", 46, about="anna", answer=shown_basket(3, 2)),
    entry("put", "k9", 46, about="anna", answer=shown_basket(3, 2)),
    entry(
        "available",
        "k7",
        50,
        asked={"location_id": "paris", "sku": "LAMP"},
        answer={"held": 1},
    ),
)
HEARD = Heard(
    "inventory",
    frozenset({"stock_changed"}),
    1,
    [(2, "stock_changed", "paris LAMP", 2), (3, "stock_changed", "paris LAMP", 3)],
)
STRIKE = Strike(
    fault=Fault(Kind.KILL, "collect-1"), begin_s=BEGIN_S + 1, end_s=BEGIN_S + 3, in_flight_count=1
)
RUN = Run(
    entries=ENTRIES,
    books=BOOKS,
    heard=(HEARD,),
    strikes=(STRIKE,),
    begin_s=BEGIN_S,
    end_s=BEGIN_S + 4,
    calm_s=(BEGIN_S, BEGIN_S + 4),
)


def with_books(**given: Any) -> Run:
    return replace(RUN, books=replace(BOOKS, **given))


def with_entries(*more: Entry) -> Run:
    return replace(RUN, entries=(*ENTRIES, *more))
