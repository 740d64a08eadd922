"""Purchases as protobuf messages, and back."""

from datetime import UTC, datetime
from typing import TypeAlias

from comptoir.collect.v1 import order_service_pb2 as collect_pb
from comptoir.customer.v1 import history_service_pb2 as pb
from comptoir.type.v1 import money_pb2

from chassis.errors import Violation
from services.customer.history.domain import Channel, InvalidPurchaseError, Line, Money, Purchase

CHANNEL_TO_PB = {
    Channel.ORDER: pb.PURCHASE_CHANNEL_ORDER,
    Channel.TILL: pb.PURCHASE_CHANNEL_TILL,
}
CHANNEL_FROM_PB = {sent: channel for channel, sent in CHANNEL_TO_PB.items()}


# Whatever says what it cost in all.
Priced: TypeAlias = pb.Purchase | pb.PurchaseLine | collect_pb.Order | collect_pb.OrderLine


def purchase_from_pb(message: pb.Purchase) -> Purchase:
    """Raises InvalidPurchaseError."""
    if message.channel not in CHANNEL_FROM_PB:
        raise invalid("channel", "PURCHASE_CHANNEL_ORDER or PURCHASE_CHANNEL_TILL")
    return Purchase(
        purchase_id=message.purchase_id,
        customer_id=message.customer_id,
        location_id=message.location_id,
        purchase_time=time_from_pb(message),
        lines=tuple(line_from_pb(line) for line in message.lines),
        total=total_from_pb(message),
        channel=CHANNEL_FROM_PB[message.channel],
    )


def time_from_pb(message: pb.Purchase) -> datetime:
    """In whole milliseconds, as times are kept. Raises InvalidPurchaseError."""
    try:
        at = message.purchase_time.ToDatetime(UTC)
    except (ValueError, OverflowError):
        raise invalid("purchase_time", "a time between the years 1970 and 9999") from None
    return whole_milliseconds(at)


def whole_milliseconds(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def line_from_pb(line: pb.PurchaseLine) -> Line:
    return Line(sku=line.sku, quantity=line.quantity, total=total_from_pb(line))


def total_from_pb(message: Priced) -> Money | None:
    """None where the sender did not say."""
    if not message.HasField("total"):
        return None
    return Money(minor=message.total.minor, currency=message.total.currency)


def money_to_pb(money: Money | None) -> money_pb2.Money | None:
    return None if money is None else money_pb2.Money(minor=money.minor, currency=money.currency)


def purchase_to_pb(purchase: Purchase) -> pb.Purchase:
    message = pb.Purchase(
        purchase_id=purchase.purchase_id,
        customer_id=purchase.customer_id,
        location_id=purchase.location_id,
        lines=[
            pb.PurchaseLine(sku=line.sku, quantity=line.quantity, total=money_to_pb(line.total))
            for line in purchase.lines
        ],
        total=money_to_pb(purchase.total),
        channel=CHANNEL_TO_PB[purchase.channel],
    )
    message.purchase_time.FromDatetime(purchase.purchase_time)
    return message


def invalid(field: str, advice: str) -> InvalidPurchaseError:
    violation = Violation(field, advice)
    return InvalidPurchaseError(f"the purchase has a bad {field}", violations=(violation,))
