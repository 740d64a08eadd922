"""Facts as they are written down; what was looked for in vain leaves the book once. Pure.

What a picker does not find may have left the book before he says so. A sale or a count takes
units that are held, and claims are broken only behind it. Until then more is claimed of the row
than is there, and so many of the units that are missed are those. Taken once more, they would
be missing for others whose units lie on the shelf.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from chassis.changes import Changed
from services.inventory.ledger.domain import Cause, Fact, Note, Rows, post
from services.inventory.stock.domain import Bucket, StockRow, latest, row_changed


def record(rows: Rows, facts: Sequence[Fact], *, note: Note) -> Changed[tuple[StockRow, ...]]:
    """Write down what has happened, in order, and answer with the rows after it."""
    t = latest(rows.values(), note.now)
    posted = post(rows, missed_once(rows, facts, t=t), note=note)
    return Changed(
        answer=posted.rows,
        records=posted.records,
        events=tuple(row_changed(row) for row in posted.rows),
    )


def missed_once(rows: Rows, facts: Iterable[Fact], *, t: datetime) -> Iterator[Fact]:
    """The facts, but of what is missed only what has not left the book before.

    The rows are as none of the facts has changed them, claims that end by them included.
    """
    gone = {place: row.overclaimed(t) for place, row in rows.items()}
    for fact in facts:
        if not is_missed(fact):
            yield fact
            continue
        place, quantity = fact.line.place, fact.line.quantity
        left = max(quantity - gone[place], 0)
        gone[place] -= quantity - left
        if left:
            yield replace(fact, line=fact.line.of(left))


def is_missed(fact: Fact) -> bool:
    """Of another bucket than this nothing is claimed."""
    return fact.cause is Cause.NOT_FOUND and fact.source is Bucket.SELLABLE
