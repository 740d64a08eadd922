"""Whether a stock row is what its movements and live reservations make it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.inventory.stock.domain import Bucket, StockRow

# Units by bucket: what came in less what went out.
Sums = Mapping[Bucket, int]
# Units claimed by live reservations, by the instant at which they lapse.
Claims = Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A row as it stands, and as it is proven, both of one instant."""

    row: StockRow
    proven: StockRow

    @property
    def is_balanced(self) -> bool:
        return self.row == self.proven


def balance(row: StockRow, sums: Sums, claims: Claims) -> Balance:
    """`safety` and `revision` are the row's own: nothing else says them."""
    uncounted = {Bucket.OUTSIDE, Bucket.SHORT}
    counted = {bucket: n for bucket, n in sums.items() if n and bucket not in uncounted}
    proven = replace(
        row,
        on=counted,
        held={instant: n for instant, n in claims.items() if n and instant > row.at},
        short=-sums.get(Bucket.SHORT, 0),
    )
    return Balance(row=row, proven=proven)
