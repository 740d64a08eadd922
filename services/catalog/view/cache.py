"""What was read of each sku, until something of it changes. Knows no store and no log.

Nothing here ends by itself: a page knows what time makes of its price.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

KEPT_MAX = 20_000
# Of all together. A page is some 2 to 5 KB, but one with every price it may have is a megabyte.
BYTES_MAX = 128 << 20


class Sized(Protocol):
    @property
    def size_bytes(self) -> int:
        """What it takes in memory, roughly."""


V = TypeVar("V", bound=Sized)


class Fill(Generic[V]):
    """A reading under way: what is dropped meanwhile was read too early to be kept."""

    def __init__(self) -> None:
        self.values: dict[str, V] = {}
        self.dropped: set[str] = set()
        self.all_dropped = False

    def to_keep(self) -> dict[str, V]:
        if self.all_dropped:
            return {}
        return {sku: value for sku, value in self.values.items() if sku not in self.dropped}


class Cache(Generic[V]):
    """Values by sku, the ones used longest ago forgotten first."""

    def __init__(self, kept_max: int = KEPT_MAX, bytes_max: int = BYTES_MAX) -> None:
        self._kept: OrderedDict[str, V] = OrderedDict()
        self._kept_max = kept_max
        self._bytes_max = bytes_max
        self._size_bytes = 0
        self._fills: set[Fill[V]] = set()

    def get(self, skus: Iterable[str]) -> dict[str, V]:
        """Those that are kept."""
        found = {sku: self._kept[sku] for sku in skus if sku in self._kept}
        for sku in found:
            self._kept.move_to_end(sku)
        return found

    @contextmanager
    def filling(self) -> Iterator[Fill[V]]:
        """Keep what is put into the fill, unless it was dropped since the block began."""
        fill = Fill[V]()
        self._fills.add(fill)
        try:
            yield fill
        finally:
            self._fills.discard(fill)
        self._keep(fill.to_keep())

    def drop(self, skus: Iterable[str]) -> None:
        gone = set(skus)
        for sku in gone:
            self._forget(sku)
        for fill in self._fills:
            fill.dropped |= gone

    def clear(self) -> None:
        """As if every sku were dropped."""
        self._kept.clear()
        self._size_bytes = 0
        for fill in self._fills:
            fill.all_dropped = True

    def _keep(self, values: Mapping[str, V]) -> None:
        for sku, value in values.items():
            self._forget(sku)
            self._kept[sku] = value
            self._size_bytes += value.size_bytes
        while len(self._kept) > self._kept_max or self._size_bytes > self._bytes_max:
            self._forget(next(iter(self._kept)))

    def _forget(self, sku: str) -> None:
        gone = self._kept.pop(sku, None)
        if gone is not None:
            self._size_bytes -= gone.size_bytes
