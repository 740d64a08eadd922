"""How a cabinet's stream is taken up, and its entries taken in, one write each. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeAlias

from chassis.changes import Changed
from chassis.errors import AppError, Kind
from chassis.records import Ref, State
from services.collect.locker.cabinet import Cabinet, JournalEntry
from services.collect.locker.domain import changed, gap

# Often enough to count as online, seldom enough to cost nothing.
SEEN_EVERY = timedelta(seconds=20)

# What an entry makes of the cabinet and of the order it tells of; see `domain.applied`.
OnEntry: TypeAlias = Callable[[State, JournalEntry, datetime], Changed[Cabinet]]
# The records that OnEntry reads, the cabinet among them.
RefsFor: TypeAlias = Callable[[str, JournalEntry], list[Ref[Any]]]


class StreamReplacedError(AppError):
    kind, reason = Kind.ABORTED, "STREAM_REPLACED"


class StreamSilentError(AppError):
    kind, reason = Kind.ABORTED, "STREAM_SILENT"


class ReceiptKey(NamedTuple):
    """An entry of the journal that one key has written."""

    cabinet_id: str
    public_key_hex: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """A journal entry as the cabinet signed it: it cannot deny it."""

    key: ReceiptKey
    entry: bytes
    signature: bytes


def attached(cabinet: Cabinet, *, last_sequence: int, now: datetime) -> Cabinet:
    """With a new stream, which ends those before. Raises JournalGapError.

    A journal that ends before what it told is another one: taking its entries for
    repeats would lose them.
    """
    if last_sequence < cabinet.journal_sequence:
        raise gap(cabinet, last_sequence)
    return changed(replace(cabinet, stream_epoch=cabinet.stream_epoch + 1, seen_time=now))


def heard(cabinet: Cabinet, *, now: datetime) -> Cabinet:
    """Seen now, or itself if that was written a moment ago."""
    if cabinet.seen_time is not None and now - cabinet.seen_time < SEEN_EVERY:
        return cabinet
    return replace(cabinet, seen_time=now)


def check_epoch(cabinet: Cabinet, epoch: int) -> Cabinet:
    """Raises StreamReplacedError."""
    if cabinet.stream_epoch != epoch:
        raise StreamReplacedError(
            "a newer stream of this cabinet has taken over, or its key was replaced",
            cabinet_id=cabinet.cabinet_id,
        )
    return cabinet


def taken_in(
    state: State,
    cabinet: Cabinet,
    entry: JournalEntry,
    receipt: Receipt,
    *,
    on_entry: OnEntry,
    now: datetime,
) -> Changed[Cabinet]:
    """What `on_entry` makes of an entry, with its receipt; nothing where it came before."""
    if entry.sequence <= cabinet.journal_sequence:
        return Changed(answer=cabinet)
    after = on_entry(state, entry, now)
    return replace(after, records=(*after.records, receipt))
