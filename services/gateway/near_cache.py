"""Encoded public answers near the caller, dropped when the owners say that they changed.

Never knows better than the owners: what it is not sure of, it does not have.
"""

import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

# Owners speak every second at the least. Behind that we may have missed something.
SILENCE_S_MAX = 1.0
# An owner's replica may answer from memory that is a second behind its log. What happened in
# that second, before we listened, is told to nobody: until it is over nothing is kept.
SETTLE_S = 2.0
ENTRIES_MAX = 50_000
# Of all answers together: a page may have 400 KB, and a replica has 512 MiB for everything.
BYTES_MAX = 128 << 20
# Of what changed lately: a replica behind the others catches up in a fraction of a second.
REVISIONS_MAX = 50_000

ANYWHERE = None


class Key(NamedTuple):
    """An answer. The location is empty for one without stock."""

    sku: str
    location_id: str
    locale: str


class Record(NamedTuple):
    """What an owner counts revisions of: the `product`, `price`, `rating` or `stock` of a sku.

    Stock is of one location, the others are of all.
    """

    name: str
    sku: str
    location_id: str | None = ANYWHERE


Revisions = Mapping[Record, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An answer as it is sent.

    Attributes:
        revisions: Of every record that it shows.
        valid_until: When it changes by itself; None if it does not.
    """

    body: bytes
    etag: str
    revisions: Revisions
    valid_until: datetime | None


@dataclass(slots=True, eq=False)
class Fill:
    """An answer being made. Dropped when what it shows changes meanwhile."""

    key: Key
    dropped: bool = False


@dataclass(slots=True)
class Counts:
    """What it was worth so far."""

    hits: int = 0
    misses: int = 0
    dropped: int = 0  # Made, but not kept: out of date by then, or an owner was not heard.


class NearCache:
    """`sources` must all be heard of; without one, nothing is kept at all."""

    def __init__(
        self,
        sources: Collection[str],
        *,
        entries_max: int = ENTRIES_MAX,
        bytes_max: int = BYTES_MAX,
        settle_s: float = SETTLE_S,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.counts = Counts()
        self._sources_count = len(sources)
        self._entries_max = entries_max
        self._bytes_max = bytes_max
        self.settle_s = settle_s
        self._size_bytes = 0
        self._monotonic_s = monotonic_s
        # With when they end, on the monotonic clock: the other may be set back.
        self._entries: OrderedDict[Key, tuple[Entry, float]] = OrderedDict()
        self._keys: dict[str, set[Key]] = defaultdict(set)
        self._fills: dict[str, set[Fill]] = defaultdict(set)
        # A plain dict walks over all that was deleted to find its first: an import, which
        # fills this, made the gateway three times as busy.
        self._newest: OrderedDict[Record, int] = OrderedDict()
        self._heard_s: dict[str, float] = {}
        self._since_s: dict[str, float] = {}

    def get(self, key: Key) -> Entry | None:
        found = self._entries.get(key)
        now_s = self._monotonic_s()
        if found is None or found[1] <= now_s or not self._well(now_s):
            return None
        self.counts.hits += 1
        return found[0]

    @contextmanager
    def filling(self, key: Key) -> Iterator[Fill]:
        """Begin before the owners are asked; `put` inside."""
        fill = Fill(key, dropped=not self.is_well)
        self.counts.misses += 1
        self._fills[key.sku].add(fill)
        try:
            yield fill
        finally:
            fills = self._fills[key.sku]
            fills.discard(fill)
            if not fills:
                del self._fills[key.sku]

    def put(self, fill: Fill, entry: Entry, *, lives_s: float) -> bool:
        """Keep what was made, for so long at the most; False if it is out of date already."""
        if fill.dropped or self._is_old(entry) or lives_s <= 0:
            self.counts.dropped += 1
            return False
        self._forget(fill.key)
        self._entries[fill.key] = entry, self._monotonic_s() + lives_s
        self._size_bytes += len(entry.body)
        self._keys[fill.key.sku].add(fill.key)
        while len(self._entries) > self._entries_max or self._size_bytes > self._bytes_max:
            self._forget(next(iter(self._entries)))
        return True

    def invalidate(self, record: Record, revision: int) -> None:
        """What shows an older revision of `record` is dropped, made or being made."""
        self._newest[record] = max(revision, self._newest.pop(record, 0))
        if len(self._newest) > REVISIONS_MAX:
            self._newest.popitem(last=False)  # What changed longest ago.
        for fill in self._fills.get(record.sku, ()):
            if shows(fill.key, record):
                fill.dropped = True
        for key in tuple(self._keys.get(record.sku, ())):
            if shows(key, record) and self._entries[key][0].revisions.get(record, 0) < revision:
                self._forget(key)

    def newest(self, record: Record) -> int:
        """The highest revision that was announced lately; zero for none."""
        return self._newest.get(record, 0)

    def heard(self, source: str) -> None:
        """`source` has spoken, and all it said before is known here."""
        now_s = self._monotonic_s()
        if now_s - self._heard_s.get(source, float("-inf")) > SILENCE_S_MAX:
            self.clear()  # What it said in between may still be on its way.
        self._heard_s[source] = now_s
        self._since_s.setdefault(source, now_s)

    def lost(self, source: str) -> None:
        """Its events are no longer followed."""
        self._heard_s.pop(source, None)
        self._since_s.pop(source, None)

    def clear(self) -> None:
        self._entries.clear()
        self._size_bytes = 0
        self._keys.clear()
        for fills in self._fills.values():
            for fill in fills:
                fill.dropped = True

    @property
    def is_well(self) -> bool:
        """Whether all owners are heard of, so that answers are kept."""
        return self._well(self._monotonic_s())

    def __len__(self) -> int:
        return len(self._entries)

    def _well(self, now_s: float) -> bool:
        heard_s = self._heard_s
        if not heard_s or len(heard_s) < self._sources_count:
            return False
        is_settled = now_s - max(self._since_s.values()) >= self.settle_s
        return is_settled and now_s - min(heard_s.values()) <= SILENCE_S_MAX

    def _is_old(self, entry: Entry) -> bool:
        return any(revision < self.newest(record) for record, revision in entry.revisions.items())

    def _forget(self, key: Key) -> None:
        found = self._entries.pop(key, None)
        if found is None:
            return
        self._size_bytes -= len(found[0].body)
        keys = self._keys[key.sku]
        keys.discard(key)
        if not keys:
            del self._keys[key.sku]


def shows(key: Key, record: Record) -> bool:
    return record.location_id in (ANYWHERE, key.location_id)
