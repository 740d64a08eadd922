"""One cabinet's stream: what it says is taken in, what it must know is told. No rules here."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial

from comptoir.collect.v1 import locker_service_pb2 as pb

from chassis.changes import Changed
from chassis.clock import Clock
from chassis.keys import Keyring
from chassis.records import Records, Ref, State
from chassis.signals import Signal
from services.collect.locker import journal
from services.collect.locker.cabinet import Cabinet, EntryKind, JournalEntry
from services.collect.locker.capability import Secrets, Verifiers
from services.collect.locker.domain import event_of
from services.collect.locker.enrolment import unknown_key
from services.collect.locker.journal import OnEntry, Receipt, ReceiptKey, RefsFor, StreamSilentError
from services.collect.locker.store import CABINETS
from services.collect.locker.wire import (
    acknowledgement_to_pb,
    assignment_to_pb,
    command_to_pb,
    entry_from_pb,
    hello_from_pb,
    invalid,
    keys_to_pb,
)

log = logging.getLogger(__name__)

WRITE_S_MAX = 2.0
# A heartbeat is due every 20 s: three missed are a broken line.
SILENCE_S = 60.0
# How long a change may stay untold if the log's hint was lost.
LOOK_S = 5.0
READ, WOKEN, ENDED = "read", "woken", "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What every stream needs of the service."""

    records: Records
    keyring: Keyring
    secrets: Secrets
    verifiers: Verifiers
    on_entry: OnEntry
    refs_for: RefsFor
    clock: Clock
    silence_s: float = SILENCE_S
    look_s: float = LOOK_S


class Stream:
    """Make it with `open_stream`."""

    def __init__(self, house: House, cabinet: Cabinet) -> None:
        self._house = house
        self._cabinet = cabinet
        self._epoch = cabinet.stream_epoch
        self._told: dict[str, tuple[int, int]] = {}
        self._commands: frozenset[str] = frozenset()
        self._key_ids: list[str] = []

    async def responses(
        self, inbox: "Inbox", changes: Signal
    ) -> AsyncGenerator[pb.AttachResponse, None]:
        """All that is to be told, as messages come and changes are made; ends with `inbox`."""
        async for response in self._news():
            yield response
        yield acknowledgement_to_pb(self._cabinet)
        while True:
            heard = changes.next()
            await self._look()
            async for response in self._news():
                yield response
            message = await inbox.next(heard, self._house.look_s)
            if message is not None:
                if not await self._take(message):
                    continue
                yield acknowledgement_to_pb(self._cabinet)
            elif inbox.ended:
                return

    async def _news(self) -> AsyncIterator[pb.AttachResponse]:
        """What this stream has not told yet: keys, then assignments, then doors to open."""
        keys = self._house.keyring.published()
        if [key.key_id for key in keys] != self._key_ids:
            self._key_ids = [key.key_id for key in keys]
            yield keys_to_pb(keys)
        cabinet = self._cabinet
        for use in cabinet.uses:
            if self._told.get(use.compartment_id) != (use.generation, use.revision):
                self._told[use.compartment_id] = use.generation, use.revision
                yield await assignment_to_pb(
                    cabinet.cabinet_id, use, self._house.secrets, self._house.verifiers
                )
        now = self._house.clock()
        for command in cabinet.commands:
            if command.command_id not in self._commands and now < command.expire_time:
                yield command_to_pb(command)
        self._commands = frozenset(command.command_id for command in cabinet.commands)

    async def _look(self) -> None:
        """Read the cabinet again. Raises StreamReplacedError."""
        found = await self._house.records.find(CABINETS, self._cabinet.cabinet_id)
        if found is not None:
            self._cabinet = journal.check_epoch(found, self._epoch)

    async def _take(self, message: pb.AttachRequest) -> bool:
        """Take in a message; True if there is something to acknowledge.

        Raises InvalidEntryError, JournalGapError, StreamReplacedError.
        """
        match message.WhichOneof("message"):
            case "entry":
                await self._take_entry(message.entry)
            case "heartbeat":
                pass
            case _:
                raise invalid("message", "an entry or a heartbeat, after one hello")
        await self._seen()
        return message.HasField("entry")

    async def _take_entry(self, signed: pb.SignedEntry) -> None:
        cabinet = self._cabinet
        entry = entry_from_pb(signed, cabinet)
        assert cabinet.public_key is not None, "it has signed the entry"
        key = ReceiptKey(cabinet.cabinet_id, cabinet.public_key.hex(), entry.sequence)
        receipt = Receipt(key, signed.entry, signed.signature)
        self._cabinet = await self._house.records.update(
            [Ref(CABINETS, cabinet.cabinet_id), *self._house.refs_for(cabinet.cabinet_id, entry)],
            partial(self._taken_in, entry, receipt),
            answer=Cabinet,
            timeout_s=WRITE_S_MAX,
        )
        if entry.kind is EntryKind.FAULT:
            log.warning("cabinet %s, %s: %s", entry.cabinet_id, entry.compartment_id, entry.reason)

    def _taken_in(self, entry: JournalEntry, receipt: Receipt, state: State) -> Changed[Cabinet]:
        cabinet = journal.check_epoch(self._found(state), self._epoch)
        return journal.taken_in(
            state, cabinet, entry, receipt, on_entry=self._house.on_entry, now=self._house.clock()
        )

    async def _seen(self) -> None:
        if journal.heard(self._cabinet, now=self._house.clock()) is self._cabinet:
            return
        self._cabinet = await self._house.records.update(
            [Ref(CABINETS, self._cabinet.cabinet_id)],
            self._heard,
            answer=Cabinet,
            timeout_s=WRITE_S_MAX,
        )

    def _heard(self, state: State) -> Changed[Cabinet]:
        before = journal.check_epoch(self._found(state), self._epoch)
        after = journal.heard(before, now=self._house.clock())
        return Changed(answer=after, records=(after,))

    def _found(self, state: State) -> Cabinet:
        found = state.find(CABINETS, self._cabinet.cabinet_id)
        assert found is not None, "a cabinet is never deleted"
        return found


async def open_stream(house: House, cabinet_id: str, key_hex: str, inbox: "Inbox") -> Stream:
    """Begin the cabinet's newest stream, with its first message.

    Raises InvalidEntryError, JournalGapError, and UnknownCabinetKeyError for a token
    that was issued to a key of before.
    """
    hello = hello_from_pb(await inbox.first())

    def attach(state: State) -> Changed[Cabinet]:
        cabinet = state.find(CABINETS, cabinet_id)
        if cabinet is None or cabinet.public_key is None or cabinet.public_key.hex() != key_hex:
            raise unknown_key()
        after = journal.attached(cabinet, last_sequence=hello.last_sequence, now=house.clock())
        return Changed(answer=after, records=(after,), events=(event_of(after),))

    cabinet = await house.records.update(
        [Ref(CABINETS, cabinet_id)], attach, answer=Cabinet, timeout_s=WRITE_S_MAX
    )
    return Stream(house, cabinet)


class Inbox:
    """The cabinet's messages. One read at a time, never cut off: its message would be lost.

    Close it, or its last read outlives the call.
    """

    def __init__(
        self,
        messages: AsyncIterable[pb.AttachRequest],
        *,
        silence_s: float,
        monotonic_s: Callable[[], float],
    ) -> None:
        self._messages = aiter(messages)
        self._silence_s = silence_s
        self._monotonic_s = monotonic_s
        self._heard_s = monotonic_s()
        self._read: asyncio.Task[pb.AttachRequest | None] | None = None
        self.ended = False

    async def first(self) -> pb.AttachRequest:
        """Raises InvalidEntryError for a stream that says nothing, StreamSilentError."""
        never, message = asyncio.Event(), None
        while message is None and not self.ended:
            message = await self.next(never, self._silence_s)
        if message is None:
            raise invalid("hello", "send it first")
        return message

    async def next(self, woken: asyncio.Event, timeout_s: float) -> pb.AttachRequest | None:
        """The next message; None at the end, when `woken` is set, or after `timeout_s`.

        Raises StreamSilentError.
        """
        if self._read is None:
            self._read = asyncio.ensure_future(next_or_none(self._messages))
        left_s = self._heard_s + self._silence_s - self._monotonic_s()
        await first_of(self._read, woken, min(timeout_s, max(left_s, 0)))
        if not self._read.done():
            self._check_silence()
            return None
        message, self._read = self._read.result(), None
        self._heard_s = self._monotonic_s()
        self.ended = message is None
        return message

    def _check_silence(self) -> None:
        if self._monotonic_s() - self._heard_s >= self._silence_s:
            raise StreamSilentError(
                f"nothing was heard for {self._silence_s:g} s: attach again",
                silence_s=self._silence_s,
            )

    def close(self) -> None:
        if self._read is not None:
            self._read.cancel()


async def first_of(
    read: asyncio.Task[pb.AttachRequest | None], woken: asyncio.Event, timeout_s: float
) -> None:
    """Return when one of both is there, or after `timeout_s`."""
    waking = asyncio.ensure_future(woken.wait())
    try:
        await asyncio.wait([read, waking], timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waking.cancel()


async def next_or_none(messages: AsyncIterator[pb.AttachRequest]) -> pb.AttachRequest | None:
    async for message in messages:
        return message
    return None
