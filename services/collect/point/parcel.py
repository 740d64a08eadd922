"""Which compartment an order fits into. Pure.

Worked out with the sizes of the contract, in cm: S 20 x 30 x 10, M 30 x 40 x 25,
L 60 x 40 x 40. An M holds four parcels S, an L holds sixteen, or two M, or one M
and eight S.
"""

from collections import Counter
from collections.abc import Iterable

from services.collect.point.domain import Size

S_IN_M_MAX = 4
# Room in an L, counted in parcels S.
ROOM_IN_L = 16
TAKES_IN_L = {Size.S: 1, Size.M: 8, Size.L: 16}


def size_for(parcels: Iterable[tuple[Size | None, int]]) -> Size | None:
    """The smallest compartment that takes so many parcels of each size together.

    None if no compartment does, or a size is not known.
    """
    counts = Counter[Size]()
    for size, count in parcels:
        if size is None:
            return None
        counts[size] += count
    if counts.total() == 1:
        return max(counts)
    if set(counts) == {Size.S} and counts.total() <= S_IN_M_MAX:
        return Size.M
    taken = sum(TAKES_IN_L[size] * count for size, count in counts.items())
    return Size.L if 0 < taken <= ROOM_IN_L else None
