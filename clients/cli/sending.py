"""Sends entries down an Import stream: a bounded number in flight, again where one is cut.

A service answers in order, each time with how many of the stream it has read. So what waits
for an answer is the newest part of what was sent, and a new stream begins with it: what went
in already is unchanged.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

import grpc
from comptoir.type.v1.rejection_pb2 import ImportProgress, Rejection

from clients.cli.ends import End
from clients.cli.entries import Entry, Note, Read, Refusal
from clients.cli.report import Count, Report
from clients.house import CannotRunError, Session, words_of

M = TypeVar("M")

# Four chunks of a service: it never waits for us, and neither side holds more than this.
IN_FLIGHT_MAX = 2000
# Of a message of several items; services take 1 MiB, and no item is larger than half of that.
PACKED_BYTES_MAX = 256 << 10
# Streams carry the token they began with, and tokens live ten minutes.
STREAM_S_MAX = 480.0
TRIES_MAX = 5
PAUSE_FIRST_S, PAUSE_MAX_S = 0.2, 5.0
# A cut stream may always be begun again: imports are idempotent on what they bring.
AGAIN = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.UNAUTHENTICATED,
    }
)


class Sent(NamedTuple, Generic[M]):
    """An entry under the number it goes out with: entries' places need not grow."""

    number: int
    entry: Entry[M]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """How many items go into one message, and how many may wait for an answer."""

    pack: Callable[[Sequence[Any]], Any]
    count_max: int
    in_flight_max: int


ONE_BY_ONE = Packing(pack=itemgetter(0), count_max=1, in_flight_max=IN_FLIGHT_MAX)


class Sending(Generic[M]):
    """`open` begins a stream; `wrap(number, value)` makes its items, `packing` its messages."""

    def __init__(
        self,
        name: str,
        entries: Iterator[Read[M]],
        *,
        open: Callable[..., Any],
        wrap: Callable[[int, M], Any],
        session: Session,
        report: Report,
        packing: Packing = ONE_BY_ONE,
    ) -> None:
        self._packing = packing
        self._entries = entries
        self._open = open
        self._wrap = wrap
        self._session = session
        self._report = report
        self._waiting: deque[Sent[M]] = deque()
        self._number = 0
        self._is_read = False
        self._answered = asyncio.Event()
        self.count = Count(name=name)

    async def run(self) -> Count:
        """Raises CannotRunError when the service cannot be reached, or refuses the stream."""
        failed_count = 0
        while self._waiting or not self._is_read:
            before = self.count.read
            error = await self._stream()
            failed_count = 0 if self.count.read > before else failed_count + 1
            if error is not None:
                await self._pause(error, failed_count)
            elif failed_count >= TRIES_MAX:
                raise CannotRunError("the service ends the stream and answers nothing: try later")
        return self.count

    async def _pause(self, error: grpc.aio.AioRpcError, failed_count: int) -> None:
        if error.code() not in AGAIN or failed_count >= TRIES_MAX:
            raise CannotRunError(
                f"{words_of(error)} ({self.count}; run it again: what went in stays unchanged)"
            ) from error
        if error.code() is grpc.StatusCode.UNAUTHENTICATED:
            self._session.forget()
        pause_s = min(PAUSE_FIRST_S * 2**failed_count, PAUSE_MAX_S)
        await asyncio.sleep(random.uniform(pause_s / 2, pause_s))

    async def _stream(self) -> grpc.aio.AioRpcError | None:
        """One stream to its end; what it ended with if that may be expected."""
        try:
            call = self._open(metadata=await self._session.metadata(), timeout=2 * STREAM_S_MAX)
        except grpc.aio.AioRpcError as error:
            return error
        end = End(call)
        reading = asyncio.create_task(self._read(call))
        writing = asyncio.create_task(self._write(call))
        try:
            # Whichever ends first: nothing more is answered to who writes on a stream that ended.
            await asyncio.wait([reading, writing], return_when=asyncio.FIRST_COMPLETED)
            if writing.done():
                writing.result()  # Raises what has gone wrong with the file.
            try:
                await reading
            except grpc.aio.AioRpcError as error:
                return await end.of(error)
            return None
        finally:
            call.cancel()
            for task in (reading, writing):
                task.cancel()
            await asyncio.gather(reading, writing, return_exceptions=True)

    async def _write(self, call: Any) -> None:
        """What waits, then what comes from the file, until all is sent or the stream is old.

        A stream that ends meanwhile tells so to its reader.
        """
        with suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
            due_s = time.monotonic() + STREAM_S_MAX
            again = iter(list(self._waiting))
            while items := self._packed(again):
                await call.write(self._packing.pack(items))
            while time.monotonic() < due_s and (items := await self._newest()):
                await call.write(self._packing.pack(items))
            await call.done_writing()

    async def _newest(self) -> list[Any]:
        """Empty at the end of the file."""
        while len(self._waiting) + self._packing.count_max > self._packing.in_flight_max:
            self._answered.clear()
            await self._answered.wait()
        return self._packed(iter(self._next, None))

    def _packed(self, sent: Iterator[Sent[M]]) -> list[Any]:
        """The next that go into one message."""
        items, size_bytes = list[Any](), 0
        for each in islice(sent, self._packing.count_max):
            items.append(self._wrap(each.number, each.entry.value))
            size_bytes += items[-1].ByteSize()
            if size_bytes >= PACKED_BYTES_MAX:
                break
        return items

    def _next(self) -> Sent[M] | None:
        for read in self._entries:
            if isinstance(read, Refusal):
                self._report.reject(read.place, read.note)
                self.count = self.count.add(rejected=1)
                continue
            for note in read.notes:
                self._report.note(read.place, note)
            self._number += 1
            sent = Sent(self._number, read)
            self._waiting.append(sent)
            return sent
        self._is_read = True
        return None

    async def _read(self, call: Any) -> None:
        before = ImportProgress()
        async for response in call:
            self._take(before, response.progress)
            before = response.progress

    def _take(self, before: ImportProgress, progress: ImportProgress) -> None:
        answered_count = min(progress.read_count - before.read_count, len(self._waiting))
        answered = [self._waiting.popleft() for _ in range(answered_count)]
        if progress.rejections:
            self._reject(progress.rejections, answered)
        self.count = self.count.add(
            written=progress.written_count - before.written_count,
            unchanged=progress.unchanged_count - before.unchanged_count,
            rejected=len(progress.rejections),
        )
        self._report.count(self.count)
        self._answered.set()

    def _reject(self, rejections: Iterable[Rejection], answered: Iterable[Sent[M]]) -> None:
        places = {sent.number: sent.entry.place for sent in answered}
        for rejection in rejections:
            if (place := places.get(rejection.number)) is not None:
                self._report.reject(place, Note(rejection.reason, rejection.message))
