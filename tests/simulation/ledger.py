"""Movements that are open and what is carried of the others, in the second account.

It does not say what a closing has to take, which is as much as it likes: of each row the oldest,
whole writes, nothing young. What it took must then be carried, to the unit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chassis.changes import Changed
from chassis.errors import AppError
from services.inventory.ledger.domain import Movement
from services.inventory.period.domain import Archive, Carried, Period, Sheet
from services.inventory.stock.domain import Place
from tests.simulation.broken import BrokenError
from tests.simulation.handling import before_of
from tests.simulation.operations import Operation
from tests.simulation.shelves import Shelf


@dataclass(slots=True)
class Ledger:
    """Attributes:
    open: Of each row, in the order in which they were made.
    closed_counts: Of each row, how many ever were.
    archives: Of each location, the hashes in their order.
    """

    open: dict[Place, list[Movement]] = field(default_factory=dict)
    closed_counts: dict[Place, int] = field(default_factory=dict)
    archives: dict[str, list[str]] = field(default_factory=dict)

    def take(self, movement: Movement) -> None:
        place = Place(movement.location_id, movement.sku)
        self.open.setdefault(place, []).append(movement)

    def close(
        self,
        asked: Operation,
        changed: Changed[Any],
        shelves: Mapping[Place, Shelf],
        now_ms: int,
    ) -> None:
        """Raises BrokenError."""
        left = by_place(changed.removed)
        archived = dict[Place, list[Movement]]()
        for record in changed.records:
            match record:
                case Sheet():
                    archived[Place(record.location_id, record.sku)] = list(record.movements)
                case Carried():
                    self._carry(record, left.get(record.place, []), shelves[record.place], asked)
                case Archive():
                    self._chain(record, asked)
                case Period():
                    pass
                case _:
                    raise BrokenError("I4", f"{record} is written by {asked}")
        if archived != left or not left:
            raise BrokenError("I4", f"{archived} is archived, {left} was taken out: {asked}")
        before = before_of(asked, datetime.fromtimestamp(now_ms / 1000, UTC))
        for place, movements in left.items():
            self._leave(place, movements, asked, before)

    def refuse(self, asked: Operation, error: AppError) -> None:
        """Only where others have closed something. Raises BrokenError."""
        if not self.archives.get(asked.about):
            raise BrokenError("I4", f"{asked} was refused: {error.reason}")

    def _leave(
        self, place: Place, movements: list[Movement], asked: Operation, before: datetime
    ) -> None:
        there = self.open.get(place, [])
        count = len(movements)
        rest = there[count:]
        is_oldest = movements == there[:count]
        if not is_oldest or (rest and rest[0].revision == movements[-1].revision):
            raise BrokenError("I4", f"{movements} are not the oldest of {there}: {asked}")
        if any(each.record_time >= before for each in movements):
            raise BrokenError("I4", f"{movements} are not all of before {before}: {asked}")
        self.open[place] = rest

    def _carry(
        self, found: Carried, left: Sequence[Movement], shelf: Shelf, asked: Operation
    ) -> None:
        count = self.closed_counts.get(found.place, 0) + len(left)
        self.closed_counts[found.place] = count
        for each in left:
            shelf.told(each.source.value, each.target.value, -each.quantity)
        shelf.carried = {bucket.value: n for bucket, n in found.units.items()}
        sums = shelf.sums()
        if found.movement_count != count or sums != (shelf.units, shelf.short):
            words = f"with {found} the row comes to {sums}, it has {shelf.units}, {shelf.short}"
            raise BrokenError("I4", f"{words} short: {asked}")

    def _chain(self, archive: Archive, asked: Operation) -> None:
        before = self.archives.setdefault(archive.location_id, [])
        if archive.number != len(before) + 1 or archive.hash_before != "".join(before[-1:]):
            raise BrokenError("I4", f"{archive} does not follow {before[-1:]}: {asked}")
        before.append(archive.archive_hash)


def by_place(movements: Iterable[object]) -> dict[Place, list[Movement]]:
    """In the order in which they were made."""
    found = dict[Place, list[Movement]]()
    for each in movements:
        assert isinstance(each, Movement)
        found.setdefault(Place(each.location_id, each.sku), []).append(each)
    return {
        place: sorted(its, key=lambda each: (each.revision, each.movement_id))
        for place, its in found.items()
    }
