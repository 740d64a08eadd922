"""How a cabinet decides what opens for staff, and what it tells the house. Pure."""

import json

import pytest

from clients.locker import rules
from clients.locker.memory import Purpose, UnreadableMemoryError, Wanted, memory_from_json
from clients.locker.rules import OPEN, SHUT
from tests.clients.locker.doors import HOUR_MS, NOON_MS, Bench, wanted
from tests.clients.locker.trying import CLAIM, FITS, command, reserved, revoked, scan, tell, type_in


def test_loading_opens_the_door_and_closing_it_says_loaded() -> None:
    bench = Bench(reserved())

    assert command(bench) == OPEN
    assert bench.told == []
    assert bench.cabinet.close("A1") == SHUT
    assert (bench.doors.opened, bench.told) == (["A1"], ["loaded"])


def test_a_command_opens_once() -> None:
    bench = Bench(reserved())
    command(bench)
    bench.cabinet.close("A1")
    command(bench)

    assert bench.doors.opened == ["A1"]


def test_staff_may_open_again_what_is_not_ready_yet() -> None:
    bench = Bench(reserved())
    command(bench)
    bench.cabinet.close("A1")

    assert command(bench, command_id="d2") == OPEN


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"compartment_id": "B9"}, "UNKNOWN_COMPARTMENT"),
        ({"expire_ms": NOON_MS}, "COMMAND_EXPIRED"),
        ({"generation": 2}, "OTHER_USE"),
        ({"purpose": Purpose.TAKING_BACK}, "OTHER_USE"),
    ],
)
def test_a_command_for_something_else_opens_nothing(asked: dict[str, object], reason: str) -> None:
    bench = Bench(reserved())
    command(bench, **asked)

    assert (bench.doors.opened, bench.told) == ([], [f"refused {reason}"])


@pytest.mark.parametrize("state", [Wanted.READY, Wanted.EMPTY, Wanted.REVOKED])
def test_only_what_is_reserved_opens_for_loading(state: Wanted) -> None:
    bench = Bench(wanted(state))
    command(bench)

    assert bench.doors.opened == []


def test_commands_do_not_slow_the_panel_down() -> None:
    bench = Bench(reserved())
    command(bench, generation=2)

    assert bench.cabinet.wait_ms() == 0


def test_what_is_called_off_is_answered_once() -> None:
    bench = Bench(wanted())
    tell(bench, revoked())
    tell(bench, revoked(revision=10))

    assert bench.told == ["revoked"]


def test_what_is_called_off_after_it_was_opened_stays_opened() -> None:
    bench = Bench(wanted())
    type_in(bench)
    tell(bench, revoked())

    assert bench.told == ["opened"]


def test_what_is_called_off_while_staff_load_it_is_answered_when_the_door_is_shut() -> None:
    bench = Bench(reserved())
    command(bench)
    tell(bench, revoked())
    assert bench.told == []

    bench.cabinet.close("A1")
    assert bench.told == ["loaded", "revoked"]


def test_what_was_called_off_opens_for_staff_and_is_told_to_be_taken_back() -> None:
    bench = Bench(wanted())
    tell(bench, revoked())
    command(bench, purpose=Purpose.TAKING_BACK)
    bench.cabinet.close("A1")

    assert bench.told == ["revoked", "taken_back"]


@pytest.mark.parametrize(("generation", "revision"), [(1, 1), (1, 2), (0, 99)])
def test_what_was_known_before_is_not_believed_again(generation: int, revision: int) -> None:
    bench = Bench(wanted(Wanted.REVOKED, revision=2))
    tell(bench, wanted(generation=generation, revision=revision))

    assert bench.memory.compartments["A1"].wanted is Wanted.REVOKED


def test_the_next_use_opens_for_its_own_code() -> None:
    bench = Bench(wanted())
    type_in(bench)
    bench.cabinet.close("A1")
    tell(bench, wanted(generation=2))

    assert type_in(bench, FITS) == "WRONG_CODE"
    assert type_in(bench, [("A1", 2)]) == OPEN


def test_a_spent_nonce_is_forgotten_when_its_age_refuses_it() -> None:
    bench = Bench(wanted())
    scan(bench)
    bench.cabinet.close("A1")
    tell(bench, wanted(Wanted.RESERVED, generation=2))
    bench.now_ms += HOUR_MS + rules.CLOCK_BACK_MS
    command(bench, generation=2, expire_ms=bench.now_ms + 1)

    assert CLAIM.nonce_hex not in bench.memory.spent
    assert scan(bench) == "OTHER_USE"


def test_closing_a_door_that_is_shut_says_nothing() -> None:
    bench = Bench(wanted())

    assert (bench.cabinet.close("A1"), bench.cabinet.close("B9")) == (SHUT, SHUT)
    assert bench.told == []


def test_acknowledged_entries_are_forgotten_and_numbers_go_on() -> None:
    bench = Bench(wanted())
    type_in(bench, [])
    bench.cabinet.keep(rules.acknowledged(bench.memory, 1))
    type_in(bench, [])

    assert [entry.sequence for entry in bench.memory.journal] == [2]


@pytest.mark.parametrize("text", ["", "{}", "[]", json.dumps({"schema": 2}), '{"schema": 1}'])
def test_a_file_that_is_no_memory_is_not_read_as_one(text: str) -> None:
    with pytest.raises(UnreadableMemoryError):
        memory_from_json(text)
