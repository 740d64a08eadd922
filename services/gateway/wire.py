"""What JSON bodies of several routes share: money, instants, names of states, bytes."""

import base64
import binascii
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias

from comptoir.type.v1 import money_pb2, text_pb2
from google.protobuf.timestamp_pb2 import Timestamp
from msgspec import Meta, Struct

from chassis.errors import AppError, Kind, Violation

JSON = "application/json"
# Beyond it a double, which is all that JavaScript has, no longer holds every integer.
EXACT_MAX = 2**53
LOCALE_DEFAULT = "fr"
# For clients to read: what does not match is refused in better words than with a pattern.
BASE64URL = "^([A-Za-z0-9_-]{4})*([A-Za-z0-9_-]{2}(==)?|[A-Za-z0-9_-]{3}=?)?$"
DEGREES = "-?[0-9]{1,3}([.][0-9]{1,15})?"

Whole: TypeAlias = Annotated[
    int | str,
    Meta(description="A whole number; as text where it is beyond 2^53."),
]
PageSize: TypeAlias = Annotated[
    int, Meta(ge=0, le=1000, description="At most this many; zero takes the default.")
]
PageToken: TypeAlias = Annotated[
    str,
    Meta(max_length=4096, description="`next_page_token` of the page before; empty for the first."),
]
NextPageToken: TypeAlias = Annotated[str, Meta(description="Opaque; empty on the last page.")]
Locale: TypeAlias = Annotated[
    str,
    Meta(max_length=16, description="Language of texts, `fr` or `en`; empty means `fr`."),
]
Id: TypeAlias = Annotated[str, Meta(max_length=128)]
Sku: TypeAlias = Annotated[str, Meta(max_length=64, description="The retailer's article number.")]
Quantity: TypeAlias = Annotated[
    int, Meta(ge=0, le=1_000_000, description="Whole number of the smallest stock unit.")
]
CurrencyCode: TypeAlias = Annotated[
    str, Meta(min_length=3, max_length=3, description="ISO 4217, e.g. `EUR`.")
]
MinorGiven: TypeAlias = Annotated[
    int, Meta(ge=0, le=EXACT_MAX, description="In the smallest unit: 12990 is 129.90 EUR.")
]


class InvalidRequestError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_REQUEST"


class Received(Struct, forbid_unknown_fields=True):
    """What a caller sends: a field we do not know is a mistake, and said to be one."""


class Sent(Struct):
    """What we answer with: fields may be added."""


class Nothing(Received):
    """No fields."""


class MoneyGiven(Received):
    """An amount of money."""

    minor: MinorGiven
    currency: CurrencyCode


class Money(Sent):
    """An amount of money."""

    minor: Whole
    currency: CurrencyCode


def whole(value: int) -> int | str:
    return value if -EXACT_MAX <= value <= EXACT_MAX else str(value)


def money_from_pb(money: money_pb2.Money) -> Money:
    return Money(minor=whole(money.minor), currency=money.currency)


def money_to_pb(money: MoneyGiven) -> money_pb2.Money:
    return money_pb2.Money(minor=money.minor, currency=money.currency)


def optional_money(message: Any, field: str) -> Money | None:
    return money_from_pb(getattr(message, field)) if message.HasField(field) else None


def instant(time: Timestamp) -> datetime:
    # Timestamp's own conversion takes ten times as long, and pages are full of them.
    whole_second = datetime.fromtimestamp(time.seconds, UTC)
    nanos = time.nanos
    return whole_second.replace(microsecond=nanos // 1000) if nanos else whole_second


def optional_instant(message: Any, field: str) -> datetime | None:
    return instant(getattr(message, field)) if message.HasField(field) else None


def text_in(text: text_pb2.LocalizedText, locale: str) -> str:
    """In `locale`, else in the retailer's language, else in any; empty if there is none."""
    return text.by_locale[locale_in(text, locale)] if text.by_locale else ""


def locale_in(text: text_pb2.LocalizedText, locale: str) -> str:
    """Which of its languages is read by whoever wants `locale`; that itself if it has none."""
    found = text.by_locale
    for wanted in (locale, LOCALE_DEFAULT):
        if wanted in found:
            return wanted
    return min(found, default=locale)


def names_of(enum: Any, prefix: str) -> Mapping[int, str]:
    """How the values of a proto enum are written in JSON: `ORDER_STATE_READY` as `ready`."""
    return {number: name.removeprefix(prefix).lower() for name, number in enum.items()}


def name_in(names: Mapping[int, str], value: int) -> str:
    """A value that was added after we were built is `unknown`."""
    return names.get(value, "unknown")


def bytes_from_text(text: str, field: str) -> bytes:
    """Of base64url, with or without padding. Raises InvalidRequestError."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise invalid(field, "bytes in base64url") from None


def bytes_to_text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def coordinates_from_text(text: str, field: str) -> tuple[float, float] | None:
    """Of `48.85,2.37`, degrees north and east; None for an empty one.

    Raises InvalidRequestError.
    """
    if not text:
        return None
    try:
        north, east = (float(part) for part in text.split(","))
    except ValueError:
        raise invalid(field, "degrees north and east, such as 48.85,2.37") from None
    if not (math.isfinite(north) and math.isfinite(east)):
        raise invalid(field, "degrees north and east, such as 48.85,2.37")
    return north, east


def invalid(field: str, description: str) -> InvalidRequestError:
    return InvalidRequestError(
        f"{field} must be {description}", violations=(Violation(field, f"must be {description}"),)
    )
