"""Several counts of one sku, in any order, among sales and what only corrects the book."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from services.inventory.count.domain import Count, CountLine, Seen, looked_at
from services.inventory.ledger.domain import Cause, Fact, Movement
from services.inventory.stock.domain import StockRow
from tests.inventory.count.test_domain import PHYSICAL, count_of, fact, moved, seen, units

CAUSES = (*PHYSICAL, Cause.COUNT, Cause.NOT_FOUND)
FACTS = st.builds(fact, st.integers(1, 4), st.sampled_from(CAUSES))
COUNTS = 3


@dataclass
class Counting:
    """One count: what it began with, what was seen, and as of where."""

    count: Count
    begin_revision: int
    seen: int
    looked: CountLine


@dataclass
class Shop:
    """What lies on the shelf, and what the book says of it."""

    shelf: int = 0
    row: StockRow = field(default_factory=lambda: StockRow(location_id="lyon", sku="LAMP"))
    movements: list[Movement] = field(default_factory=list)
    counting: dict[int, Counting] = field(default_factory=dict)

    def happens(self, it: Fact) -> None:
        if it.cause in PHYSICAL and self.shelf + units(it) < 0:
            return  # Nobody takes what is not there.
        self.row, new = moved(self.row, it)
        self.movements += new
        self.shelf += units(it)

    def begin(self, number: int) -> None:
        count = count_of(self.row)
        self.counting[number] = Counting(count, self.row.revision, self.shelf, count.lines[0])

    def look(self, number: int) -> None:
        """Once more, later than it began."""
        its, now = self.counting[number], self.row.revision
        between = [each for each in self.movements if its.begin_revision < each.revision <= now]
        its.seen = self.shelf
        found = Seen(sku="LAMP", quantity=self.shelf, position=now)
        its.looked = looked_at(its.count.lines[0], found, between)

    def record(self, number: int) -> None:
        its = self.counting.pop(number)
        self.row, new = seen(its.count, self.row, its.seen, its.looked)
        self.movements += new
        assert (self.row.sellable, self.row.short) == (self.shelf, 0)


STEPS = st.one_of(
    FACTS,
    st.tuples(st.integers(0, COUNTS - 1), st.sampled_from(["look", "record", "record"])),
)


@given(st.lists(STEPS, max_size=30))
def test_whichever_count_is_recorded_the_book_is_the_shelf(
    steps: list[Fact | tuple[int, str]],
) -> None:
    shop = Shop()
    for step in steps:
        if isinstance(step, Fact):
            shop.happens(step)
            continue
        number, what = step
        if number not in shop.counting:
            shop.begin(number)
        elif what == "look":
            shop.look(number)
        else:
            shop.record(number)
