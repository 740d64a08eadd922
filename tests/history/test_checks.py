"""The checker on recorded histories: good ones hold, and each planted flaw breaks what it must."""

import random
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chassis.events import LoggedEvent
from services.inventory.ledger.domain import Cause
from services.inventory.reservation.domain import Reservation, Status
from tests.chaos.books import Books
from tests.chaos.checks.events import Heard
from tests.chaos.journal import Entry, Outcome
from tests.history.checks import CLOCK_S_MAX, violations
from tests.history.given import good_history
from tests.history.recorded import History
from tests.simulation.operations import Verb

SEED = 1
GOOD = good_history(SEED)
LOG = GOOD.books.log("inventory")


def broken_in(history: History) -> set[str]:
    return {violation.invariant for violation in violations(history)}


def with_books(**given: Any) -> History:
    return replace(GOOD, books=replace(GOOD.books, **given))


def with_log(log: Sequence[LoggedEvent]) -> History:
    return in_log(GOOD, log)


def in_log(history: History, log: Sequence[LoggedEvent]) -> History:
    """At positions that are dense."""
    numbered = [replace(event, position=n) for n, event in enumerate(log, start=1)]
    return replace(history, books=replace(history.books, logs={"inventory": numbered}))


def changed_entry(which: Callable[[Entry], bool], **given: Any) -> History:
    """The first of these is another."""
    number = next(n for n, entry in enumerate(GOOD.entries) if which(entry))
    entries = [*GOOD.entries]
    entries[number] = replace(entries[number], **given)
    return replace(GOOD, entries=entries)


def is_ok(entry: Entry, *verbs: Verb) -> bool:
    return entry.outcome is Outcome.OK and entry.operation in verbs


def of_status(status: Status) -> Reservation:
    return next(r for r in GOOD.books.reservations if r.status is status)


@pytest.mark.parametrize("seed", range(4))
def test_a_good_history_holds(seed: int) -> None:
    assert violations(good_history(seed)) == []


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5, 7, 8, 9, 19, 21, 23])
def test_what_a_new_primary_has_in_another_order_holds(seed: int) -> None:
    assert violations(shuffled(good_history(seed), 40, seed)) == []


def shuffled(history: History, at_once: int, seed: int) -> History:
    """Only the events of one record are in order then."""
    by_key: dict[str, deque[LoggedEvent]] = defaultdict(deque)
    log = history.books.log("inventory")
    for event in log:
        by_key[event.key].append(event)
    dice, keys = random.Random(seed), [event.key for event in log]
    for first in range(0, len(keys), at_once):
        part = keys[first : first + at_once]
        dice.shuffle(part)
        keys[first : first + at_once] = part
    return in_log(history, [by_key[key].popleft() for key in keys])


def test_an_event_that_is_missing() -> None:
    lost = next(n for n, event in enumerate(LOG) if event.name == "stock_changed" and n > 100)
    assert "I9" in broken_in(with_log([*LOG[:lost], *LOG[lost + 1 :]]))


def test_a_gap_between_positions() -> None:
    log = [*LOG[:-1], replace(LOG[-1], position=LOG[-1].position + 1)]
    assert broken_in(with_books(logs={"inventory": log})) == {"I9"}


def test_a_consumer_that_was_not_sent_all() -> None:
    sent = [(e.position, e.name, e.key, e.revision) for e in LOG if e.name == "stock_changed"]
    heard = Heard("inventory", frozenset({"stock_changed"}), 0, sent)
    assert broken_in(replace(GOOD, heard=[heard])) == set()
    heard.events.pop(7)
    assert broken_in(replace(GOOD, heard=[heard])) == {"I9"}


def test_a_movement_that_is_missing() -> None:
    sale = next(m for m in GOOD.books.movements if m.cause is Cause.SALE)
    left = [m for m in GOOD.books.movements if m is not sale]
    assert "I4" in broken_in(with_books(movements=left))


def test_a_row_that_holds_what_nobody_reserved() -> None:
    """In the log too: the books alone would not show it."""
    number = next(n for n, e in enumerate(LOG) if e.name == "stock_changed" and e.detail["held"])
    event = LOG[number]
    detail = dict(event.detail)
    detail["held"] = {until: quantity + 1 for until, quantity in detail["held"].items()}
    log = [*LOG[:number], replace(event, detail=detail), *LOG[number + 1 :]]
    assert "I4" in broken_in(with_log(log))


def test_a_reservation_that_nobody_asked_for() -> None:
    made = next(event for event in LOG if event.name == "reservation_made")
    asked = {key: o for key, o in GOOD.operations.items() if o.made_id != made.key}
    entries = [entry for entry in GOOD.entries if entry.key in asked]
    assert "I2" in broken_in(replace(GOOD, operations=asked, entries=entries))


def test_a_reservation_that_is_lost() -> None:
    left = [r for r in GOOD.books.reservations if r != of_status(Status.COMMITTED)]
    assert "I10" in broken_in(with_books(reservations=left))


def test_a_reservation_that_was_paid_for_more_than_it_held() -> None:
    paid = of_status(Status.COMMITTED)
    more = replace(paid, lines=tuple(replace(n, quantity=n.quantity + 1) for n in paid.lines))
    books = [more if each == paid else each for each in GOOD.books.reservations]
    assert "I4" in broken_in(with_books(reservations=books))


def test_an_answer_of_which_nothing_is_there() -> None:
    history = changed_entry(
        lambda entry: is_ok(entry, Verb.RESERVE),
        answer={"reservation_id": "other", "revision": 1},
    )
    assert "I10" in broken_in(history)


def test_a_sale_that_was_told_another_row() -> None:
    def is_sale(entry: Entry) -> bool:
        return is_ok(entry, Verb.SELL)

    first = next(filter(is_sale, GOOD.entries))
    rows = [{**row, "sellable": row["sellable"] + 1} for row in first.answer["rows"]]
    assert "I10" in broken_in(changed_entry(is_sale, answer={"rows": rows}))


@pytest.mark.parametrize(("later_s", "broken"), [(0, set[str]()), (1, {"I10"})])
def test_an_answer_says_lapsed_only_where_its_time_is_up_by_some_clock(
    later_s: int, broken: set[str]
) -> None:
    reserved = next(entry for entry in GOOD.entries if is_ok(entry, Verb.RESERVE))
    up_s = reserved.answer["expire_s"] - CLOCK_S_MAX - later_s
    tries = [
        replace(entry, answer={**entry.answer, "status": "lapsed"}, end_s=up_s)
        if entry is reserved
        else entry
        for entry in GOOD.entries
        if entry is reserved or entry.key != reserved.key
    ]
    assert broken_in(replace(GOOD, entries=tries)) == broken


def test_a_repeat_with_another_answer() -> None:
    ok = [entry for entry in GOOD.entries if is_ok(entry, Verb.RESERVE, Verb.COMMIT)]
    again = replace(ok[0], answer=ok[1].answer)
    assert "I2" in broken_in(replace(GOOD, entries=[*GOOD.entries, again]))


def test_what_was_refused_and_is_done() -> None:
    def is_committed(entry: Entry) -> bool:
        return is_ok(entry, Verb.SELL)

    sold = next(filter(is_committed, GOOD.entries)).key
    entries = [
        replace(e, outcome=Outcome.FAILED, reason="INVALID_LINES", answer={})
        if e.key == sold
        else e
        for e in GOOD.entries
    ]
    assert broken_in(replace(GOOD, entries=entries)) == {"I2"}


def test_a_try_whose_answer_was_lost_may_come_behind_one_that_was_refused() -> None:
    lost = next(
        n
        for n, e in enumerate(GOOD.entries)
        if is_ok(e, Verb.SELL) and [o.key for o in GOOD.entries].count(e.key) == 1
    )
    first = replace(GOOD.entries[lost], outcome=Outcome.UNKNOWN, reason="TimeoutError", answer={})
    refused = replace(first, outcome=Outcome.FAILED, reason="INVALID_LINES")
    entries = [*GOOD.entries[:lost], first, refused, *GOOD.entries[lost + 1 :]]
    assert broken_in(replace(GOOD, entries=entries)) == set()


def test_a_hold_that_was_paid_when_it_had_lapsed() -> None:
    """All that is told of it is consistent: but for the time of the rows."""
    late = next(event for event in LOG if event.name == "reservation_committed")
    held = next(r for r in GOOD.books.reservations if r.reservation_id == late.key)
    places = {(line.location_id, line.sku) for line in held.lines}
    log = list[LoggedEvent]()
    for event in LOG:
        detail = dict(event.detail)
        is_its = (detail.get("location_id"), detail.get("sku")) in places
        if event.name == "stock_changed" and is_its and near(event, late):
            detail["at"] = held.expire_instant
        log.append(replace(event, detail=detail))
    assert "I3" in broken_in(with_log(log))


def near(event: LoggedEvent, other: LoggedEvent) -> bool:
    return 0 < other.position - event.position <= 3


def test_an_owner_who_was_told_that_more_is_left_than_is() -> None:
    number = next(n for n, event in enumerate(LOG) if event.name == "reservation_broken")
    detail = dict(LOG[number].detail)
    detail["held_lines"] = [*detail["held_lines"], *detail["broken_lines"]]
    log = [*LOG[:number], replace(LOG[number], detail=detail), *LOG[number + 1 :]]
    assert "I4" in broken_in(with_log(log))


def test_a_lapse_that_nobody_was_told_of() -> None:
    left = of_status(Status.LAPSED)
    books = [
        replace(r, status=Status.ACTIVE, revision=r.revision - 1) if r == left else r
        for r in GOOD.books.reservations
    ]
    log = [e for e in LOG if (e.name, e.key) != ("reservation_lapsed", left.reservation_id)]
    numbered = [replace(event, position=n) for n, event in enumerate(log, start=1)]
    history = with_books(reservations=books, logs={"inventory": numbered})
    assert broken_in(history) == {"I3"}


def test_a_lapse_that_was_told_of_before() -> None:
    early = next(n for n, event in enumerate(LOG) if event.name == "reservation_lapsed")
    event = replace(LOG[early], occur_time=LOG[early].occur_time - timedelta(hours=2))
    assert "I3" in broken_in(with_log([*LOG[:early], event, *LOG[early + 1 :]]))


def test_a_write_before_one_that_was_acknowledged_when_it_began() -> None:
    """Of the same row; said to have begun after all was over."""
    first = next(e for e in GOOD.entries if is_ok(e, Verb.SELL))
    end_s = GOOD.entries[-1].end_s
    entries = [
        replace(e, begin_s=end_s + 1, end_s=end_s + 2) if e.key == first.key else e
        for e in GOOD.entries
    ]
    assert broken_in(replace(GOOD, entries=entries)) == {"I9"}


def test_events_that_never_came_into_the_log() -> None:
    books: Books = replace(GOOD.books, outbox_counts={"inventory": 1})
    assert broken_in(replace(GOOD, books=books)) == {"I9"}
