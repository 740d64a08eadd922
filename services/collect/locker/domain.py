"""What a cabinet is and what each of its compartments is for. Pure.

A compartment is free again only when the cabinet, or whoever stood before it, has said
that nothing lies inside: until then what was called off keeps its place.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from chassis.changes import Event
from chassis.errors import AppError, Kind
from services.collect.locker.cabinet import (
    Cabinet,
    DoorCommand,
    DoorPurpose,
    EntryKind,
    JournalEntry,
    Use,
    UseState,
)
from services.collect.point.domain import Compartment, Size

__all__ = ["Cabinet", "DoorPurpose", "EntryKind", "JournalEntry", "Use", "UseState"]

COMMAND_LIFE = timedelta(seconds=60)


class UnknownCabinetError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_CABINET"


class NoCompartmentError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "NO_COMPARTMENT"


class CompartmentInUseError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "COMPARTMENT_IN_USE"


class NotInCabinetError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "NOT_IN_CABINET"


class IllegalUseError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "ILLEGAL_USE"


class CabinetOfflineError(AppError):
    kind, reason = Kind.UNAVAILABLE, "CABINET_OFFLINE"


class JournalGapError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "JOURNAL_GAP"


def furnished(
    before: Cabinet | None,
    *,
    cabinet_id: str,
    point_id: str,
    location_id: str,
    compartments: Iterable[Compartment],
) -> Cabinet:
    """The cabinet with these compartments, or `before` itself where it stands so already.

    Raises CompartmentInUseError for one that is in use and would vanish.
    """
    cabinet = before or Cabinet(
        cabinet_id=cabinet_id, point_id=point_id, location_id=location_id, uses=()
    )
    there = {use.compartment_id: use for use in cabinet.uses}
    uses = tuple(
        replace(there.pop(c.compartment_id), size=c.size)
        if c.compartment_id in there
        else Use(compartment_id=c.compartment_id, size=c.size)
        for c in compartments
    )
    check_vanish(there.values())
    after = replace(cabinet, uses=uses, point_id=point_id, location_id=location_id)
    return cabinet if after == before else changed(after) if before else after


def check_vanish(uses: Iterable[Use]) -> None:
    for use in uses:
        if use.state is not UseState.EMPTY:
            raise CompartmentInUseError(
                f"compartment {use.compartment_id} holds an order: keep it until it is free",
                compartment_id=use.compartment_id,
            )


def has_room(cabinet: Cabinet, size: Size) -> bool:
    return any(use.state is UseState.EMPTY and use.size >= size for use in cabinet.uses)


def kept(cabinet: Cabinet, *, order_id: str, size: Size, now: datetime) -> Cabinet:
    """With the smallest free compartment that is large enough kept for the order.

    An order that has one keeps it. Raises NoCompartmentError.
    """
    if use_of(cabinet, order_id) is not None:
        return cabinet
    fit = [use for use in cabinet.uses if use.state is UseState.EMPTY and use.size >= size]
    if not fit:
        raise NoCompartmentError(
            "no free compartment is large enough: choose another slot or a counter",
            cabinet_id=cabinet.cabinet_id,
            size=size.name,
        )
    # Of the smallest, the one that has rested longest: all doors wear alike.
    free = min(fit, key=lambda use: (use.size, use.generation, use.compartment_id))
    generation = cabinet.generation + 1
    use = Use(
        compartment_id=free.compartment_id,
        size=free.size,
        generation=generation,
        revision=1,
        state=UseState.RESERVED,
        order_id=order_id,
    )
    return with_use(replace(cabinet, generation=generation), use)


def use_of(cabinet: Cabinet, order_id: str) -> Use | None:
    """The compartment that the order has, until it is known to be empty again."""
    return next((use for use in cabinet.uses if order_id and use.order_id == order_id), None)


def made_ready(
    cabinet: Cabinet, order_id: str, *, not_before: datetime, not_after: datetime
) -> Cabinet:
    """Opening for its code between these times; what is ready already stays as it is.

    Raises NotInCabinetError, IllegalUseError.
    """
    use = checked(cabinet, order_id, UseState.RESERVED, UseState.READY, to="made ready")
    if use.state is UseState.READY:
        return cabinet
    ready = moved(use, UseState.READY)
    return with_use(cabinet, replace(ready, not_before=not_before, not_after=not_after))


def called_off(cabinet: Cabinet, order_id: str) -> Cabinet:
    """Free at once where no door was ever asked to open; else REVOKED until the cabinet answers.

    Once called off, it stays so. Raises NotInCabinetError.
    """
    use = held(cabinet, order_id)
    if use.state is UseState.RESERVED and not use.asked:
        return freed(cabinet, use)
    if use.state in (UseState.RESERVED, UseState.READY):
        return with_use(cabinet, moved(use, UseState.REVOKED))
    return cabinet


def emptied(cabinet: Cabinet, order_id: str) -> Cabinet:
    """Free, as nothing lies inside any more, or nothing ever did.

    What was asked to open for loading is called off instead: nobody can know yet.
    Raises NotInCabinetError, IllegalUseError.
    """
    use = checked(cabinet, order_id, UseState.RESERVED, UseState.TO_EMPTY, to="emptied")
    return freed(cabinet, use) if use.state is UseState.TO_EMPTY else called_off(cabinet, order_id)


def door_asked(
    cabinet: Cabinet, order_id: str, *, command_id: str, purpose: DoorPurpose, now: datetime
) -> Cabinet:
    """With the order's door to be opened for staff; an older command for it is dropped.

    Raises CabinetOfflineError, NotInCabinetError, IllegalUseError.
    """
    wanted = UseState.RESERVED if purpose is DoorPurpose.LOADING else UseState.TO_EMPTY
    use = checked(cabinet, order_id, wanted, to=f"opened for {purpose.value}")
    if not cabinet.is_online(now):
        raise CabinetOfflineError(
            "the cabinet is not there: see to its line, then try again",
            cabinet_id=cabinet.cabinet_id,
        )
    command = DoorCommand(
        command_id=command_id,
        compartment_id=use.compartment_id,
        generation=use.generation,
        purpose=purpose,
        expire_time=now + COMMAND_LIFE,
    )
    others = without_commands(cabinet, use).commands
    waiting = tuple(other for other in others if now < other.expire_time)
    asked = replace(use, asked=use.asked or purpose is DoorPurpose.LOADING)
    return with_use(replace(cabinet, commands=(*waiting, command)), asked)


def applied(cabinet: Cabinet, entry: JournalEntry) -> Cabinet:
    """With the next entry of its journal taken in; itself where it was taken in before.

    A fact is never refused: what names no use of this cabinet only moves the journal on.
    LOADED makes nothing ready: until when it is kept is the order's to say.
    Raises JournalGapError for an entry beyond the next.
    """
    if entry.sequence <= cabinet.journal_sequence:
        return cabinet
    if entry.sequence != cabinet.journal_sequence + 1:
        raise gap(cabinet, entry.sequence)
    after = replace(cabinet, journal_sequence=entry.sequence)
    use = use_in(cabinet, entry)
    return after if use is None else settled(after, use, entry.kind)


def use_in(cabinet: Cabinet, entry: JournalEntry) -> Use | None:
    """The use that the entry tells of; None for one that is past, or of another cabinet."""
    use = use_of(cabinet, entry.order_id)
    named = (entry.cabinet_id, entry.compartment_id, entry.generation)
    if use is None or named != (cabinet.cabinet_id, use.compartment_id, use.generation):
        return None
    return use


def settled(cabinet: Cabinet, use: Use, kind: EntryKind) -> Cabinet:
    """What the use is after an entry of this kind."""
    match kind:
        case EntryKind.OPENED | EntryKind.TAKEN_BACK:
            return freed(cabinet, use)
        case EntryKind.LOADED:
            return with_use(without_commands(cabinet, use), replace(use, loaded=True))
        case EntryKind.REVOKED if use.state is UseState.REVOKED:
            return with_use(cabinet, left_inside(use)) if use.loaded else freed(cabinet, use)
        case _:
            return cabinet


def gap(cabinet: Cabinet, sequence: int) -> JournalGapError:
    return JournalGapError(
        f"entry {sequence} does not follow entry {cabinet.journal_sequence}: send the ones between",
        sequence=sequence,
        journal_sequence=cabinet.journal_sequence,
    )


def event_of(cabinet: Cabinet) -> Event:
    """What wakes the cabinet's stream; goes with every write that changes its `revision`."""
    detail = {"cabinet_id": cabinet.cabinet_id}
    return Event("cabinet_changed", cabinet.cabinet_id, cabinet.revision, detail, kind="cabinet")


def changed(cabinet: Cabinet) -> Cabinet:
    return replace(cabinet, revision=cabinet.revision + 1)


def with_use(cabinet: Cabinet, use: Use) -> Cabinet:
    uses = tuple(use if u.compartment_id == use.compartment_id else u for u in cabinet.uses)
    return changed(replace(cabinet, uses=uses))


def moved(use: Use, state: UseState) -> Use:
    return replace(use, state=state, revision=use.revision + 1)


def left_inside(use: Use) -> Use:
    return replace(moved(use, UseState.TO_EMPTY), loaded=True)


def freed(cabinet: Cabinet, use: Use) -> Cabinet:
    """The generation stays: what is told of the next use must be newer."""
    empty = Use(
        compartment_id=use.compartment_id,
        size=use.size,
        generation=use.generation,
        revision=use.revision + 1,
    )
    return with_use(without_commands(cabinet, use), empty)


def without_commands(cabinet: Cabinet, use: Use) -> Cabinet:
    others = tuple(c for c in cabinet.commands if c.compartment_id != use.compartment_id)
    return replace(cabinet, commands=others)


def held(cabinet: Cabinet, order_id: str) -> Use:
    use = use_of(cabinet, order_id)
    if use is None:
        raise NotInCabinetError(
            "the order has no compartment here", cabinet_id=cabinet.cabinet_id, order_id=order_id
        )
    return use


def checked(cabinet: Cabinet, order_id: str, *states: UseState, to: str) -> Use:
    use = held(cabinet, order_id)
    if use.state not in states:
        raise IllegalUseError(
            f"what is {use.state.value} cannot be {to}",
            cabinet_id=cabinet.cabinet_id,
            compartment_id=use.compartment_id,
            state=use.state.value,
        )
    return use
