"""What was read of each sku, until something of it changes. Knows no store and no log.

Nothing here ends by itself: a page knows what time makes of its price.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Generic, TypeVar

V = TypeVar("V")

# A page of a product is some 2 to 5 KB.
KEPT_MAX = 20_000


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

    def __init__(self, kept_max: int = KEPT_MAX) -> None:
        self._kept: OrderedDict[str, V] = OrderedDict()
        self._kept_max = kept_max
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
            self._kept.pop(sku, None)
        for fill in self._fills:
            fill.dropped |= gone

    def clear(self) -> None:
        """As if every sku were dropped."""
        self._kept.clear()
        for fill in self._fills:
            fill.all_dropped = True

    def _keep(self, values: Mapping[str, V]) -> None:
        self._kept.update(values)
        while len(self._kept) > self._kept_max:
            self._kept.popitem(last=False)
