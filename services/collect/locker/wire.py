"""What goes over a cabinet's stream, to and from protobuf. Checks form, decides nothing."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from comptoir.collect.v1 import locker_service_pb2 as pb
from google.protobuf.message import DecodeError
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.errors import AppError, Kind, Violation
from chassis.keys import SigningKey
from services.collect.locker.cabinet import (
    Cabinet,
    DoorCommand,
    DoorPurpose,
    EntryKind,
    JournalEntry,
    Use,
    UseState,
)
from services.collect.locker.capability import Secrets, Verifiers, is_signed
from services.collect.locker.enrolment import unknown_key

ID_LENGTH_MAX = 64
FIRMWARE_LENGTH_MAX = 100
ENTRY_BYTES_MAX = 1024
SEQUENCE_MAX = 2**62
REASON = re.compile(r"([A-Z][A-Z0-9_]{0,63})?")
TO_EMPTY_MAX = 50

STATE_TO_PB = {
    UseState.EMPTY: pb.ASSIGNMENT_STATE_EMPTY,
    UseState.RESERVED: pb.ASSIGNMENT_STATE_RESERVED,
    UseState.READY: pb.ASSIGNMENT_STATE_READY,
    UseState.REVOKED: pb.ASSIGNMENT_STATE_REVOKED,
    # What staff are to take out is called off all the same: the cabinet need not know more.
    UseState.TO_EMPTY: pb.ASSIGNMENT_STATE_REVOKED,
}
PURPOSE_TO_PB = {
    DoorPurpose.LOADING: pb.DOOR_PURPOSE_LOADING,
    DoorPurpose.TAKING_BACK: pb.DOOR_PURPOSE_TAKING_BACK,
}
KIND_FROM_PB = {
    pb.JOURNAL_KIND_LOADED: EntryKind.LOADED,
    pb.JOURNAL_KIND_OPENED: EntryKind.OPENED,
    pb.JOURNAL_KIND_REFUSED: EntryKind.REFUSED,
    pb.JOURNAL_KIND_REVOKED: EntryKind.REVOKED,
    pb.JOURNAL_KIND_TAKEN_BACK: EntryKind.TAKEN_BACK,
    pb.JOURNAL_KIND_FAULT: EntryKind.FAULT,
}


class InvalidEntryError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_ENTRY"


def hello_from_pb(message: pb.AttachRequest) -> pb.Hello:
    """Raises InvalidEntryError for another message, or one beyond its limits."""
    hello = message.hello
    if message.WhichOneof("message") != "hello":
        raise invalid("hello", "send it first")
    if not 0 <= hello.last_sequence <= SEQUENCE_MAX:
        raise invalid("hello.last_sequence", "the number of the journal's newest entry, or zero")
    if len(hello.firmware) > FIRMWARE_LENGTH_MAX:
        raise invalid("hello.firmware", f"at most {FIRMWARE_LENGTH_MAX} characters")
    return hello


def entry_from_pb(signed: pb.SignedEntry, cabinet: Cabinet) -> JournalEntry:
    """A journal entry of this cabinet. Raises InvalidEntryError, UnknownCabinetKeyError."""
    if cabinet.public_key is None:
        raise unknown_key()
    if len(signed.entry) > ENTRY_BYTES_MAX:
        raise invalid("entry.entry", f"at most {ENTRY_BYTES_MAX} bytes")
    if not is_signed(cabinet.public_key, signed.entry, signed.signature):
        raise invalid("entry.signature", "sign the bytes of `entry` with the enrolled key")
    try:
        entry = pb.JournalEntry.FromString(signed.entry)
    except DecodeError:
        raise invalid("entry.entry", "a serialised JournalEntry") from None
    check_entry(entry)
    return JournalEntry(
        cabinet_id=cabinet.cabinet_id,
        sequence=entry.sequence,
        kind=KIND_FROM_PB.get(entry.kind, EntryKind.OTHER),
        occur_time=entry_time(entry),
        compartment_id=entry.compartment_id,
        generation=entry.generation,
        order_id=entry.order_id,
        reason=entry.reason,
    )


def check_entry(entry: pb.JournalEntry) -> None:
    """Raises InvalidEntryError."""
    if not 1 <= entry.sequence <= SEQUENCE_MAX:
        raise invalid("sequence", "counts from 1")
    if entry.kind == pb.JOURNAL_KIND_UNSPECIFIED:
        raise invalid("kind", "say what happened")
    if max(len(entry.compartment_id), len(entry.order_id)) > ID_LENGTH_MAX:
        raise invalid("order_id", f"ids have at most {ID_LENGTH_MAX} characters")
    if not REASON.fullmatch(entry.reason):
        raise invalid("reason", "UPPER_SNAKE, at most 64 characters")


def entry_time(entry: pb.JournalEntry) -> datetime:
    occur_time = time_from_pb(entry.occur_time)
    if not entry.HasField("occur_time") or occur_time is None:
        raise invalid("occur_time", "when it happened, by the cabinet's clock")
    return occur_time


def time_from_pb(timestamp: Timestamp) -> datetime | None:
    """To the millisecond, as records keep it. None for a time out of range."""
    try:
        time = timestamp.ToDatetime(UTC)
    except (ValueError, OverflowError):
        return None
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def invalid(field: str, description: str) -> InvalidEntryError:
    return InvalidEntryError(
        f"{field}: {description}", field=field, violations=(Violation(field, description),)
    )


async def assignment_to_pb(
    cabinet_id: str, use: Use, secrets: Secrets, verifiers: Verifiers
) -> pb.AttachResponse:
    assignment = pb.Assignment(
        compartment_id=use.compartment_id,
        generation=use.generation,
        revision=use.revision,
        state=STATE_TO_PB[use.state],
        order_id=use.order_id,
    )
    if use.state is UseState.READY:
        assert use.not_before is not None and use.not_after is not None, "a READY use has times"
        assignment.code_salt = secrets.salt(cabinet_id, use)
        assignment.code_verifier = await verifiers.of(cabinet_id, use)
        assignment.not_before_time.FromDatetime(use.not_before)
        assignment.not_after_time.FromDatetime(use.not_after)
    return pb.AttachResponse(assignment=assignment)


def command_to_pb(command: DoorCommand) -> pb.AttachResponse:
    door = pb.OpenDoor(
        command_id=command.command_id,
        compartment_id=command.compartment_id,
        generation=command.generation,
        purpose=PURPOSE_TO_PB[command.purpose],
    )
    door.expire_time.FromDatetime(command.expire_time)
    return pb.AttachResponse(open_door=door)


def keys_to_pb(keys: Iterable[SigningKey]) -> pb.AttachResponse:
    sent = [pb.SigningKey(key_id=key.key_id, public_key=key.public_bytes) for key in keys]
    return pb.AttachResponse(keys=pb.SigningKeys(keys=sent))


def acknowledgement_to_pb(cabinet: Cabinet) -> pb.AttachResponse:
    safe = pb.Acknowledgement(sequence=cabinet.journal_sequence)
    return pb.AttachResponse(acknowledgement=safe)


def cabinet_to_pb(cabinet: Cabinet, now: datetime, *, orders: bool) -> pb.Cabinet:
    """With what staff are to take out if `orders`: which those are is no installer's business."""
    to_empty = [use for use in cabinet.uses if orders and use.state is UseState.TO_EMPTY]
    message = pb.Cabinet(
        cabinet_id=cabinet.cabinet_id,
        point_id=cabinet.point_id,
        online=cabinet.is_online(now),
        free_count=cabinet.free_count,
        total_count=len(cabinet.uses),
        to_empty=[
            pb.ToEmpty(compartment_id=use.compartment_id, order_id=use.order_id)
            for use in to_empty[:TO_EMPTY_MAX]
        ],
        location_id=cabinet.location_id,
        enrolled=cabinet.public_key is not None,
    )
    if cabinet.seen_time is not None:
        message.seen_time.FromDatetime(cabinet.seen_time)
    return message
