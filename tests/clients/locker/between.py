"""What house and cabinet say to each other, without the line: from one's words to the other's."""

from datetime import UTC, datetime

from clients.locker.memory import Compartment, Entry, Wanted
from services.collect.locker.cabinet import EntryKind, JournalEntry, Use, UseState

WANTED = {
    UseState.EMPTY: Wanted.EMPTY,
    UseState.RESERVED: Wanted.RESERVED,
    UseState.READY: Wanted.READY,
    UseState.REVOKED: Wanted.REVOKED,
    UseState.TO_EMPTY: Wanted.REVOKED,
}


def time_of(now_ms: int) -> datetime:
    return datetime.fromtimestamp(now_ms / 1000, UTC)


def ms_of(time: datetime | None) -> int:
    return 0 if time is None else int(time.timestamp() * 1000)


def told(use: Use) -> Compartment:
    return Compartment(
        compartment_id=use.compartment_id,
        generation=use.generation,
        revision=use.revision,
        wanted=WANTED[use.state],
        order_id=use.order_id,
        not_before_ms=ms_of(use.not_before),
        not_after_ms=ms_of(use.not_after),
    )


def entry_of(entry: Entry) -> JournalEntry:
    return JournalEntry(
        cabinet_id="c-paris",
        sequence=entry.sequence,
        kind=EntryKind(entry.happened.value),
        occur_time=time_of(entry.occur_ms),
        compartment_id=entry.compartment_id,
        generation=entry.generation,
        order_id=entry.order_id,
        reason=entry.reason,
    )
