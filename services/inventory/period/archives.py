"""Whether the archives of a location are whole, unchanged, and what is carried. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.inventory.period.domain import (
    NO_HASH,
    Archive,
    Carried,
    Period,
    Seal,
    Sheet,
    add,
    hash_of,
    left,
    seal_of,
    sheets_of,
)
from services.inventory.stock.domain import Bucket


class Problem(StrEnum):
    LOST = "lost"
    CHANGED = "changed"
    CARRIED = "carried"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveDifference:
    """One thing that is not as it must be.

    Attributes:
        number: Of the archive; zero for what is carried.
        sku: Empty where it is not of one alone.
        bucket: Of what is carried; None for how many movements are.
    """

    problem: Problem
    number: int = 0
    sku: str = ""
    bucket: Bucket | None = None
    carried: int = 0
    archived: int = 0


@dataclass(slots=True)
class Walk:
    """From the first archive of a location to its last.

    Attributes:
        number: How far it has come.
        hash_before: Of the archive there; None where that is lost, and nothing can be said.
    """

    number: int = 0
    hash_before: str | None = NO_HASH
    movement_count: int = 0
    units: dict[str, Counter[Bucket]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    found: list[ArchiveDifference] = field(default_factory=list)

    def take(self, archive: Archive | None, sheets: Mapping[str, Sheet]) -> None:
        """The next archive, with those of its sheets that are there, by sku."""
        self.number += 1
        if archive is None:
            self._differs(Problem.LOST)
            self.hash_before = None
            return
        follows = self.hash_before in (None, archive.hash_before)
        if not follows or archive.archive_hash != hash_of(archive):
            self._differs(Problem.CHANGED)
        self.hash_before = archive.archive_hash
        for seal in archive.seals:
            self._take_sheet(seal, sheets.get(seal.sku))

    def _take_sheet(self, seal: Seal, sheet: Sheet | None) -> None:
        if sheet is None:
            self._differs(Problem.LOST, seal.sku)
            return
        # What is sealed are the movements; where the sheet is looked for must be theirs too.
        if seal_of(sheet) != seal or [sheet] != list(sheets_of(sheet.movements, self.number)):
            self._differs(Problem.CHANGED, seal.sku)
        units = self.units.setdefault(seal.sku, Counter())
        for movement in sheet.movements:
            add(units, movement)
        self.counts[seal.sku] += len(sheet.movements)
        self.movement_count += len(sheet.movements)

    def ended(self, period: Period) -> None:
        """At what the location says is its last."""
        if self.hash_before not in (None, period.archive_hash):
            self._differs(Problem.CHANGED)

    def _differs(self, problem: Problem, sku: str = "") -> None:
        self.found.append(ArchiveDifference(problem=problem, number=self.number, sku=sku))

    def compared(self, carried: Iterable[Carried]) -> Iterator[ArchiveDifference]:
        """By sku, what is carried with what the archives come to."""
        by_sku = {each.sku: each for each in carried}
        for sku in sorted(by_sku.keys() | self.counts.keys()):
            its = by_sku.get(sku)
            yield from self._compared(
                sku, its.units if its else {}, its.movement_count if its else 0
            )

    def _compared(
        self, sku: str, carried: Mapping[Bucket, int], count: int
    ) -> Iterator[ArchiveDifference]:
        archived = left(self.units.get(sku, {}))
        terms: list[tuple[Bucket | None, int, int]] = [
            (bucket, carried.get(bucket, 0), archived.get(bucket, 0)) for bucket in Bucket
        ]
        for bucket, said, come_to in [*terms, (None, count, self.counts[sku])]:
            if said != come_to:
                yield ArchiveDifference(
                    problem=Problem.CARRIED,
                    sku=sku,
                    bucket=bucket,
                    carried=said,
                    archived=come_to,
                )
