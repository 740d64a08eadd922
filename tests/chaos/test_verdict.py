"""The checker sees what it is there to see: one planted flaw, one invariant broken."""

from dataclasses import replace

import pytest

from services.collect.locker.cabinet import UseState
from services.collect.order.values import State as Life
from services.inventory.ledger.domain import Cause
from services.inventory.reservation.domain import Status
from services.inventory.stock.domain import Bucket
from tests.chaos import report
from tests.chaos.checks.orders import one_reservation_each
from tests.chaos.checks.stock import claims_are_covered
from tests.chaos.given import (
    AT,
    BEGIN_S,
    BOOKS,
    CABINET,
    ENTRIES,
    EXPIRE,
    HEARD,
    HELD,
    LATE,
    ORDERS,
    ROWS,
    RUN,
    STRIKE,
    entry,
    movement,
    order,
    reservation,
    row,
    shown_basket,
    told,
    told_orders,
    with_books,
    with_entries,
)
from tests.chaos.journal import Outcome
from tests.chaos.nemesis import Fault, Kind
from tests.chaos.verdict import INVARIANTS, Run, shortcomings, violations

COLLECTED = ORDERS[1]
OPENED = entry("open", "again", 42, about=COLLECTED.order_id, answer={"answer": "OPEN"})
HOLD = {"reservation_id": "hold", "expire_s": EXPIRE}


def logs(**given: object) -> Run:
    return with_books(logs={**BOOKS.logs, **given})


def cabinet(*orders: str) -> Run:
    """With its compartments in use by these."""
    uses = [
        replace(use, state=UseState.READY, order_id=order_id)
        for use, order_id in zip(CABINET.uses, orders, strict=False)
    ]
    return with_books(cabinets=(replace(CABINET, uses=tuple(uses)),))


READY = [replace(COLLECTED, order_id=name, state=Life.READY) for name in ("one", "two")]
PLANTED = {
    "claims that grow beyond the shelf": (
        "I1",
        logs(inventory=told(*ROWS, row(4, 2, held={EXPIRE + 3600: 3}))),
    ),
    "claims that a sale took and nobody was told of": (
        "I1",
        with_books(rows=(replace(ROWS[-1], on={}),)),
    ),
    "more orders than ever came": (
        "I1",
        with_books(orders=[order(f"o{number}", Life.CONFIRMED) for number in range(4)]),
    ),
    "one key, two orders": (
        "I2",
        with_entries(entry("place", "k1", 5, answer={"order_id": "order-collected", "state": ""})),
    ),
    "an order nobody asked for": ("I2", with_books(orders=(*ORDERS, order("x", Life.CONFIRMED)))),
    "an order that was given and is gone": ("I2", with_books(orders=ORDERS[:1])),
    "an order with two reservations": (
        "I2",
        with_books(
            reservations=(*BOOKS.reservations, reservation("r", Status.ACTIVE, EXPIRE, HELD))
        ),
    ),
    "a hold that still counts at its end": (
        "I3",
        logs(inventory=told(*ROWS[:2], row(3, 2, held={AT: 1}))),
    ),
    "a hold used after its end": (
        "I3",
        with_entries(
            entry("commit", "late", 31, about=LATE, answer={"reservation_id": LATE}),
        ),
    ),
    "a hold refused before its end": (
        "I3",
        with_entries(
            entry("commit", "early", 9, about=LATE, outcome=Outcome.FAILED, reason="HOLD_LAPSED"),
        ),
    ),
    "a lapse that nobody told of": (
        "I3",
        with_books(
            reservations=(
                *BOOKS.reservations,
                reservation("silent", Status.ACTIVE, int(BEGIN_S), ""),
            )
        ),
    ),
    "a lapse told of late": ("I3", logs(inventory=told(*ROWS, lapse_s=31))),
    "a lapse told of before it was one": ("I3", logs(inventory=told(*ROWS, lapse_s=-1))),
    "a lapse in the books alone": ("I3", logs(inventory=told(*ROWS)[:-1])),
    "a lapsed hold in what is told": (
        "I3",
        with_entries(replace(ENTRIES[-1], answer={"held": 2})),
    ),
    "a movement without its row": (
        "I4",
        with_books(
            movements=(
                *BOOKS.movements,
                movement(4, Bucket.OUTSIDE, Bucket.SELLABLE, 1, Cause.RECEIPT),
            )
        ),
    ),
    "a claim without its reservation": ("I4", with_books(reservations=BOOKS.reservations[1:])),
    "an order in two compartments": ("I5", cabinet(HELD, HELD)),
    "a compartment kept for what was collected": ("I5", cabinet(COLLECTED.order_id)),
    "an order without its compartment": (
        "I5",
        with_books(orders=(ORDERS[0], replace(COLLECTED, state=Life.READY))),
    ),
    "two orders behind one door, one after the other told": (
        "I5",
        logs(collect=told_orders(*READY)),
    ),
    "a code that opens twice": ("I7", with_entries(OPENED)),
    "a door that opens for what is not collected": (
        "I7",
        with_entries(replace(OPENED, about=HELD)),
    ),
    "a door that opens after the order was called off": (
        "I7",
        with_entries(
            entry("look", "look", 39, about=COLLECTED.order_id, answer={"state": "cancelled"})
        ),
    ),
    "a gap in the log": ("I9", logs(inventory=[*told(*ROWS)[:1], *told(*ROWS)[2:]])),
    "events in the wrong order": ("I9", logs(inventory=told(ROWS[0], ROWS[2], ROWS[1]))),
    "an event that never came into the log": ("I9", with_books(outbox_counts={"inventory": 1})),
    "an event that a consumer could not take": ("I9", with_books(parked_count=1)),
    "a consumer that missed one": ("I9", replace(RUN, heard=(replace(HEARD, events=[]),))),
    "a consumer that was sent one twice": (
        "I9",
        replace(RUN, heard=(replace(HEARD, events=[*HEARD.events, HEARD.events[-1]]),)),
    ),
    "a revision of a row that nobody was told": ("I9", with_books(rows=(row(5, 2),))),
    "a state of an order that nobody was told": (
        "I9",
        with_books(orders=(replace(ORDERS[0], state=Life.PICKING), COLLECTED)),
    ),
    "a purchase that is in no history": ("I9", with_books(purchase_ids=())),
    "a hand-over that is forgotten": (
        "I10",
        with_entries(
            entry("hand_over", "h", 9, about=HELD, answer={"order_id": HELD, "revision": 2})
        ),
    ),
    "an order that is at an earlier revision": (
        "I10",
        with_entries(
            entry("stage", "s", 9, answer={"order_id": COLLECTED.order_id, "revision": 3})
        ),
    ),
    "a reservation that is forgotten": ("I10", with_entries(entry("reserve", "r", 9, answer=HOLD))),
    "a release that is forgotten": (
        "I10",
        with_entries(entry("release", "l", 9, answer={"reservation_id": "held"})),
    ),
    "a sale that is forgotten": ("I10", with_entries(entry("sell", "sale", 9))),
    "a basket that is at an earlier revision": (
        "I10",
        with_entries(entry("put", "p", 47, about="anna", answer=shown_basket(4, 7))),
    ),
    "a change of a basket that another came in the place of": (
        "I10",
        with_entries(entry("put", "p", 47, about="anna", answer=shown_basket(3, 7))),
    ),
}


def test_a_history_without_a_flaw_passes() -> None:
    assert violations(RUN) == []
    assert shortcomings(RUN) == []


@pytest.mark.parametrize(("invariant", "run"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_flaw_is_found(invariant: str, run: Run) -> None:
    assert invariant in {violation.invariant for violation in violations(run)}


def test_what_a_sale_took_of_the_claims_is_found_unless_they_are_broken_or_over() -> None:
    row = replace(ROWS[-1], on={})
    assert len(list(claims_are_covered(replace(BOOKS, rows=(row,))))) == 1
    assert not list(claims_are_covered(replace(BOOKS, rows=(row,), reservations=())))
    over = [replace(each, expire_instant=int(BEGIN_S)) for each in BOOKS.reservations]
    assert not list(claims_are_covered(replace(BOOKS, rows=(row,), reservations=over)))


def test_an_order_may_have_a_second_reservation_in_place_of_what_was_broken() -> None:
    [line], owner = ORDERS[0].lines, HELD
    given = replace(line, broken_quantity=1, replacement_quantity=1, replaced_quantity=1)
    orders = {owner: replace(ORDERS[0], order_id=owner, lines=(given,))}
    second = reservation("r", Status.ACTIVE, EXPIRE, owner)
    assert not list(one_reservation_each(orders, (*BOOKS.reservations, second)))
    third = reservation("s", Status.ACTIVE, EXPIRE, owner)
    assert list(one_reservation_each(orders, (*BOOKS.reservations, second, third)))


def test_every_invariant_has_a_flaw_that_is_planted() -> None:
    assert {invariant for invariant, _ in PLANTED.values()} == set(INVARIANTS)


def test_a_run_whose_faults_hit_no_order_proves_nothing() -> None:
    missed = replace(RUN, strikes=(replace(STRIKE, in_flight_count=0),))
    assert shortcomings(missed) == ["no fault hit an order in flight: this run proves nothing"]


def test_what_nobody_ever_answered_fails_a_run() -> None:
    run = with_entries(entry("cancel", "c", 3.5, outcome=Outcome.UNKNOWN))
    assert shortcomings(run) == ["1 operations got no answer, however often they were repeated"]


def test_a_call_that_fails_in_a_rolling_restart_fails_a_run() -> None:
    roll = replace(STRIKE, fault=Fault(Kind.ROLL, "collect"))
    [words] = shortcomings(replace(RUN, strikes=(roll,)))
    assert "1 calls failed, the first place (TimeoutError)" in words


def test_a_refusal_for_good_reason_is_no_failure_of_a_rolling_restart() -> None:
    roll = replace(
        STRIKE, fault=Fault(Kind.ROLL, "collect"), begin_s=BEGIN_S + 30, end_s=BEGIN_S + 32
    )
    assert shortcomings(replace(RUN, strikes=(STRIKE, roll), end_s=BEGIN_S + 4)) == []


def test_too_long_without_a_success_after_a_kill_fails_a_run() -> None:
    long = replace(RUN, strikes=(replace(STRIKE, end_s=BEGIN_S + 20),), end_s=BEGIN_S + 30)
    [words] = shortcomings(long)
    assert "s without a success" in words


def test_a_machine_that_is_too_busy_excuses_what_is_late_and_nothing_else() -> None:
    roll = replace(STRIKE, fault=Fault(Kind.ROLL, "collect"))
    long = replace(STRIKE, end_s=BEGIN_S + 20)
    busy = replace(RUN, strikes=(roll, long), end_s=BEGIN_S + 30, load_per_core=9.0)
    assert shortcomings(busy) == []
    lost = entry("pick", "p", 2, outcome=Outcome.FAILED, reason="INTERNAL")
    [words] = shortcomings(replace(busy, entries=(*ENTRIES, lost)))
    assert "1 calls failed, the first pick (INTERNAL)" in words


def test_the_start_of_all_members_of_mongodb_may_take_its_time() -> None:
    members = replace(STRIKE, fault=Fault(Kind.KILL, "members"), end_s=BEGIN_S + 20)
    assert shortcomings(replace(RUN, strikes=(members,), end_s=BEGIN_S + 30)) == []


def test_a_report_names_the_first_example_of_what_is_broken() -> None:
    words = report.text(with_entries(OPENED), seed=7, commit="abc")
    assert "seed 7, commit abc" in words
    assert "I7   BROKEN 1 times, first: the code of order order-collected opened 2 times" in words
    assert words.endswith("NOT PASSED")
