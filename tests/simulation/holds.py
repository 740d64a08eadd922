"""A reservation in the second account, and what of time and rows is asked for again and again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.inventory.stock.domain import Place
from tests.simulation.shelves import Shelf

# How long a hold may be for its instants to lie so many seconds apart.
GRIDS_S = ((600, 30), (7200, 300), (86_400, 3600), (604_800, 21_600))
ACTIVE, RELEASED, COMMITTED, LAPSED = "active", "released", "committed", "lapsed"


class RefusedError(Exception):
    """What the operation must be refused with."""

    def __init__(self, reason: str, **said: object) -> None:
        super().__init__(reason)
        self.reason, self.said = reason, said


@dataclass(slots=True)
class Hold:
    """A reservation: what it holds, by place, and until which second; `broken` it held until a
    fact took the units; `found` when it was committed, by article.

    Attributes:
        counted: Articles that had a limit when it was made, `buyer_id` for whom.
    """

    owner: str
    lines: dict[Place, int]
    until: int
    made_at: int = 0
    status: str = ACTIVE
    revision: int = 1
    replaced_by: str = ""
    broken: dict[Place, int] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)
    counted: tuple[str, ...] = ()
    buyer_id: str = ""

    def end(self, status: str) -> None:
        self.status = status
        self.revision += 1


def latest_ms(now_ms: int, its: Mapping[Place, Shelf]) -> int:
    return max([now_ms, *(shelf.at * 1000 for shelf in its.values())])


def write(its: Mapping[Place, Shelf], places: Iterable[Place], now_ms: int) -> None:
    """These of the rows, at the latest time of these."""
    written = {place: its[place] for place in places}
    t_ms = latest_ms(now_ms, written)
    for shelf in written.values():
        shelf.written(t_ms)


def unclaim(reservation_id: str, its: Mapping[Place, Shelf]) -> None:
    for shelf in its.values():
        shelf.claims.pop(reservation_id, None)


def lapse_instant(t_ms: int, hold_s: int) -> int:
    """The first second of its grid at which a hold of so long is over."""
    step_ms = next(step_s for longest_s, step_s in GRIDS_S if hold_s <= longest_s) * 1000
    return -(-(t_ms + hold_s * 1000) // step_ms) * step_ms // 1000
