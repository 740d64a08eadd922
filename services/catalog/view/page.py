"""What a product page shows, encoded, with the price that place and instant make of it."""

from datetime import datetime
from typing import NamedTuple

from comptoir.catalog.v1 import product_service_pb2 as pb

from services.catalog.price.domain import Prices, changes_at, price_at
from services.catalog.price.messages import price_to_pb
from services.catalog.wire import time_to_pb

# An interval, and what is kept of the price it makes at its place.
INTERVAL_BYTES = 600


class Priced(NamedTuple):
    """What a view at one place adds to the facts, from one instant until another, None for ever."""

    encoded: bytes
    from_time: datetime
    until_time: datetime | None

    def holds_at(self, now: datetime) -> bool:
        return self.from_time <= now and (self.until_time is None or now < self.until_time)


class Page:
    """A product's view: facts encoded once, prices once for each place that has its own."""

    def __init__(self, facts: bytes, prices: Prices | None) -> None:
        """`facts` is a ProductView, encoded, of which only the price is missing."""
        self._facts = facts
        self._prices = prices
        self._places = frozenset(i.location_id for i in prices.intervals) if prices else frozenset()
        self._priced: dict[str, Priced] = {}

    def __len__(self) -> int:
        """Places it was priced for: any other has the chain's."""
        return len(self._priced)

    @property
    def size_bytes(self) -> int:
        """Roughly, with all that will be kept of its prices."""
        intervals = self._prices.intervals if self._prices else ()
        return len(self._facts) + INTERVAL_BYTES * len(intervals)

    def at(self, location_id: str, now: datetime) -> bytes:
        """A ProductView, encoded."""
        if self._prices is None:
            return self._facts
        place = location_id if location_id in self._places else ""
        priced = self._priced.get(place)
        if priced is None or not priced.holds_at(now):
            priced = self._priced[place] = priced_at(self._prices, place, now)
        # Two encoded messages behind each other are one with the fields of both. Kept so for each
        # place, a page of a chain whose shops have prices of their own would be megabytes.
        return self._facts + priced.encoded


def priced_at(prices: Prices, location_id: str, now: datetime) -> Priced:
    price = price_at(prices, location_id=location_id, now=now)
    until_time = changes_at(prices, location_id=location_id, now=now)
    added = pb.ProductView(
        price=None if price is None else price_to_pb(price),
        valid_until_time=None if until_time is None else time_to_pb(until_time),
    )
    return Priced(added.SerializeToString(), from_time=now, until_time=until_time)
