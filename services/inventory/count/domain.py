"""Rules for counting shelves while they sell. Pure.

A count says what was there as of a position: a revision of the sku's stock row. What has moved
since is recorded by itself, and stays. So what is posted is the difference to the book *at the
position*, and the row becomes what was seen, less and more what has moved since. What only
corrected the book since, another count or a picker who found less, has moved nothing.

Net units are what is sellable less what is short. At the position a count settles what is short:
all there is was seen.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chassis.changes import Changed
from chassis.errors import AppError, Kind, Violation
from services.inventory.ledger.domain import (
    CORRECTING,
    Cause,
    Leg,
    Movement,
    Note,
    Rows,
    booked,
    net_of,
)
from services.inventory.stock.domain import (
    LINES_MAX,
    QUANTITY_MAX,
    SKU_LENGTH_MAX,
    Bucket,
    InvalidSkusError,
    Place,
    StockRow,
    is_sku,
    row_changed,
)


class UnknownCountError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_COUNT"


class CountExistsError(AppError):
    """The id began one so long ago that its answer is no longer kept."""

    kind, reason = Kind.ALREADY_EXISTS, "REQUEST_ID_REUSED"


class SkuNotInCountError(AppError):
    kind, reason = Kind.NOT_FOUND, "SKU_NOT_IN_COUNT"


class UnknownPositionError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "UNKNOWN_POSITION"


class AlreadyCountedError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "ALREADY_COUNTED"


class InvalidCountError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_COUNT"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountLine:
    """One sku of a count.

    Attributes:
        position: Revision of its row, as of which the rest is.
        net: What the book said then.
        corrected: By how many of them it had been corrected by then, as its row counts it.
        seen: None until it is recorded.
    """

    sku: str
    position: int
    net: int
    seen: int | None = None
    corrected: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    count_id: str
    owner: str
    location_id: str
    lines: tuple[CountLine, ...]
    begin_time: datetime
    revision: int = 1

    def place(self, sku: str) -> Place:
        return Place(self.location_id, sku)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen of a sku; `position` is None where it was looked at as the count began."""

    sku: str
    quantity: int
    position: int | None = None


def begun(rows: Iterable[StockRow], location_id: str, *, owner: str, note: Note) -> Count:
    """A count of these rows, as of what they are."""
    return Count(
        count_id=note.write_id,
        owner=owner,
        location_id=location_id,
        lines=tuple(map(unseen, rows)),
        begin_time=note.now,
    )


def unseen(row: StockRow) -> CountLine:
    return CountLine(sku=row.sku, position=row.revision, net=net(row), corrected=row.corrected)


def made(before: Count | None, count: Count) -> Changed[Count]:
    """Raises CountExistsError."""
    if before is not None:
        raise CountExistsError("this request_id began a count: use a new one")
    return Changed(answer=count, records=(count,))


def net(row: StockRow) -> int:
    return row.sellable - row.short


def looked_at(line: CountLine, seen: Seen, moved: Sequence[Movement]) -> CountLine:
    """The line as of the position at which it was looked at.

    `moved` are the movements of its row from the count's begin up to there.
    """
    if seen.position is None:
        return line
    corrected = sum(net_of(each) for each in moved if each.cause in CORRECTING)
    return replace(
        line,
        position=seen.position,
        net=line.net + sum(map(net_of, moved)),
        corrected=line.corrected + corrected,
    )


def recorded(
    before: Count | None,
    rows: Rows,
    seen: Mapping[str, int],
    looked: Sequence[CountLine],
    *,
    owner: str,
    note: Note,
) -> Changed[Count]:
    """Post what differs at each line's position, and keep what was seen.

    `looked` are the lines as of where they were looked at. Raises UnknownCountError,
    AlreadyCountedError.
    """
    count = owned(before, owner=owner)
    new = [replace(line, seen=seen[line.sku]) for line in looked]
    new = [line for line in new if not is_counted(count, line)]
    if not new:
        return Changed(answer=count)
    after = with_lines(count, new)
    legs = [leg for line in new for leg in legs_of(rows[count.place(line.sku)], line, count)]
    moving = {leg.place: rows[leg.place] for leg in legs}
    posted = booked(moving, legs, note)
    return Changed(
        answer=after,
        records=(after, *posted.records),
        events=tuple(map(row_changed, posted.rows)),
    )


def owned(found: Count | None, *, owner: str) -> Count:
    """Raises UnknownCountError, also when it is another owner's."""
    if found is None or found.owner != owner:
        raise UnknownCountError("no such count")
    return found


def is_counted(count: Count, line: CountLine) -> bool:
    """Whether it was recorded just so. Raises AlreadyCountedError if it was in another way."""
    before = line_of(count, line.sku)
    if before.seen is not None and before != line:
        raise AlreadyCountedError(
            f"{line.sku} was recorded with other figures: count it anew", sku=line.sku
        )
    return before == line


def line_of(count: Count, sku: str) -> CountLine:
    """Raises SkuNotInCountError."""
    for line in count.lines:
        if line.sku == sku:
            return line
    raise SkuNotInCountError(f"{sku} is not in this count: begin one with it", sku=sku)


def with_lines(count: Count, new: Iterable[CountLine]) -> Count:
    by_sku = {line.sku: line for line in new}
    lines = tuple(by_sku.get(line.sku, line) for line in count.lines)
    return replace(count, lines=lines, revision=count.revision + 1)


def legs_of(row: StockRow, line: CountLine, count: Count) -> Iterator[Leg]:
    """What makes the row what was seen and what has moved since; below zero, short of it."""
    assert line.seen is not None
    there = line.seen + (net(row) - line.net) - (row.corrected - line.corrected)
    change = {
        Bucket.SELLABLE: max(there, 0) - row.sellable,
        Bucket.SHORT: row.short - max(-there, 0),
    }
    change[Bucket.OUTSIDE] = -sum(change.values())
    # They sum to nothing, so that one of the three gives to both others, or takes from both.
    for source, given in change.items():
        for target, taken in change.items():
            if given < 0 < taken:
                quantity = min(-given, taken)
                yield Leg(row.place, source, target, quantity, Cause.COUNT, count.count_id)


def check_position(line: CountLine, seen: Seen, row: StockRow) -> None:
    """Raises UnknownPositionError. A row's revision only grows: what holds now holds later."""
    if seen.position is None or line.seen is not None:
        return  # Of one that was recorded, whether it was with these figures is what counts.
    if not line.position <= seen.position <= row.revision:
        raise UnknownPositionError(
            f"{seen.sku} was never at position {seen.position} since this count began",
            sku=seen.sku,
            position=seen.position,
        )


def check_skus(skus: Sequence[str]) -> None:
    """Raises InvalidSkusError."""
    if not 1 <= len(skus) <= LINES_MAX or len(set(skus)) < len(skus) or not all(map(is_sku, skus)):
        rule = f"1 to {LINES_MAX} articles of 1 to {SKU_LENGTH_MAX} printable characters, each once"
        violation = Violation("skus", rule)
        raise InvalidSkusError("skus are not as they must be", violations=(violation,))


def check_seen(lines: Sequence[Seen]) -> None:
    """Raises InvalidCountError."""
    if not 1 <= len(lines) <= LINES_MAX:
        raise invalid_count(Violation("lines", f"1 to {LINES_MAX} lines"))
    violations, before = list[Violation](), set[str]()
    for number, line in enumerate(lines):
        path = f"lines[{number}]"
        if not 0 <= line.quantity <= QUANTITY_MAX:
            violations.append(Violation(f"{path}.seen_quantity", f"0 to {QUANTITY_MAX} units"))
        if line.sku in before:
            violations.append(Violation(f"{path}.sku", "another sku than the lines before"))
        before.add(line.sku)
    if violations:
        raise invalid_count(*violations)


def invalid_count(*violations: Violation) -> InvalidCountError:
    return InvalidCountError("what was seen is not as it must be", violations=violations)
