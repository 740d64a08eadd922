"""The log replayed, write by write, through the second account of the simulation. Pure.

Each write is done again, by what it was asked for, when its rows are at the revision before:
it must come to the rows that the log tells. What the account refuses must not have been done.
A write that nothing leads to is what is wrong; what builds on it is not looked at.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import replace

from services.inventory.stock.domain import Place
from tests.chaos.findings import Violation, Violations
from tests.history.progress import Replay
from tests.history.recorded import History
from tests.history.told import Revision, breakings_told, rows_told
from tests.history.trying import (
    Rows,
    as_told,
    asked_places,
    at_s_of,
    differs,
    kept,
    problem_of,
    read_by,
    readings_s,
    restore,
    times_ms,
    written_places,
)
from tests.history.unasked import take_unasked
from tests.history.writes import (
    BROKEN,
    IMPORTED,
    RECORDED,
    Index,
    Write,
    index_of,
    levels_of,
    writes_of,
)
from tests.simulation.operations import Operation, Verb
from tests.simulation.shelves import OUTSIDE, SELLABLE, SHORT


def replayed(history: History) -> Replay:
    log, index = history.books.log("inventory"), index_of(history)
    writes = list(writes_of(log, index))
    levels = levels_of(history.operations.values())
    replay = Replay(rows_told(log), breakings_told(log), levels, index.reservations.keys())
    replay.known.update(revision for write in writes for revision in write.revisions)
    for write in writes:
        if write.replaces is not None:
            replay.superseding[write.occur_s].append(write)
    for write in writes:
        take(replay, write)
    settle(replay)
    # Of what was written together an undo may have been first after all.
    replay.superseding.clear()
    settle(replay)
    left = [write for write in writes if write not in replay.done]
    # What nobody asked for may well be why the first of them is not the next.
    for write in [*left[:1], *[each for each in left[1:] if is_nobodys(each)][:1]]:
        replay.violations.append(why_not(replay, write, len(left)))
    replay.violations += ends_as_told(replay, history, index, blocked=left)
    return replay


def settle(replay: Replay) -> None:
    """What nobody asked for may be the last of its row, and what waits for it behind it."""
    for place in list(replay.account.shelves):
        take_unasked(replay, place)
    for waiting in moved_on(replay, []):
        take(replay, waiting)


def take(replay: Replay, write: Write) -> None:
    """It, and what waited for it."""
    tried = deque([write])
    while tried:
        each = tried.popleft()
        if each in replay.done:
            continue
        if takes(replay, each):
            replay.done.add(each)
            if each in (superseding := replay.superseding.get(each.occur_s, [])):
                superseding.remove(each)
            tried.extend(moved_on(replay, records_of(each)))
        else:
            for record in records_of(each):
                replay.waiting[record][each] = None
            tried.extend(moved_on(replay, []))


def moved_on(replay: Replay, records: Iterable[Place | str]) -> list[Write]:
    """What waited for these, or for what was taken on the way to them."""
    moved = dict.fromkeys([*records, *replay.moved])
    replay.moved.clear()
    return list(dict.fromkeys(each for one in moved for each in replay.waiting.pop(one, ())))


def records_of(write: Write) -> list[Place | str]:
    abouts = [operation.about for operation in write.operations if operation.about]
    return [*write.places, write.key, *abouts]


def takes(replay: Replay, write: Write) -> bool:
    """Whether it is the next of its records; then it is done."""
    if write.what in (RECORDED, IMPORTED):
        if not all(is_next(replay, revision) for revision in write.revisions):
            return False
        take_known(replay, write)
        return True
    if write.key not in replay.kept:
        return False
    if write.what == BROKEN:
        for place in write.own:
            take_unasked(replay, place)
        return (write.key, write.revision) in replay.stood
    if fits(replay, write):
        return True
    unasked = [take_unasked(replay, place) for place in write.places]
    return any(unasked) and fits(replay, write)


def is_next(replay: Replay, revision: Revision) -> bool:
    place, number = revision
    return replay.shelf(place).revision == number - 1 or (
        take_unasked(replay, place) and replay.shelf(place).revision == number - 1
    )


def is_nobodys(write: Write) -> bool:
    return not write.operations and write.what not in (RECORDED, IMPORTED, BROKEN)


def take_known(replay: Replay, write: Write) -> None:
    """Of a fact or an import it is certain which rows are its own: they stand, right or wrong."""
    if write.what == IMPORTED:
        replay.violations += import_problems(replay, write)
        return
    [operation] = write.operations
    rows = {place: replay.rows[place, number].row for place, number in write.revisions}
    problem = problem_of(replay.account, write, operation, rows, at_s_of(rows, write) * 1000)
    replay.wrote[operation.request_id] = write
    replay.left[operation.request_id] = write.revisions
    if problem is not None:
        replay.violations.append(problem)
        for place, row in rows.items():
            as_told(replay.shelf(place), row)


def fits(replay: Replay, write: Write) -> bool:
    """Whether one of its operations, at some fraction of its second, comes to the next rows."""
    for operation in write.operations:
        rows = next_rows(replay, write, operation)
        for now_ms in [] if rows is None else times_ms(write, rows):
            if fits_at(replay, write, operation, rows or {}, now_ms=now_ms):
                note(replay, write, operation, rows or {})
                return True
    return False


def fits_at(replay: Replay, write: Write, operation: Operation, rows: Rows, *, now_ms: int) -> bool:
    account = replay.account
    only_read = [p for p in asked_places(account, operation, write) if p not in rows]
    ats = {place: shelf.at for place, shelf in account.at(only_read).items()}
    for time_s in readings_s(write, operation, now_ms) if only_read else [None]:
        before = kept(account, operation, write)
        read_by(account, only_read, time_s)
        problem = problem_of(account, write, operation, rows, now_ms)
        # A row that was only read may have lent its time to those that were written.
        is_then = not only_read or all(account.shelves[p].at == row.at for p, row in rows.items())
        if problem is None and is_then:
            for place, at in ats.items():
                account.shelves[place].at = at
            return True
        restore(account, before)
    return False


def next_rows(replay: Replay, write: Write, operation: Operation) -> Rows | None:
    places = written_places(replay.account, write, operation)
    if places is None:
        return None
    """None unless the next of each was left by a write of the same instant."""
    found = {place: replay.next_row(place) for place in places}
    rows = {
        place: told.row
        for place, told in found.items()
        if told is not None and told.occur_s == write.occur_s
    }
    return rows if len(rows) == len(found) else None


def why_not(replay: Replay, write: Write, count: int) -> Violation:
    """The first that nothing led to, and what is wrong with it."""
    behind = f"; {count - 1} writes wait behind it"
    if write.what not in (RECORDED, IMPORTED) and write.key not in replay.kept:
        return Violation("I10", f"{write}: it is not there{behind}")
    if write.what == BROKEN:
        return Violation("I4", f"{write}: no fact took what it held{behind}")
    if is_nobodys(write):
        return Violation("I2", f"{write}: nobody asked for it{behind}")
    for operation in write.operations:
        rows = None if write.revisions else next_rows(replay, write, operation)
        for now_ms in [] if rows is None else times_ms(write, rows):
            problem = problem_of(replay.account, write, operation, rows or {}, now_ms)
            if problem is not None:
                return replace(problem, example=f"{problem.example}{behind}")
    at = {place: replay.shelf(place).revision for place in write.places}
    return Violation("I11", f"{write} is not the next: its rows are at {at}{behind}")


def note(replay: Replay, write: Write, operation: Operation, rows: Rows) -> None:
    holds = replay.account.holds
    replay.stood[write.key, write.revision] = deepcopy(holds[write.key])
    if operation.request_id:
        replay.wrote[operation.request_id] = write
        replay.left[operation.request_id] = [(row.place, row.revision) for row in rows.values()]
    if operation.verb is Verb.SUPERSEDE:
        old = holds[operation.about]
        replay.stood[operation.about, old.revision] = deepcopy(old)


def import_problems(replay: Replay, write: Write) -> Violations:
    """An import has no id and its rows are not told: its movements say what it did."""
    times_ms = [int(movement.record_time.timestamp() * 1000) for movement in write.movements]
    its = replay.account.at(write.places)
    t_ms = max([*times_ms, *(shelf.at * 1000 for shelf in its.values())])
    for movement in write.movements:
        shelf = its[Place(movement.location_id, movement.sku)]
        for bucket, quantity in (
            (movement.source.value, -movement.quantity),
            (movement.target.value, movement.quantity),
        ):
            if bucket == SHORT:
                shelf.short -= quantity
            elif bucket != OUTSIDE:
                shelf.put(bucket, quantity)
    for place, shelf in its.items():
        shelf.written(t_ms)
        there = shelf.units.get(SELLABLE, 0)
        if shelf.short or there not in replay.levels.get(place, set()):
            yield Violation("I4", f"{write}: nobody said that {there} of {place} are there")


def ends_as_told(
    replay: Replay, history: History, index: Index, *, blocked: Sequence[Write]
) -> Violations:
    """What stands in the books is what the log comes to, but for what could not be followed."""
    account, behind = replay.account, {r for write in blocked for r in records_of(write)}
    for row in history.books.rows:
        difference = differs(row, replay.shelf(row.place))
        if difference is not None and row.place not in behind:
            yield Violation(difference[0], f"in the end {row}: {difference[1]}")
    for name in sorted((index.reservations.keys() | account.holds.keys()) - behind):
        found, hold = index.reservations.get(name), account.holds.get(name)
        if found is None or hold is None:
            yield Violation("I10", f"in the end {name} is {found}, the log comes to {hold}")
            continue
        stands = (found.status.value, found.revision, found.expire_instant)
        if stands != (hold.status, hold.revision, hold.until):
            yield Violation("I10", f"in the end {found}: the log comes to {hold}")
