"""How far a replay of the log has come. Says nothing of how it goes on."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from services.inventory.stock.domain import Place
from tests.chaos.findings import Violation
from tests.history.told import Breaking, Revision, Told
from tests.history.writes import Write
from tests.simulation.account import Account
from tests.simulation.holds import Hold
from tests.simulation.shelves import Shelf


@dataclass(slots=True)
class Replay:
    """Attributes:
    rows: As told, by place and revision.
    breakings: As told, by reservation and revision.
    kept: Reservations that are in the books.
    superseding: Writes of a reservation in place of another, by instant.
    known: Whose revisions are a fact's or an import's.
    levels: What imports said that there is, by place.
    stood: Reservations as they stood at a revision.
    wrote: The write of each operation that has an id,
    left: and the revisions of rows that it left.
    moved: Rows that nobody asked for, and reservations of which claims were broken by them,
        since it was last asked.
    waiting: Writes that are not the next of all their records, by these records.
    """

    rows: Mapping[Revision, Told]
    breakings: Mapping[tuple[str, int], Breaking]
    levels: Mapping[Place, set[int]]
    kept: Set[str]
    known: set[Revision] = field(default_factory=set)
    account: Account = field(default_factory=Account)
    stood: dict[tuple[str, int], Hold] = field(default_factory=dict)
    wrote: dict[str, Write] = field(default_factory=dict)
    left: dict[str, Sequence[Revision]] = field(default_factory=dict)
    waiting: dict[Place | str, dict[Write, None]] = field(default_factory=lambda: defaultdict(dict))
    moved: list[Place | str] = field(default_factory=list)
    superseding: dict[float, list[Write]] = field(default_factory=lambda: defaultdict(list))
    done: set[Write] = field(default_factory=set)
    violations: list[Violation] = field(default_factory=list)

    def shelf(self, place: Place) -> Shelf:
        return self.account.at([place])[place]

    def next_row(self, place: Place) -> Told | None:
        """Of a reservation, or of nobody; None where the next is a fact's, or none."""
        revision = place, self.shelf(place).revision + 1
        return None if revision in self.known else self.rows.get(revision)
