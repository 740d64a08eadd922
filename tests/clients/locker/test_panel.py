"""How a cabinet decides what opens for a customer, without a line, a file or a clock."""

from dataclasses import replace

import pytest

from clients.locker import rules
from clients.locker.memory import Wanted
from clients.locker.rules import OPEN
from tests.clients.locker.doors import HOUR_MS, NOON_MS, Bench, PowerLostError, wanted
from tests.clients.locker.trying import CLAIM, command, reserved, revoked, scan, tell, type_in


@pytest.mark.parametrize("attempt", [scan, type_in])
def test_what_is_ready_opens_for_its_code(attempt: object) -> None:
    bench = Bench(wanted())

    assert attempt(bench) == OPEN  # type: ignore[operator]
    assert (bench.doors.opened, bench.told) == (["A1"], ["opened"])


@pytest.mark.parametrize("again", [scan, type_in])
@pytest.mark.parametrize("first", [scan, type_in])
def test_a_code_opens_once_in_either_form(first: object, again: object) -> None:
    bench = Bench(wanted())
    first(bench)  # type: ignore[operator]
    bench.cabinet.close("A1")

    assert again(bench) == "USED"  # type: ignore[operator]
    assert bench.doors.opened == ["A1"]


def test_a_door_that_was_to_open_when_power_was_lost_is_told_as_a_fault() -> None:
    bench = Bench(wanted())
    bench.disk.fail = "after"
    with pytest.raises(PowerLostError):
        scan(bench)
    bench.restart()

    assert bench.told == ["opened", "fault POWER_LOST"]


def test_the_journal_and_the_nonce_are_safe_before_the_door_opens() -> None:
    bench = Bench(wanted())
    scan(bench)

    (safe,) = bench.doors.safe
    assert [entry.happened.value for entry in safe.journal] == ["opened"]
    assert CLAIM.nonce_hex in safe.spent


@pytest.mark.parametrize("attempt", [scan, type_in])
def test_a_code_whose_opening_was_not_saved_still_opens(attempt: object) -> None:
    bench = Bench(wanted())
    bench.disk.fail = "before"
    with pytest.raises(PowerLostError):
        attempt(bench)  # type: ignore[operator]
    bench.restart()

    assert bench.doors.opened == []
    assert attempt(bench) == OPEN  # type: ignore[operator]


@pytest.mark.parametrize("attempt", [scan, type_in])
def test_a_code_whose_opening_was_saved_opens_no_more(attempt: object) -> None:
    bench = Bench(wanted())
    bench.disk.fail = "after"
    with pytest.raises(PowerLostError):
        attempt(bench)  # type: ignore[operator]
    bench.restart()

    assert attempt(bench) == "USED"  # type: ignore[operator]
    assert bench.doors.opened == []


@pytest.mark.parametrize(
    ("claimed", "reason"),
    [
        ({"cabinet_id": "c-lyon"}, "OTHER_CABINET"),
        ({"compartment_id": "B9"}, "OTHER_CABINET"),
        ({"generation": 2}, "OTHER_USE"),
        ({"order_id": "o2"}, "OTHER_USE"),
        ({"not_before_ms": NOON_MS + 1}, "TOO_EARLY"),
        ({"not_after_ms": NOON_MS}, "TOO_LATE"),
    ],
)
def test_a_capability_for_something_else_is_refused(
    claimed: dict[str, object], reason: str
) -> None:
    bench = Bench(wanted())

    assert scan(bench, **claimed) == reason
    assert (bench.doors.opened, bench.told) == ([], [f"refused {reason}"])


def test_a_capability_opens_until_its_last_millisecond() -> None:
    bench = Bench(wanted())
    bench.now_ms = NOON_MS + HOUR_MS - 1

    assert scan(bench) == OPEN


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (Wanted.EMPTY, "NOT_READY"),
        (Wanted.RESERVED, "NOT_READY"),
        (Wanted.REVOKED, "REVOKED"),
    ],
)
def test_what_is_not_ready_opens_for_nobody(state: Wanted, reason: str) -> None:
    assert scan(Bench(wanted(state))) == reason


def test_what_was_loaded_before_the_line_was_lost_opens_for_a_capability() -> None:
    bench = Bench(reserved())
    command(bench)
    bench.cabinet.close("A1")

    assert scan(bench) == OPEN


@pytest.mark.parametrize("attempt", [scan, type_in])
def test_a_door_that_stands_open_does_not_open(attempt: object) -> None:
    bench = Bench(reserved())
    command(bench)
    tell(bench, wanted(revision=2))

    assert attempt(bench) == "DOOR_OPEN"  # type: ignore[operator]


def test_digits_that_fit_two_doors_open_neither() -> None:
    other = replace(wanted(), compartment_id="A2")
    bench = Bench(wanted(), other)

    assert type_in(bench, [("A1", 1), ("A2", 1)]) == "AMBIGUOUS"


def test_digits_are_no_use_if_it_was_called_off_while_they_were_checked() -> None:
    bench = Bench(wanted())
    tell(bench, revoked())

    assert type_in(bench) == "WRONG_CODE"


@pytest.mark.parametrize(("hours", "reason"), [(-1, "TOO_EARLY"), (1, "TOO_LATE")])
def test_digits_open_in_their_time_alone(hours: int, reason: str) -> None:
    bench = Bench(wanted())
    bench.now_ms = NOON_MS + hours * HOUR_MS

    assert type_in(bench) == reason


def test_each_wrong_try_makes_the_panel_wait_longer_up_to_a_minute() -> None:
    bench, waits_s = Bench(wanted()), []
    for _ in range(8):
        type_in(bench, [])
        waits_s.append(bench.cabinet.wait_ms() // 1000)
        bench.now_ms += bench.cabinet.wait_ms()

    assert waits_s == [1, 2, 4, 8, 16, 32, 60, 60]


def test_the_right_code_ends_the_waiting() -> None:
    bench = Bench(wanted())
    type_in(bench, [])
    bench.now_ms += 1000
    type_in(bench)

    assert (bench.memory.wrong_count, bench.cabinet.wait_ms()) == (0, 0)


def test_a_loss_of_power_does_not_end_the_waiting() -> None:
    bench = Bench(wanted())
    type_in(bench, [])
    bench.restart()

    assert bench.cabinet.wait_ms() == 1000


def test_a_clock_set_back_makes_nobody_wait_for_hours() -> None:
    bench = Bench(wanted())
    type_in(bench, [])
    bench.now_ms -= 5 * HOUR_MS

    assert bench.cabinet.wait_ms() == 60_000


async def test_while_the_panel_waits_no_code_is_looked_at() -> None:
    bench = Bench(wanted())
    type_in(bench, [])
    saved_count = bench.disk.saved_count

    assert await bench.cabinet.type("12345678") == "WAIT"
    assert await bench.cabinet.scan("") == "WAIT"
    assert bench.disk.saved_count == saved_count


def test_guessing_for_days_does_not_fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "JOURNAL_REFUSED_MAX", 3)
    bench = Bench(wanted())
    for _ in range(9):
        type_in(bench, [])

    assert type_in(bench) == OPEN
    assert bench.told == ["refused WRONG_CODE"] * 3 + ["opened"]
