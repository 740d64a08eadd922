"""One write done by the second account, and undone where it comes to something else. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy

from services.inventory.stock.domain import Place, StockRow
from tests.chaos.findings import Violation
from tests.history.writes import RECORDED, Write
from tests.simulation.account import Account
from tests.simulation.holds import GRIDS_S, Hold, RefusedError
from tests.simulation.operations import Operation, Verb
from tests.simulation.shelves import Shelf

# A row says its time in whole seconds, an operation came at some millisecond of it. Which
# matters where it decides on which instant a hold ends.
FRACTIONS_MS = (0, 999)
# By what an operation that must be refused was refused for.
GUARDS = {"INSUFFICIENT_STOCK": "I1", "HOLD_LAPSED": "I3", "RESERVATION_ENDED": "I11"}
Rows = Mapping[Place, StockRow]


def times_ms(write: Write, rows: Rows) -> list[int]:
    """What the clock may have said of whoever wrote it."""
    if write.what == "lapsed":
        return [int(write.occur_s * 1000)]
    return [at_s_of(rows, write) * 1000 + fraction_ms for fraction_ms in FRACTIONS_MS]


def at_s_of(rows: Rows, write: Write) -> int:
    return max((row.at for row in rows.values()), default=int(write.occur_s))


def problem_of(
    account: Account, write: Write, operation: Operation, rows: Rows, now_ms: int
) -> Violation | None:
    its = account.at(rows)
    over = {place: shelf.over(now_ms) for place, shelf in its.items()}
    try:
        holds = account.done(operation, now_ms, asked_places(account, operation, write))
    except RefusedError as refused:
        invariant = GUARDS.get(refused.reason, "I4")
        return Violation(invariant, f"{write}: {operation} must be refused: {refused.reason}")
    if write.what != RECORDED and write.key not in holds:
        return Violation("I11", f"{write}: {operation} changes nothing")
    for place, row in rows.items():
        shelf = account.shelves[place]
        if (difference := differs(row, shelf)) is not None:
            return Violation(difference[0], f"{write}: {row}, {difference[1]}, by {operation}")
        # What was found of a line that was broken is in somebody's hands: a fact as a sale is.
        is_fact = write.what == RECORDED or place in account.holds[write.key].broken
        if not is_fact and shelf.over(now_ms) > over[place]:
            return Violation("I1", f"{write}: more is promised of {place} than is there")
    hold = account.holds.get(write.key)
    if hold is not None and hold.revision != write.revision:
        return Violation("I11", f"{write}: revision {write.revision}, must be {hold.revision}")
    if hold is not None and write.made not in (None, hold.lines):
        return Violation("I4", f"{write}: it holds {write.made}, must hold {hold.lines}")
    old = account.holds.get(operation.about)
    if write.replaces is not None and old is not None and old.revision != write.replaces:
        return Violation("I11", f"{write}: it replaces one at {old.revision}, not {write.replaces}")
    if hold is not None and write.until not in (None, hold.until):
        return Violation("I3", f"{write}: it was told to end at {write.until}, not {hold.until}")
    return None


def written_places(account: Account, write: Write, operation: Operation) -> Iterable[Place] | None:
    """Rows that it writes as things stand; None where what it is about is not there."""
    if write.what == "made":
        if operation.verb is not Verb.SUPERSEDE:
            return write.own
        old = account.holds.get(operation.about)
        return None if old is None else {*write.own, *old.lines}
    hold = account.holds.get(write.key)
    if hold is None or write.what == "lapsed":
        return None if hold is None else []
    found = [place for place, n, _ in operation.picked if n]
    return {*hold.lines, *found} if write.what == "committed" else list(hold.lines)


def readings_s(write: Write, operation: Operation, now_ms: int) -> Iterator[int | None]:
    """Of which time, at most, the rows were that it read and did not write: those of lines that
    were broken. None for as they are.

    At which revision they were read nobody says; in a log in another order they may be far
    ahead. No later than what was written, but for a renewal: that tells its time by its end.
    """
    yield None
    yield now_ms // 1000
    if operation.verb is Verb.RENEW and write.until is not None:
        grid_s = next(step_s for longest_s, step_s in GRIDS_S if operation.hold_s <= longest_s)
        if (first_s := write.until - operation.hold_s - grid_s + 1) > now_ms // 1000:
            yield first_s


def read_by(account: Account, places: Iterable[Place], time_s: int | None) -> None:
    """As if these rows had been read no later."""
    for shelf in account.at(places).values():
        shelf.at = shelf.at if time_s is None else min(shelf.at, time_s)


def asked_places(account: Account, operation: Operation, write: Write) -> list[Place]:
    """Rows that it read: those it wrote, and those of which it held nothing."""
    about = account.holds.get(operation.about)
    held = [] if about is None else list(about.lines)
    asked = [place for place, _ in operation.lines]
    return list(dict.fromkeys([*held, *asked, *write.places]))


def differs(row: StockRow, shelf: Shelf) -> tuple[str, str] | None:
    units = {bucket.value: n for bucket, n in row.on.items()}
    if row.revision != shelf.revision:
        return "I11", f"its revision must be {shelf.revision}"
    if (units, row.short, row.safety) != (shelf.units, shelf.short, shelf.safety):
        return "I4", f"it must have {shelf.units}, {shelf.short} short"
    if dict(row.held) != shelf.held():
        return "I4", f"it must hold {shelf.held()}"
    return None


Kept = tuple[dict[Place, Shelf], dict[str, Hold | None]]


def kept(account: Account, operation: Operation, write: Write) -> Kept:
    """What a try may change, as it is."""
    places = asked_places(account, operation, write)
    holds = {name: deepcopy(account.holds.get(name)) for name in (write.key, operation.about)}
    return {place: deepcopy(shelf) for place, shelf in account.at(places).items()}, holds


def restore(account: Account, before: Kept) -> None:
    shelves, holds = before
    account.shelves |= shelves
    for name, hold in holds.items():
        if hold is None:
            account.holds.pop(name, None)
        else:
            account.holds[name] = hold


def as_told(shelf: Shelf, row: StockRow) -> None:
    shelf.units = {bucket.value: n for bucket, n in row.on.items()}
    shelf.short, shelf.safety = row.short, row.safety
    shelf.at, shelf.revision = row.at, row.revision
