"""Values that several aggregates send, to protobuf and back. No rules here."""

from datetime import UTC, datetime
from typing import Any

from comptoir.type.v1.money_pb2 import Money
from comptoir.type.v1.text_pb2 import LocalizedText
from google.protobuf.timestamp_pb2 import Timestamp

from services.catalog.product.domain import Texts


def texts_from_pb(text: LocalizedText) -> dict[str, str]:
    return dict(text.by_locale)


def texts_to_pb(texts: Texts) -> LocalizedText | None:
    """None, which leaves a field unset, where there is none."""
    return LocalizedText(by_locale=texts) if texts else None


def time_from_pb(message: Any, name: str) -> datetime | None:
    """The Timestamp in that field, in whole milliseconds, which is what is kept; None if unset.

    Protobuf's range goes beyond Python's: what lies outside is the first or
    last instant there is, which the domain refuses.
    """
    if not message.HasField(name):
        return None
    stamp: Timestamp = getattr(message, name)
    try:
        time = stamp.ToDatetime(UTC)
    except (OverflowError, ValueError):
        end = datetime.min if stamp.seconds < 0 else datetime.max
        time = end.replace(tzinfo=UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def time_to_pb(time: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(time)
    return stamp


def money_to_pb(minor: int, currency: str) -> Money:
    return Money(minor=minor, currency=currency)
