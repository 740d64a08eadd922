"""The verdict on a history: every answer against the replay, and the books by themselves. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import chain

from services.inventory.reservation.domain import Status
from services.inventory.stock.domain import Place
from tests.chaos.checks.events import dense, every_row_told, heard_all, in_order
from tests.chaos.checks.stock import books_balance, growing_within, told
from tests.chaos.findings import Violation, Violations
from tests.chaos.journal import Entry, Outcome
from tests.history.progress import Replay
from tests.history.recorded import History
from tests.history.replaying import replayed
from tests.simulation.holds import ACTIVE, LAPSED, RELEASED, Hold
from tests.simulation.operations import Operation, Verb

INVARIANTS = ("I1", "I2", "I3", "I4", "I9", "I10", "I11")
LAPSE_TOLD_S = 30.0
# How far a replica's clock is off, at most.
CLOCK_S_MAX = 300.0
# What is left of a hold that was undone.
UNDONE = (RELEASED, LAPSED)


def violations(history: History) -> list[Violation]:
    """By what was found first; an invariant may be broken by many at once."""
    replay, log = replayed(history), history.books.log("inventory")
    answers = answers_of(history.entries)
    found = chain(
        replay.violations,
        each_promise_within(history),
        one_answer_each(answers),
        answers_are_the_replays(history, answers, replay),
        refused_is_not_done(history, answers, replay),
        in_real_time(history, replay),
        books_balance(history.books),
        lapses_are_told(history),
        dense("inventory", log),
        in_order("inventory", log),
        every_row_told(history.books),
        outbox_is_empty(history),
        chain.from_iterable(heard_all(consumer, log) for consumer in history.heard),
    )
    return list(found)


def each_promise_within(history: History) -> Violations:
    """I1, by the rows as they were told alone: a second look, by other means."""
    for place, rows in told(history.books).items():
        yield from growing_within(place, rows)


def answers_of(entries: Sequence[Entry]) -> Mapping[str, list[Entry]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.key].append(entry)
    return found


def one_answer_each(answers: Mapping[str, Sequence[Entry]]) -> Violations:
    """I2: a repeat gets the first answer, whoever gives it. An undo says how things stand."""
    for key, tries in answers.items():
        given = [entry.answer for entry in tries if entry.outcome is Outcome.OK]
        if any(answer != given[0] for answer in given) and not key.startswith("undo "):
            yield Violation("I2", f"{tries[0].operation} {key} got several answers: {given[:3]}")


def answers_are_the_replays(
    history: History, answers: Mapping[str, Sequence[Entry]], replay: Replay
) -> Violations:
    """I10: what was acknowledged is in the log, as it was said."""
    log = history.books.log("inventory")
    told_revisions = {(event.key, event.revision) for event in log}
    for key, tries in answers.items():
        operation = history.operations[key]
        for entry in tries:
            if entry.outcome is Outcome.OK:
                yield from answer_is_the_replays(operation, entry, replay, told_revisions)
                break


def answer_is_the_replays(
    operation: Operation, entry: Entry, replay: Replay, told_revisions: Set[tuple[str, int]]
) -> Violations:
    if operation.verb is Verb.IMPORT:
        return
    if operation.verb in (Verb.SELL, Verb.MOVE):
        for row in entry.answer["rows"]:
            yield from row_was_left(operation, entry, row, replay)
        return
    answer, reservation_id = entry.answer, operation.about or operation.made_id
    if operation.verb in (Verb.SUPERSEDE, Verb.CANCEL):
        reservation_id = operation.made_id
    if operation.verb is Verb.CANCEL and not answer:
        if reservation_id in replay.account.holds:
            yield Violation("I2", f"{reservation_id} was undone before it came, and is there")
        return
    told = reservation_id, int(answer["revision"])
    if answer["reservation_id"] != reservation_id or told not in told_revisions:
        yield lost(operation, entry, f"no such revision of {reservation_id}")
        return
    hold = replay.stood.get(told)
    if hold is None:
        return  # Lost, or behind what could not be followed.
    lines = {f"{p.location_id} {p.sku}": n for p, n in hold.lines.items()}
    if (lines, hold.until) != (answer["lines"], answer["expire_s"]):
        yield lost(operation, entry, f"it stood as {hold}")
    if operation.verb is Verb.CANCEL:
        in_the_end = replay.account.holds[reservation_id]
        if in_the_end.status not in UNDONE and in_the_end.status != ACTIVE:
            yield Violation("I2", f"{reservation_id} was undone, and is {in_the_end.status}")
    elif answer["status"] != hold.status and not may_show_lapsed(hold, entry):
        yield lost(operation, entry, f"it stood as {hold}")


def may_show_lapsed(hold: Hold, entry: Entry) -> bool:
    """Whether its time may have been up by some clock when it was answered."""
    is_over = hold.until <= entry.end_s + CLOCK_S_MAX
    return entry.answer["status"] == LAPSED and hold.status == ACTIVE and is_over


def row_was_left(
    operation: Operation, entry: Entry, row: Mapping[str, object], replay: Replay
) -> Violations:
    place = Place(str(row["location_id"]), str(row["sku"]))
    found = replay.rows.get((place, int(str(row["revision"]))))
    if found is None:
        yield lost(operation, entry, f"no such revision of {place}")
    elif (found.row.sellable, found.row.short) != (row["sellable"], row["short"]):
        yield lost(operation, entry, f"{place} was left as {found.row}, it was told {row}")


def refused_is_not_done(
    history: History, answers: Mapping[str, Sequence[Entry]], replay: Replay
) -> Violations:
    """I2: of what was refused each time it was asked nothing is there.

    A try whose answer was lost may be done behind one that was refused: a server that stood still
    reads it when it goes on, with all its time left. Only an undo makes sure that it is not.
    """
    for key, tries in answers.items():
        operation = history.operations[key]
        is_refused = all(entry.outcome is Outcome.FAILED for entry in tries)
        if operation.verb is Verb.CANCEL or not is_refused:
            continue
        write = replay.wrote.get(operation.request_id)
        # An undo may have come between: then it was done, and is refused as cancelled.
        if write is not None and tries[-1].reason != "REQUEST_CANCELLED":
            yield Violation("I2", f"{operation} was refused ({tries[-1].reason}), and is {write}")


def in_real_time(history: History, replay: Replay) -> Violations:
    """I9: of two writes of a row, the one that began after the other was acknowledged is behind.

    Over all rows the log promises no order: see `tests.history.writes`.
    """
    begun: dict[str, float] = {}
    acknowledged: dict[str, float] = {}
    for entry in history.entries:
        begun[entry.key] = min(entry.begin_s, begun.get(entry.key, entry.begin_s))
        if entry.outcome is Outcome.OK:
            acknowledged[entry.key] = min(entry.end_s, acknowledged.get(entry.key, entry.end_s))
    by_place: dict[Place, list[tuple[int, str]]] = defaultdict(list)
    for key, revisions in replay.left.items():
        for place, revision in revisions:
            by_place[place].append((revision, key))
    for place, revisions_there in by_place.items():
        latest_begin_s, latest = 0.0, ""
        for revision, key in sorted(revisions_there):
            is_late = acknowledged.get(key, latest_begin_s) < latest_begin_s
            # Of two that hold the same until the same instant, either may have been the first.
            if is_late and holding(replay, key) != holding(replay, latest):
                words = (
                    f"revision {revision} of {place} by {replay.wrote[key]}: acknowledged before"
                )
                yield Violation("I9", f"{words} {replay.wrote[latest]} began, which is before it")
            if begun.get(key, 0.0) > latest_begin_s:
                latest_begin_s, latest = begun[key], key


def holding(replay: Replay, key: str) -> object:
    """What a write came to, but for its name; of a fact itself."""
    write = replay.wrote[key]
    hold = replay.stood.get((write.key, write.revision))
    return write if hold is None else (write.what, hold.lines, hold.until)


def lapses_are_told(history: History) -> Violations:
    """I3: of each that has lapsed, within LAPSE_TOLD_S, and not before it has."""
    told_s = {
        event.key: event.occur_time.timestamp()
        for event in history.books.log("inventory")
        if event.name == "reservation_lapsed"
    }
    for reservation in history.books.reservations:
        end_s, tell_s = reservation.expire_instant, told_s.get(reservation.reservation_id)
        is_owed = reservation.status is Status.ACTIVE and history.read_s > end_s + LAPSE_TOLD_S
        is_early = tell_s is not None and tell_s < end_s
        if is_owed or is_early:
            yield Violation("I3", f"{reservation}: its lapse was told of at {tell_s}")


def outbox_is_empty(history: History) -> Iterator[Violation]:
    if left := history.books.outbox_counts.get("inventory", 0):
        yield Violation("I9", f"{left} events never came into the log")


def lost(operation: Operation, entry: Entry, why: str) -> Violation:
    return Violation("I10", f"{operation}, acknowledged at {entry.end_s:.3f}: {why}")
