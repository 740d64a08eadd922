"""What one sku costs, where and when: a function of stored intervals. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from itertools import islice
from typing import NamedTuple

from chassis.changes import Event
from chassis.errors import AppError, Kind, Violation
from services.catalog.product.domain import ID_LENGTH_MAX, is_id, is_plausible, sku_violations

AMOUNT_MINOR_MAX = 10**12
VAT_BASIS_POINTS_MAX = 10_000
# All of a sku lie in one document, which MongoDB ends at 16 MB.
INTERVALS_MAX = 5_000
# How far ahead a change is looked for: caches may end earlier than they must.
BOUNDARIES_MAX = 64

# ISO 4217, alphabetic codes of money in circulation (list one, 2026-01-01).
CURRENCIES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
    GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW
    KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR
    MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR
    SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
    USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()
)


class InvalidPriceError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_PRICE"


class PriceKind(Enum):
    REGULAR = "regular"
    REDUCED = "reduced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A price from `start_time` until just before `end_time`, at a location or at all (empty)."""

    location_id: str
    kind: PriceKind
    amount_minor: int
    vat_basis_points: int
    start_time: datetime
    end_time: datetime | None = None

    def is_same_place(self, other: "Interval") -> bool:
        """Whether one is put in the other's place."""
        return (self.location_id, self.kind, self.start_time) == (
            other.location_id,
            other.kind,
            other.start_time,
        )

    def is_in_force(self, now: datetime) -> bool:
        return self.start_time <= now and (self.end_time is None or now < self.end_time)


class Listed(NamedTuple):
    """A price as it comes in."""

    sku: str
    currency: str
    interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Every interval of one sku, all in one currency."""

    sku: str
    currency: str
    intervals: tuple[Interval, ...]
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a stock unit costs, VAT included, until it changes by itself at `valid_until_time`."""

    sku: str
    amount_minor: int
    currency: str
    vat_basis_points: int
    kind: PriceKind
    revision: int
    valid_until_time: datetime | None


def price_at(prices: Prices, *, location_id: str, now: datetime) -> Price | None:
    """What it costs at that location (empty: anywhere without its own) and instant.

    Of each kind the location's own goes before the chain's, and of several that
    overlap the one that starts last. The reduction is the price if it is lower
    than the regular one, or if there is no other.
    """
    best = in_force(concerning(prices, location_id), now)
    if best is None:
        return None
    return Price(
        sku=prices.sku,
        amount_minor=best.amount_minor,
        currency=prices.currency,
        vat_basis_points=best.vat_basis_points,
        kind=best.kind,
        revision=prices.revision,
        valid_until_time=changes_at(prices, location_id=location_id, now=now),
    )


def changes_at(prices: Prices, *, location_id: str, now: datetime) -> datetime | None:
    """The next instant at which the price changes, appears or ends by itself; None if it stays.

    With more than BOUNDARIES_MAX starts and ends before that, an earlier one.
    """
    intervals = concerning(prices, location_id)
    ahead = sorted({time for time in boundaries(intervals) if time > now})
    shown = shown_of(in_force(intervals, now))
    for time in islice(ahead, BOUNDARIES_MAX):
        if shown_of(in_force(intervals, time)) != shown:
            return time
    return ahead[BOUNDARIES_MAX] if len(ahead) > BOUNDARIES_MAX else None


def concerning(prices: Prices, location_id: str) -> tuple[Interval, ...]:
    return tuple(i for i in prices.intervals if i.location_id in ("", location_id))


def boundaries(intervals: Iterable[Interval]) -> Iterator[datetime]:
    for interval in intervals:
        yield interval.start_time
        if interval.end_time is not None:
            yield interval.end_time


def in_force(intervals: Sequence[Interval], now: datetime) -> Interval | None:
    """The one that makes the price, among those of one location and of the chain."""
    regular = first_of_kind(intervals, PriceKind.REGULAR, now)
    reduced = first_of_kind(intervals, PriceKind.REDUCED, now)
    if regular is None or reduced is None:
        return regular or reduced
    return reduced if reduced.amount_minor < regular.amount_minor else regular


def first_of_kind(intervals: Iterable[Interval], kind: PriceKind, now: datetime) -> Interval | None:
    """A location's own before the chain's, then what starts last."""
    those = (i for i in intervals if i.kind is kind and i.is_in_force(now))
    return max(those, key=lambda i: (i.location_id != "", i.start_time), default=None)


def shown_of(interval: Interval | None) -> tuple[object, ...]:
    """What of an interval its price shows."""
    if interval is None:
        return ()
    return interval.amount_minor, interval.vat_basis_points, interval.kind


def put(before: Prices | None, listed: Listed) -> Prices:
    """With the interval in its place, or `before` itself where it stands so already.

    Raises InvalidPriceError.
    """
    sku, currency, interval = listed
    if before is None:
        return Prices(sku=sku, currency=currency, intervals=(interval,), revision=1)
    if currency != before.currency:
        raise refused(Violation("amount.currency", f"{before.currency}, as its other prices"))
    if interval in before.intervals:
        return before
    others = tuple(i for i in before.intervals if not i.is_same_place(interval))
    if len(others) >= INTERVALS_MAX:
        what_to_do = f"a sku has at most {INTERVALS_MAX}: put it in another's place"
        raise refused(Violation("interval", what_to_do))
    return replace(before, intervals=(*others, interval), revision=before.revision + 1)


def price_changed(prices: Prices) -> Event:
    detail = {"sku": prices.sku}
    return Event("price_changed", prices.sku, prices.revision, detail, kind="prices")


def listed_of(
    *,
    sku: str,
    currency: str,
    location_id: str,
    kind: PriceKind | None,
    amount_minor: int,
    vat_basis_points: int,
    start_time: datetime | None,
    end_time: datetime | None,
) -> Listed:
    """Raises InvalidPriceError, naming every field at fault."""
    violations = (
        *sku_violations(sku),
        *place_violations(location_id, kind),
        *money_violations(amount_minor, currency, vat_basis_points),
        *span_violations(start_time, end_time),
    )
    if violations or kind is None or start_time is None:
        raise refused(*violations)
    interval = Interval(
        location_id=location_id,
        kind=kind,
        amount_minor=amount_minor,
        vat_basis_points=vat_basis_points,
        start_time=start_time,
        end_time=end_time,
    )
    return Listed(sku, currency, interval)


def place_violations(location_id: str, kind: PriceKind | None) -> Iterator[Violation]:
    if location_id and not is_id(location_id):
        yield Violation("location_id", f"at most {ID_LENGTH_MAX} printable characters, no spaces")
    if kind is None:
        yield Violation("kind", "regular or reduced")


def money_violations(
    amount_minor: int, currency: str, vat_basis_points: int
) -> Iterator[Violation]:
    if not 1 <= amount_minor <= AMOUNT_MINOR_MAX:
        yield Violation("amount.minor", "above zero, at most 10^12")
    if currency not in CURRENCIES:
        yield Violation("amount.currency", "an ISO 4217 code such as EUR")
    if not 0 <= vat_basis_points <= VAT_BASIS_POINTS_MAX:
        yield Violation("vat_basis_points", f"0 to {VAT_BASIS_POINTS_MAX}")


def span_violations(start_time: datetime | None, end_time: datetime | None) -> Iterator[Violation]:
    if start_time is None:
        yield Violation("start_time", "set it")
    for name, time in (("start_time", start_time), ("end_time", end_time)):
        if time is not None and not is_plausible(time):
            yield Violation(name, "between 1970 and 2200")
    if start_time and end_time and end_time <= start_time:
        yield Violation("end_time", "behind the start, or leave it out")


def refused(*violations: Violation) -> InvalidPriceError:
    return InvalidPriceError("the price cannot be taken", violations=violations)
