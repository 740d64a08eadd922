"""What customers took home, in any channel, and which collected orders are still to be read."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from chassis.changes import Changed, Event
from chassis.errors import AppError, Kind, Violation
from services.customer.profile.domain import unknown_customer

ID_LENGTH_MAX = 64
LINES_MAX = 200
QUANTITY_MAX = 1_000_000_000
MINOR_MAX = 10**15
# Clocks and time zones of tills are wrong by hours, not by days.
AHEAD_MAX = timedelta(days=1)
YEAR_MIN = 1971  # A time that was not set reads as 1970.
RETRY_MIN = timedelta(seconds=1)
RETRY_MAX = timedelta(hours=1)
DOUBLINGS_MAX = 20


class InvalidPurchaseError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_PURCHASE"


class Channel(Enum):
    ORDER = "order"
    TILL = "till"


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`quantity` is in the sku's smallest stock unit."""

    sku: str
    quantity: int
    total: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """Goods a customer took home. Holds no personal field: it stays when they are erased."""

    purchase_id: str
    customer_id: str
    purchase_time: datetime
    lines: tuple[Line, ...]
    channel: Channel
    location_id: str = ""
    total: Money | None = None
    revision: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedOrder:
    """An order that was handed over; until it is `read`, its purchase is not known here."""

    order_id: str
    collect_time: datetime
    due_time: datetime
    tries_count: int = 0
    read: bool = False


def checked(purchase: Purchase, *, now: datetime) -> Purchase:
    """Raises InvalidPurchaseError, naming every bad field."""
    if violations := tuple(violations_of(purchase, now)):
        fields = ", ".join(violation.field for violation in violations)
        raise InvalidPurchaseError(f"the purchase has bad fields: {fields}", violations=violations)
    return purchase


def violations_of(purchase: Purchase, now: datetime) -> Iterator[Violation]:
    for name in ("purchase_id", "customer_id"):
        if not is_id(getattr(purchase, name)):
            yield Violation(name, f"1 to {ID_LENGTH_MAX} printable characters")
    if len(purchase.location_id) > ID_LENGTH_MAX:
        yield Violation("location_id", f"at most {ID_LENGTH_MAX} characters")
    if purchase.purchase_time > now + AHEAD_MAX or purchase.purchase_time.year < YEAR_MIN:
        yield Violation("purchase_time", "when the goods were handed over, not in the future")
    if not 1 <= len(purchase.lines) <= LINES_MAX:
        yield Violation("lines", f"1 to {LINES_MAX}")
    if not is_amount(purchase.total):
        yield Violation("total", "an amount of zero or more in a currency such as EUR")
    yield from line_violations_of(purchase)


def line_violations_of(purchase: Purchase) -> Iterator[Violation]:
    for index, line in enumerate(purchase.lines[:LINES_MAX]):
        if not is_id(line.sku):
            yield Violation(f"lines[{index}].sku", f"1 to {ID_LENGTH_MAX} printable characters")
        if not 1 <= line.quantity <= QUANTITY_MAX:
            yield Violation(f"lines[{index}].quantity", f"1 to {QUANTITY_MAX}")
        if not is_amount(line.total) or not same_currency(line.total, purchase.total):
            advice = "an amount of zero or more in the purchase's own currency"
            yield Violation(f"lines[{index}].total", advice)


def is_id(text: str) -> bool:
    return 1 <= len(text) <= ID_LENGTH_MAX and text.isprintable()


def is_amount(money: Money | None) -> bool:
    if money is None:
        return True
    is_currency = len(money.currency) == 3 and money.currency.isascii()
    return is_currency and money.currency.isupper() and 0 <= money.minor <= MINOR_MAX


def same_currency(one: Money | None, other: Money | None) -> bool:
    return one is None or other is None or one.currency == other.currency


def put(before: Purchase | None, purchase: Purchase) -> Purchase:
    """The purchase as it comes to stand; `before` itself if it says the same already."""
    if before is None:
        return replace(purchase, revision=1)
    if replace(purchase, revision=before.revision) == before:
        return before
    return replace(purchase, revision=before.revision + 1)


def imported(
    before: Purchase | None, purchase: Purchase, *, known_ids: Collection[str]
) -> Purchase:
    """As `put`. Raises UnknownCustomerError unless its customer is one of `known_ids`."""
    if purchase.customer_id not in known_ids:
        raise unknown_customer(purchase.customer_id)
    return put(before, purchase)


def purchase_recorded(purchase: Purchase) -> Event:
    detail = {"purchase_id": purchase.purchase_id}
    return Event("purchase_recorded", purchase.purchase_id, purchase.revision, detail)


def collected(
    before: CollectedOrder | None, *, order_id: str, collect_time: datetime
) -> Changed[None]:
    """Note an order that is to be read; nothing if it was noted before."""
    if before is not None:
        return Changed(answer=None)
    noted = CollectedOrder(order_id=order_id, collect_time=collect_time, due_time=collect_time)
    return Changed(answer=None, records=(noted,))


def recorded(
    noted: CollectedOrder | None, before: Purchase | None, purchase: Purchase | None
) -> Changed[bool]:
    """Record the purchase of an order, once; `purchase` is None for one of no customer of ours.

    Answers whether it was recorded now.
    """
    if noted is None or noted.read:
        return Changed(answer=False)
    read = replace(noted, read=True)
    after = None if purchase is None else put(before, purchase)
    if after is None or after is before:
        return Changed(answer=False, records=(read,))
    return Changed(answer=True, records=(read, after), events=(purchase_recorded(after),))


def postponed(noted: CollectedOrder | None, *, now: datetime) -> Changed[None]:
    """Try again later: after a second, doubling to an hour."""
    if noted is None or noted.read:
        return Changed(answer=None)
    wait = min(RETRY_MIN * 2 ** min(noted.tries_count, DOUBLINGS_MAX), RETRY_MAX)
    later = replace(noted, due_time=now + wait, tries_count=noted.tries_count + 1)
    return Changed(answer=None, records=(later,))
