"""What compartments are for, without a store, a stream or a clock."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.collect.locker.cabinet import Cabinet, DoorPurpose, EntryKind, UseState
from services.collect.locker.domain import (
    CabinetOfflineError,
    CompartmentInUseError,
    IllegalUseError,
    JournalGapError,
    NoCompartmentError,
    NotInCabinetError,
    applied,
    called_off,
    door_asked,
    emptied,
    event_of,
    furnished,
    has_room,
    kept,
    made_ready,
    use_of,
)
from services.collect.point.domain import Compartment, Size
from services.collect.point.intake import point_changed
from tests.collect.locker.cabinets import LATER, NOW, cabinet, entry
from tests.collect.shops import locker


def reserved(order_id: str = "o1", before: Cabinet | None = None) -> Cabinet:
    return kept(before or cabinet(), order_id=order_id, size=Size.S, now=NOW)


def asked(before: Cabinet, purpose: DoorPurpose = DoorPurpose.LOADING) -> Cabinet:
    there = replace(before, seen_time=NOW)
    return door_asked(there, "o1", command_id="d1", purpose=purpose, now=NOW)


def loaded() -> Cabinet:
    return applied(asked(reserved()), entry(EntryKind.LOADED))


def test_a_cabinet_named_as_a_point_is_told_of_as_of_another_record() -> None:
    told = event_of(cabinet()), point_changed(locker("c-paris"))
    assert told[0].key == told[1].key
    assert told[0].kind != told[1].kind


def ready() -> Cabinet:
    return made_ready(loaded(), "o1", not_before=NOW, not_after=LATER)


def state(after: Cabinet) -> UseState:
    return after.uses[0].state


def test_the_smallest_compartment_that_is_large_enough_is_kept() -> None:
    after = kept(cabinet(A1=Size.L, A2=Size.M, A3=Size.S), order_id="o1", size=Size.M, now=NOW)

    use = use_of(after, "o1")
    assert use is not None
    assert (use.compartment_id, use.state) == ("A2", UseState.RESERVED)


def test_a_larger_one_is_kept_where_no_smaller_is_free() -> None:
    after = reserved("o2", reserved("o1", cabinet(A1=Size.L, A2=Size.S)))

    assert [use.order_id for use in after.uses] == ["o2", "o1"]


def test_without_a_free_one_that_is_large_enough_nothing_is_kept() -> None:
    small = cabinet(A1=Size.S)

    assert not has_room(small, Size.M)
    with pytest.raises(NoCompartmentError):
        kept(small, order_id="o1", size=Size.M, now=NOW)


def test_an_order_that_has_a_compartment_keeps_it() -> None:
    once = reserved("o1", cabinet(A1=Size.S, A2=Size.S))

    assert reserved("o1", once) is once


def test_an_order_whose_door_was_never_asked_to_open_leaves_it_free_at_once() -> None:
    after = called_off(reserved(), "o1")

    assert (state(after), use_of(after, "o1")) == (UseState.EMPTY, None)


def test_what_may_have_been_loaded_is_called_off_until_the_cabinet_answers() -> None:
    after = called_off(asked(reserved()), "o1")

    assert state(after) is UseState.REVOKED
    assert state(applied(after, entry(EntryKind.REVOKED))) is UseState.EMPTY


def test_emptying_what_may_have_been_loaded_calls_it_off() -> None:
    assert state(emptied(asked(reserved()), "o1")) is UseState.REVOKED
    assert state(emptied(reserved(), "o1")) is UseState.EMPTY


def test_what_was_loaded_after_it_was_called_off_is_to_be_taken_out() -> None:
    off = called_off(asked(reserved()), "o1")
    after = applied(applied(off, entry(EntryKind.LOADED)), entry(EntryKind.REVOKED, 2))

    assert state(after) is UseState.TO_EMPTY


def test_what_lies_inside_keeps_its_place_until_it_is_taken_out() -> None:
    inside = applied(called_off(ready(), "o1"), entry(EntryKind.REVOKED, 2))
    out = applied(asked(inside, DoorPurpose.TAKING_BACK), entry(EntryKind.TAKEN_BACK, 3))

    assert (state(inside), inside.free_count) == (UseState.TO_EMPTY, 0)
    assert (state(out), out.free_count, out.commands) == (UseState.EMPTY, 1, ())


def test_what_was_collected_before_the_cabinet_heard_that_it_was_called_off_is_gone() -> None:
    after = applied(called_off(ready(), "o1"), entry(EntryKind.OPENED, 2))

    assert (state(after), use_of(after, "o1")) == (UseState.EMPTY, None)


def test_calling_off_twice_is_calling_off_once() -> None:
    once = called_off(ready(), "o1")

    assert called_off(once, "o1") is once


def test_loading_again_leaves_what_is_ready_ready() -> None:
    again = applied(ready(), entry(EntryKind.LOADED, 2))

    assert made_ready(again, "o1", not_before=NOW, not_after=NOW) is again
    assert state(again) is UseState.READY


@pytest.mark.parametrize("before", [ready(), called_off(ready(), "o1")])
def test_what_may_lie_inside_is_not_emptied_by_wish(before: Cabinet) -> None:
    with pytest.raises(IllegalUseError):
        emptied(before, "o1")


def test_what_was_called_off_is_not_made_ready() -> None:
    with pytest.raises(IllegalUseError):
        made_ready(called_off(ready(), "o1"), "o1", not_before=NOW, not_after=LATER)


def test_an_order_without_a_compartment_has_nothing_to_call_off() -> None:
    with pytest.raises(NotInCabinetError):
        called_off(cabinet(), "o1")


def test_no_door_is_asked_of_a_cabinet_that_was_not_heard_for_a_minute() -> None:
    silent = replace(reserved(), seen_time=NOW - timedelta(seconds=60))

    with pytest.raises(CabinetOfflineError):
        door_asked(silent, "o1", command_id="d1", purpose=DoorPurpose.LOADING, now=NOW)


@pytest.mark.parametrize("purpose", list(DoorPurpose))
def test_staff_open_no_door_that_a_customer_may_open(purpose: DoorPurpose) -> None:
    with pytest.raises(IllegalUseError):
        asked(ready(), purpose)


def test_a_newer_command_for_a_door_takes_the_place_of_the_older() -> None:
    twice = door_asked(
        asked(reserved()), "o1", command_id="d2", purpose=DoorPurpose.LOADING, now=NOW
    )

    assert [command.command_id for command in twice.commands] == ["d2"]


def test_commands_that_are_too_old_are_forgotten() -> None:
    both = reserved("o2", reserved("o1", cabinet(A1=Size.S, A2=Size.S)))
    later = NOW + timedelta(seconds=60)
    after = door_asked(
        replace(asked(both), seen_time=later),
        "o2",
        command_id="d2",
        purpose=DoorPurpose.LOADING,
        now=later,
    )

    assert [command.command_id for command in after.commands] == ["d2"]


def test_an_entry_that_came_before_changes_nothing() -> None:
    after = loaded()

    assert applied(after, entry(EntryKind.OPENED)) is after


def test_an_entry_that_does_not_follow_the_last_is_refused_with_where_to_go_on() -> None:
    with pytest.raises(JournalGapError) as caught:
        applied(reserved(), entry(EntryKind.LOADED, 2))

    assert caught.value.metadata == {"sequence": "2", "journal_sequence": "0"}


@pytest.mark.parametrize(
    "stranger",
    [
        entry(EntryKind.OPENED, generation=7),
        entry(EntryKind.OPENED, at="B9"),
        entry(EntryKind.OPENED, order_id="o9"),
        entry(EntryKind.OPENED, order_id=""),
        replace(entry(EntryKind.OPENED), cabinet_id="c-lyon"),
    ],
)
def test_a_fact_about_no_use_of_ours_only_moves_the_journal_on(stranger: object) -> None:
    before = reserved()

    assert applied(before, stranger) == replace(before, journal_sequence=1)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [EntryKind.REFUSED, EntryKind.FAULT, EntryKind.OTHER])
def test_what_is_only_told_changes_no_use(kind: EntryKind) -> None:
    before = reserved()

    assert applied(before, entry(kind)).uses == before.uses


def test_each_use_of_any_compartment_has_a_higher_generation() -> None:
    first = called_off(reserved(), "o1")
    removed = refurnished(first, Compartment("B1", Size.M))
    back = refurnished(removed, Compartment("A1", Size.M))

    assert [use.generation for use in reserved("o2", back).uses] == [2]


def refurnished(before: Cabinet, *compartments: Compartment) -> Cabinet:
    return furnished(
        before,
        cabinet_id=before.cabinet_id,
        point_id=before.point_id,
        location_id=before.location_id,
        compartments=compartments,
    )


def test_a_compartment_in_use_does_not_vanish() -> None:
    with pytest.raises(CompartmentInUseError):
        refurnished(reserved(), Compartment("B1", Size.S))


def test_a_cabinet_that_stands_as_it_is_wanted_stays_itself() -> None:
    before = reserved()

    assert refurnished(before, Compartment("A1", Size.M)) is before
