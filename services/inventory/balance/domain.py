"""Whether stock rows are what their movements and live reservations make them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from services.inventory.period.domain import Carried
from services.inventory.stock.domain import Bucket, Place, StockRow

# Units by bucket: what came in less what went out.
Sums: TypeAlias = Mapping[Bucket, int]
# Units claimed by live reservations, by the instant at which they lapse.
Claims: TypeAlias = Mapping[int, int]

UNCOUNTED = frozenset({Bucket.OUTSIDE, Bucket.SHORT})
BUCKETS = tuple(bucket for bucket in Bucket if bucket not in UNCOUNTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A row as it stands, and as it is proven, both of one instant.

    Attributes:
        carried: What of it is closed; None where nothing is.
    """

    row: StockRow
    proven: StockRow
    carried: Carried | None

    @property
    def is_balanced(self) -> bool:
        return self.row == self.proven


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that a row says and its ledger does not.

    Attributes:
        what: A bucket, or the instant at which a claim lapses.
        revision: Of the row; zero where there is none.
    """

    place: Place
    what: Bucket | int
    stands: int
    proven: int
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Places that are proven together: skus of one location, or one sku at several.

    Attributes:
        sku: This alone, if it is not empty; else those behind `after_sku`, up to `end_sku`
            and with it, or all the rest where that is None.
    """

    location_ids: tuple[str, ...]
    sku: str = ""
    after_sku: str = ""
    end_sku: str | None = None

    def holds(self, place: Place) -> bool:
        if place.location_id not in self.location_ids:
            return False
        if self.sku:
            return place.sku == self.sku
        return self.after_sku < place.sku and (self.end_sku is None or place.sku <= self.end_sku)

    @property
    def last(self) -> Place:
        """What is proven next lies behind it."""
        return Place(self.location_ids[-1], self.sku or self.end_sku or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """What was found in a part, all of it of one instant.

    Attributes:
        closed_movement_count: Of those that were taken as carried, not added up.
    """

    part: Part
    time: datetime
    row_count: int
    movement_count: int
    closed_movement_count: int
    reservation_line_count: int
    differences: tuple[Difference, ...]


def balance(row: StockRow, sums: Sums, claims: Claims, carried: Carried | None = None) -> Balance:
    """`sums` are of all movements, those that are closed too.

    `safety` and `revision` are the row's own: nothing else says them.

    Nor are `corrected` and `counted` proven: of a row of before they begin with zero, its
    movements earlier.
    """
    return Balance(
        row=row,
        proven=replace(
            row,
            on=counted(sums),
            held=standing(claims, row.at),
            short=-sums.get(Bucket.SHORT, 0),
        ),
        carried=carried,
    )


def counted(sums: Sums) -> dict[Bucket, int]:
    return {bucket: n for bucket, n in sums.items() if n and bucket not in UNCOUNTED}


def standing(claims: Claims, at: int) -> dict[int, int]:
    """Those that a row of this time has not dropped: it is not written when one lapses."""
    return {instant: n for instant, n in claims.items() if n and instant > at}


def differences(row: StockRow, sums: Sums, claims: Claims) -> tuple[Difference, ...]:
    """By bucket, what is short last, then by instant."""
    on, held, short = counted(sums), standing(claims, row.at), -sums.get(Bucket.SHORT, 0)
    # Of nearly every row there is nothing more to say, and there are millions of them.
    if on == row.on and held == row.held and short == row.short:
        return ()
    terms: list[tuple[Bucket | int, int, int]] = [
        *((bucket, row.on.get(bucket, 0), on.get(bucket, 0)) for bucket in BUCKETS),
        (Bucket.SHORT, row.short, short),
        *(
            (instant, row.held.get(instant, 0), held.get(instant, 0))
            for instant in sorted({*row.held, *held})
        ),
    ]
    return tuple(
        Difference(place=row.place, what=what, stands=stands, proven=proven, revision=row.revision)
        for what, stands, proven in terms
        if stands != proven
    )
