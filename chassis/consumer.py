"""Follows another service's events: each one's effect happens once. Knows no engine.

Effect and cursor are written in one transaction, by compare-and-set on the
cursor, so that any number of replicas may follow; those who are overtaken wait.
"""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import grpc
from comptoir.type.v1 import event_service_pb2 as pb

from chassis.changes import Changed
from chassis.errors import AppError, Kind
from chassis.progress import (
    CURSORS,
    PARKED,
    Cursor,
    Effect,
    OvertakenError,
    Parked,
    ParkedKey,
    cursor_in,
    moved,
    parked,
    unparked,
)
from chassis.records import Change, Records, Ref, State, Where
from chassis.remote import app_error_from

Handler: TypeAlias = Callable[[pb.Event], Effect | None]
# Where to go on, when events are no longer kept: a cursor noted before a snapshot was taken.
Resync: TypeAlias = Callable[[], Awaitable[str]]

TRIES_MAX = 5
UPDATE_TIMEOUT_S = 5.0
PAUSE_FIRST_S = 0.05
PAUSE_MAX_S = 2.0
FOLLOWER_PAUSE_S = 0.5
# The source sends something every second: longer silence is a broken line.
SILENCE_S_MAX = 5.0
RETRY_MAX = 1000
TRANSIENT = frozenset({Kind.UNAVAILABLE, Kind.DEADLINE_EXCEEDED, Kind.ABORTED})

log = logging.getLogger(__name__)


BEHIND_ANOTHER = "BehindAnother"
NOTHING = Effect((), lambda state: Changed(answer=None))


class SilentSourceError(AppError):
    kind, reason = Kind.UNAVAILABLE, "SILENT_SOURCE"


async def from_the_oldest() -> str:
    return ""


class Retried(NamedTuple):
    """How many parked events were taken, and the name of the error that stopped it, if one did."""

    taken_count: int
    failure: str = ""


class Consumer:
    """Follows `source` under `name`; events that `handlers` do not name are not asked for.

    `records` must keep CONSUMER_KINDS. An event that fails TRIES_MAX times is
    parked, with every later one of its key behind it, until `retry_parked`, or until an
    operator discards it.
    """

    def __init__(
        self,
        name: str,
        source: Any,
        records: Records,
        handlers: Mapping[str, Handler],
        *,
        resync: Resync = from_the_oldest,
    ) -> None:
        self._name = name
        self._source = source
        self._records = records
        self._handlers = handlers
        self._resync = resync
        self._stored = Cursor(consumer=name)

    @property
    def name(self) -> str:
        return self._name

    async def run(self) -> None:
        """Until cancelled, through every absence of the source and of the engine."""
        pause_s = PAUSE_FIRST_S
        while True:
            before = self._stored
            try:
                await self._follow()
            except OvertakenError:
                await asyncio.sleep(random.uniform(0.2, 1) * FOLLOWER_PAUSE_S)
            except AppError as error:
                log.warning("%s stops for a moment: %s", self._name, error.reason)
            except Exception:
                # Nobody waits for this task: what it raised would be noticed by its silence.
                log.exception("%s stops for a moment", self._name)
            pause_s = PAUSE_FIRST_S if self._stored != before else min(2 * pause_s, PAUSE_MAX_S)
            await asyncio.sleep(random.uniform(0, pause_s))

    async def retry_parked(self, key: str) -> Retried:
        """Do the parked events of `key`, in order, RETRY_MAX at most.

        The first that still fails stays parked, and so do those behind it. Raises AppError
        where what they need is away, which says nothing of them.
        """
        taken_count = 0
        equal = {"consumer": self._name, "key": key, "waiting": True}
        first = Where(equal=equal, order="number", limit=1)
        while taken_count < RETRY_MAX and (waiting := await self._records.select(PARKED, first)):
            try:
                await self._retry(waiting[0])
            except Exception as error:
                if is_transient(error):
                    raise
                log.exception("event fails again: %s %s", self._name, key)
                return Retried(taken_count, type(error).__name__)
            taken_count += 1
        return Retried(taken_count)

    async def _retry(self, record: Parked) -> None:
        event = pb.Event.FromString(record.event)
        effect = self._handlers[event.name](event) or NOTHING
        ref = Ref(PARKED, ParkedKey(record.consumer, record.number))

        def change(state: State) -> Changed[None]:
            now = state.find(PARKED, ref.key)
            if now is None or not now.waiting:  # Someone else retried it at the same time.
                return Changed(answer=None)
            changed = effect.change(state)
            after = unparked(cursor_in(state, self._name), now)
            return Changed(answer=None, records=(*changed.records, *after), events=changed.events)

        refs = (*effect.refs, ref, Ref(CURSORS, self._name))
        await self._records.update(refs, change, answer=type(None), timeout_s=UPDATE_TIMEOUT_S)

    async def _follow(self) -> None:
        """Until the stream ends. Raises OvertakenError, AppError."""
        stored = await self._records.find(CURSORS, self._name)
        self._stored = stored or Cursor(consumer=self._name)
        request = pb.WatchEventsRequest(cursor=self._stored.cursor, names=self._handlers)
        try:
            async with aclosing(spoken(self._source.WatchEvents(request))) as responses:
                async for response in responses:
                    await self._take(response)
        except grpc.aio.AioRpcError as error:
            await self._recover(app_error_from(error))
        except AppError as error:  # From a channel that has restored it.
            await self._recover(error)

    async def _recover(self, error: AppError) -> None:
        if error.reason != "CURSOR_TOO_OLD":
            raise error
        log.error("%s: what follows its cursor is no longer kept, it resyncs", self._name)
        await self._save(cursor=await self._resync(), position=0)

    async def _take(self, response: pb.WatchEventsResponse) -> None:
        """A batch has one cursor, behind its last event: until then the old one is kept."""
        # After a stop within a batch, its first events come again.
        events = [e for e in response.events if e.position > self._stored.position]
        for event in events[:-1]:
            await self._take_event(event, self._stored.cursor)
        if events:
            await self._take_event(events[-1], response.cursor)
        if response.cursor != self._stored.cursor:
            await self._save(cursor=response.cursor, position=self._stored.position)

    async def _take_event(self, event: pb.Event, cursor: str) -> None:
        cause = ""
        for number in range(1, TRIES_MAX + 1):
            try:
                return await self._apply(event, cursor)
            except OvertakenError:
                raise
            except Exception as error:
                if is_transient(error):
                    raise
                cause = type(error).__name__
                if number == TRIES_MAX:  # The alarm: an operator has to retry it.
                    log.exception("event parked: %s %s %s", self._name, event.name, event.key)
                    break
            await asyncio.sleep(random.uniform(0, PAUSE_FIRST_S * 2**number))
        await self._write((), partial(self._set_aside, event, cursor, cause))

    async def _apply(self, event: pb.Event, cursor: str) -> None:
        effect = self._handlers[event.name](event)
        if effect is not None or cursor != self._stored.cursor:
            effect = effect or NOTHING
            await self._write(effect.refs, partial(self._with_effect, event, cursor, effect))

    def _with_effect(
        self, event: pb.Event, cursor: str, effect: Effect, state: State
    ) -> Changed[Cursor]:
        after = moved(state, self._stored, cursor=cursor, position=event.position)
        if after.waiting(event.key):
            return self._set_aside(event, cursor, BEHIND_ANOTHER, state)
        changed = effect.change(state)
        return Changed(answer=after, records=(*changed.records, after), events=changed.events)

    def _set_aside(self, event: pb.Event, cursor: str, cause: str, state: State) -> Changed[Cursor]:
        at = moved(state, self._stored, cursor=cursor, position=event.position)
        sent = event.SerializeToString()
        after, record = parked(at, key=event.key, event=sent, cause=cause)
        return Changed(answer=after, records=(after, record))

    async def _save(self, *, cursor: str, position: int) -> None:
        def change(state: State) -> Changed[Cursor]:
            after = moved(state, self._stored, cursor=cursor, position=position)
            return Changed(answer=after, records=(after,))

        await self._write((), change)

    async def _write(self, refs: tuple[Ref[Any], ...], change: Change[Cursor]) -> None:
        refs = (*refs, Ref(CURSORS, self._name))
        self._stored = await self._records.update(
            refs, change, answer=Cursor, timeout_s=UPDATE_TIMEOUT_S
        )


def is_transient(error: Exception) -> bool:
    return isinstance(error, AppError) and error.kind in TRANSIENT


async def spoken(
    call: Any, *, silence_s_max: float = SILENCE_S_MAX
) -> AsyncGenerator[pb.WatchEventsResponse, None]:
    """The responses of `call`, which is ended with the iteration. Raises SilentSourceError."""
    loop, silent = asyncio.get_running_loop(), False

    def hang_up() -> None:
        nonlocal silent
        silent = True
        call.cancel()

    timer = loop.call_later(silence_s_max, hang_up)
    try:
        async for response in call:
            timer.cancel()
            yield response
            timer = loop.call_later(silence_s_max, hang_up)
    except asyncio.CancelledError:
        # Both at once is cancellation: whoever ends this task waits for it.
        if not silent or is_being_cancelled():
            raise
        raise SilentSourceError("the source sends nothing, not even bookmarks") from None
    finally:
        timer.cancel()
        call.cancel()


def is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
