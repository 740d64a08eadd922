"""Prices to protobuf and back. No rules here."""

from comptoir.catalog.v1 import price_service_pb2 as pb

from services.catalog.price.domain import Listed, Price, PriceKind, listed_of
from services.catalog.wire import money_to_pb, time_from_pb, time_to_pb

KIND_TO_PB = {
    PriceKind.REGULAR: pb.PRICE_KIND_REGULAR,
    PriceKind.REDUCED: pb.PRICE_KIND_REDUCED,
}
KIND_FROM_PB = {sent: kind for kind, sent in KIND_TO_PB.items()}


def listed_from_pb(message: pb.PriceInterval) -> Listed:
    """Raises InvalidPriceError."""
    return listed_of(
        sku=message.sku,
        currency=message.amount.currency,
        location_id=message.location_id,
        kind=KIND_FROM_PB.get(message.kind),
        amount_minor=message.amount.minor,
        vat_basis_points=message.vat_basis_points,
        start_time=time_from_pb(message, "start_time"),
        end_time=time_from_pb(message, "end_time"),
    )


def price_to_pb(price: Price) -> pb.Price:
    message = pb.Price(
        sku=price.sku,
        amount=money_to_pb(price.amount_minor, price.currency),
        vat_basis_points=price.vat_basis_points,
        kind=KIND_TO_PB[price.kind],
        revision=price.revision,
    )
    if price.valid_until_time is not None:
        message.valid_until_time.CopyFrom(time_to_pb(price.valid_until_time))
    return message
