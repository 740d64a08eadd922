"""The log of what has happened, in order, and its cursors. Knows no engine."""

import base64
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

from chassis.errors import AppError, Kind
from chassis.packing import first_of, last_of, packed, placed, unpacked
from chassis.records import Document
from chassis.signals import Signal

# Nothing is appended but by this process, which tells.
ALONE_PAUSE_S = 0.5


class CursorTooOldError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "CURSOR_TOO_OLD"


class InvalidCursorError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_CURSOR"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """An event at its place in the log, from 1, without gaps."""

    position: int
    name: str
    key: str
    revision: int
    detail: Mapping[str, Any]
    occur_time: datetime


@dataclass(frozen=True, slots=True)
class LogCursor:
    """Behind the event at `position`, of the log that began with `epoch`."""

    epoch: str
    position: int


class Batch(NamedTuple):
    """Events asked for, and the position up to which there are no others."""

    events: tuple[LoggedEvent, ...]
    position: int


class EventLog(Protocol):
    async def oldest(self) -> LogCursor:
        """Before the oldest event kept."""

    async def head(self) -> LogCursor:
        """Behind the newest event."""

    async def since(self, instant: datetime) -> LogCursor:
        """Before the first event kept that happened at or after `instant`."""

    async def read(self, position: int, limit: int, names: Collection[str] = ()) -> Batch:
        """What follows `position`: up to `limit` events, of `names` alone if there are any.

        Raises CursorTooOldError when what follows is no longer kept.
        """

    @property
    def appended(self) -> Signal:
        """Set when there is something new; look all the same after its pause."""


def encode_cursor(cursor: LogCursor) -> str:
    return base64.urlsafe_b64encode(f"{cursor.epoch} {cursor.position}".encode()).decode()


def decode_cursor(text: str) -> LogCursor:
    """Raises InvalidCursorError for what `encode_cursor` did not make."""
    try:
        content = base64.b64decode(text, altchars=b"-_", validate=True).decode()
        epoch, position = content.split(" ")
        if not position.isascii() or not position.isdecimal():
            raise ValueError
        return LogCursor(epoch, int(position))
    except ValueError:
        raise InvalidCursorError("the cursor did not come from this service") from None


async def position_of(log: EventLog, text: str) -> LogCursor:
    """Where a caller with the cursor `text` goes on; empty is from the oldest event.

    Raises InvalidCursorError, and CursorTooOldError for a cursor of another
    epoch, or ahead of a log that was restored.
    """
    if not text:
        return await log.oldest()
    cursor, head = decode_cursor(text), await log.head()
    if cursor.epoch != head.epoch or cursor.position > head.position:
        raise too_old(cursor.position)
    if cursor.position < (await log.oldest()).position:
        raise too_old(cursor.position)
    return cursor


def too_old(position: int) -> CursorTooOldError:
    return CursorTooOldError(
        f"what follows position {position} is no longer kept: take a snapshot", position=position
    )


def batch_of(
    documents: Iterable[Document], position: int, limit: int, names: Collection[str]
) -> Batch:
    """Of what `documents` hold behind `position`, the first `limit` events.

    Raises CursorTooOldError where positions do not follow one another.
    """
    events, end = list[LoggedEvent](), position + limit
    for document in documents:
        first, last = first_of(document), last_of(document)
        if not first <= position + 1 <= last:
            raise too_old(position)
        for at, event in enumerate(unpacked([document]), first):
            if position < at <= end and (not names or event["name"] in names):
                events.append(event_at(at, event))
        position = min(last, end)
        if position == end:
            break
    return Batch(tuple(events), position)


def event_at(position: int, event: Document) -> LoggedEvent:
    return LoggedEvent(
        position=position,
        name=event["name"],
        key=event["key"],
        revision=event["revision"],
        detail=event["detail"],
        occur_time=event["occur_time"],
    )


def events_in(document: Document) -> list[LoggedEvent]:
    """All that a document of the log holds."""
    return list(batch_of([document], first_of(document) - 1, last_of(document), ()).events)


def gone_count(oldest: Sequence[Document], before: datetime) -> int:
    """How many of the `oldest` documents to forget.

    Never the last of them, which may be the newest there is and says where the log goes on;
    and none behind a younger one: a clock that was wrong makes no gap.
    """
    return sum(1 for _ in takewhile(lambda each: each["occur_time"] < before, oldest[:-1]))


class MemoryLog:
    """The specification of MongoLog; what is appended is in the log at once."""

    def __init__(self) -> None:
        self._appended = Signal(pause_s=ALONE_PAUSE_S)
        self._epoch = uuid4().hex
        self._documents: list[Document] = []

    @property
    def appended(self) -> Signal:
        return self._appended

    def append(self, events: Iterable[Document]) -> None:
        """What one write tells, each event as `event_to_document` makes it."""
        self._documents += placed(packed(events), self._head)
        self._appended.set()

    async def oldest(self) -> LogCursor:
        trimmed = first_of(self._documents[0]) - 1 if self._documents else 0
        return LogCursor(self._epoch, trimmed)

    async def head(self) -> LogCursor:
        return LogCursor(self._epoch, self._head)

    async def since(self, instant: datetime) -> LogCursor:
        for document in self._documents:
            if document["occur_time"] >= instant:
                return LogCursor(self._epoch, first_of(document) - 1)
        return await self.head()

    async def read(self, position: int, limit: int, names: Collection[str] = ()) -> Batch:
        first = bisect_right(self._documents, position, key=last_of)
        return batch_of(self._documents[first : first + limit], position, limit, names)

    async def trim(self, before: datetime, limit: int) -> int:
        """Forget up to `limit` of the oldest documents, those of before `before`; answers how
        many.

        The newest always stays, and so does what lies behind a younger one.
        """
        gone = gone_count(self._documents[: limit + 1], before)
        del self._documents[:gone]
        return gone

    async def begin_epoch(self) -> None:
        """Make every cursor too old: after a restore, positions mean other events."""
        self._epoch = uuid4().hex

    @property
    def _head(self) -> int:
        return last_of(self._documents[-1]) if self._documents else 0
