"""Facts as they are written down; what was looked for in vain leaves the book once. Pure.

What a picker does not find may have left the book before he says so, and taken once more it
would be missing though it lies on the shelf:

- A sale or a count takes units that are held, and claims are broken only behind it. Until then
  more is claimed of the row than is there: so many of those that are missed are those.
- A count that was recorded since he looked has corrected the book by what he misses.

Both may be the same units, so that the greater of the two is left out, not their sum.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from chassis.changes import Changed
from services.inventory.ledger.domain import Cause, Fact, Note, Rows, post
from services.inventory.stock.domain import Bucket, Place, StockRow, latest, row_changed

# What a row's `counted` was when its units were looked for, where that is known.
Counted: TypeAlias = Mapping[Place, int]
NOT_KNOWN: Counted = MappingProxyType({})


def record(
    rows: Rows, facts: Sequence[Fact], *, note: Note, counted_then: Counted = NOT_KNOWN
) -> Changed[tuple[StockRow, ...]]:
    """Write down what has happened, in order, and answer with the rows after it."""
    t = latest(rows.values(), note.now)
    posted = post(rows, missed_once(rows, facts, t=t, counted_then=counted_then), note=note)
    return Changed(
        answer=posted.rows,
        records=posted.records,
        events=tuple(row_changed(row) for row in posted.rows),
    )


def missed_once(
    rows: Rows, facts: Iterable[Fact], *, t: datetime, counted_then: Counted
) -> Iterator[Fact]:
    """The facts, but of what is missed only what has not left the book before.

    The rows are as none of the facts has changed them, claims that end by them included.
    """
    gone = {
        place: max(row.overclaimed(t), counted_then.get(place, row.counted) - row.counted)
        for place, row in rows.items()
    }
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
    """Of another bucket than this nothing is claimed, and nothing counted."""
    return fact.cause is Cause.NOT_FOUND and fact.source is Bucket.SELLABLE
