"""I10, of baskets: each answer is of a revision that stays that answer's. Pure."""

from collections.abc import Sequence

from tests.chaos.books import Books
from tests.chaos.findings import Violation, Violations
from tests.chaos.journal import Entry, answered


def baskets_are_kept(books: Books, entries: Sequence[Entry]) -> Violations:
    """A change that is lost leaves its revision to the next one, or to none."""
    stand = {basket.customer_id: basket.revision for basket in books.baskets}
    first: dict[tuple[str, int], Entry] = {}
    for entry in answered(entries, "put"):
        revision = int(entry.answer["revision"])
        before = first.setdefault((entry.about, revision), entry)
        if before.answer["lines"] != entry.answer["lines"]:
            yield lost(before, f"revision {revision} was given again, to another basket")
        if revision > stand.get(entry.about, 0):
            yield lost(entry, f"the basket is at revision {stand.get(entry.about, 0)} again")


def lost(entry: Entry, why: str) -> Violation:
    what = f"put into the basket of {entry.about}, acknowledged at {entry.end_s:.3f}"
    return Violation("I10", f"{what}: {why}")
