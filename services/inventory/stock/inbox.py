"""What one watcher has yet to be told: each row once, in its last state, so many at most. Pure."""

from typing import NamedTuple

from chassis.errors import AppError, Kind
from services.inventory.stock.domain import Place
from services.inventory.stock.selection import Selection

# Who reads a thousand changes a second and stands still for five. What waits is encoded once
# for all, so a thousand such watchers hold the rows once and a few hundred bytes more for each.
ROWS_MAX = 5_000


class WatchTooSlowError(AppError):
    kind, reason = Kind.RESOURCE_EXHAUSTED, "WATCH_TOO_SLOW"


class Told(NamedTuple):
    """A row as it goes out, encoded."""

    place: Place
    revision: int
    encoded: bytes


class Taken(NamedTuple):
    """Rows to be told now, and the position up to which all is told with them."""

    rows: tuple[bytes, ...]
    position: int


class Inbox:
    """Of changes behind `start`.

    A row that changes again before it is told keeps its place in the order, that of its first
    untold change. So before the first that waits, everything is told: that is the cursor.
    """

    def __init__(self, selection: Selection, start: int = 0, *, rows_max: int = ROWS_MAX) -> None:
        self.selection = selection
        self._start = start
        self._rows_max = rows_max
        self._waiting: dict[Place, tuple[int, Told]] = {}
        self._error: Exception | None = None

    @property
    def start(self) -> int:
        return self._start

    @property
    def waiting_count(self) -> int:
        return len(self._waiting)

    @property
    def has_news(self) -> bool:
        """Whether there is something to take, if only the error."""
        return bool(self._waiting) or self._error is not None

    def put(self, position: int, row: Told) -> None:
        """`position` never falls from one row to the next."""
        if position <= self._start or self._error is not None:
            return
        first, newest = self._waiting.get(row.place, (position, row))
        # An import is told as its rows are by now, ahead of the changes behind it.
        self._waiting[row.place] = (first, row if row.revision > newest.revision else newest)
        if len(self._waiting) > self._rows_max:
            self.end(too_slow(self._rows_max))

    def end(self, error: Exception) -> None:
        """Nothing more is taken: its watcher goes on from the cursor that it has."""
        self._error = error
        self._waiting.clear()

    def take(self, limit: int, *, head: int) -> Taken:
        """The first that wait; `head` is the position of the newest change looked at.

        Raises what it was ended with.
        """
        if self._error is not None:
            raise self._error
        places = [place for place, _ in zip(self._waiting, range(limit), strict=False)]
        rows = tuple(self._waiting.pop(place)[1].encoded for place in places)
        for first, _ in self._waiting.values():
            return Taken(rows, first - 1)
        return Taken(rows, max(head, self._start))


def too_slow(rows_max: int) -> WatchTooSlowError:
    return WatchTooSlowError(
        f"more than {rows_max} rows wait to be read: go on from the last cursor", rows_max=rows_max
    )
