"""The line to the house: enrols once, keeps one stream, comes back whenever it is cut."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
from comptoir.collect.v1 import locker_service_pb2 as pb
from comptoir.collect.v1 import locker_service_pb2_grpc as pb_grpc

from clients.locker import rules, wire
from clients.locker.cabinet import Cabinet

log = logging.getLogger(__name__)

CALL_S_MAX = 10.0
KEEPALIVE = [("grpc.keepalive_time_ms", 60_000), ("grpc.keepalive_timeout_ms", 10_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the house is and how patient the cabinet.

    Attributes:
        address: host:port of collect.
        ca_file: The authority that signs its certificate; without one the line is plain.
        code: To enrol with, unless it was enrolled with this one before.
    """

    address: str
    ca_file: Path | None = None
    code: str = ""
    heartbeat_s: float = 20.0
    pause_first_s: float = 0.5
    pause_max_s: float = 30.0


class Line:
    def __init__(self, cabinet: Cabinet, settings: Settings) -> None:
        self._cabinet = cabinet
        self._settings = settings
        self._allowed = asyncio.Event()
        self._allowed.set()
        self._cut = asyncio.Event()
        self._enrol_id = str(uuid4())
        # The house has said how far the journal is safe: from then on entries may go.
        self.attached = False

    def let(self, up: bool) -> None:
        """Cut the line, or let it be mended."""
        if up:
            self._allowed.set()
            self._cut = asyncio.Event()
        else:
            self._allowed.clear()
            self._cut.set()

    @property
    def is_up(self) -> bool:
        return self._allowed.is_set()

    async def run(self) -> None:
        """Until cancelled."""
        pause_s = self._settings.pause_first_s
        while True:
            await self._allowed.wait()
            was_attached = await self._hold()
            pause_s = (
                self._settings.pause_first_s
                if was_attached
                else min(2 * pause_s, self._settings.pause_max_s)
            )
            # With jitter, or a thousand cabinets come back in the same second.
            await asyncio.sleep(random.uniform(pause_s / 2, pause_s))

    async def _hold(self) -> bool:
        """Keep a stream until it ends or is cut; True if it was answered."""
        stream = asyncio.ensure_future(self._stream())
        cut = asyncio.ensure_future(self._cut.wait())
        try:
            await asyncio.wait([stream, cut], return_when=asyncio.FIRST_COMPLETED)
            return self.attached
        finally:
            self.attached = False
            for task in (stream, cut):
                task.cancel()
            for outcome in await asyncio.gather(stream, cut, return_exceptions=True):
                tell(outcome)

    async def _stream(self) -> None:
        async with self._channel() as channel:
            stub = pb_grpc.LockerServiceStub(channel)
            await self._enrol(stub)
            request = wire.statement(self._cabinet.memory, self._cabinet.clock_ms())
            issued = await stub.IssueCabinetToken(request, timeout=CALL_S_MAX)
            metadata = (("authorization", f"Bearer {issued.access_token}"),)
            acknowledged = asyncio.Event()
            call = stub.Attach(self._sent(acknowledged), metadata=metadata)
            async for response in call:
                self._take(response, acknowledged)

    def _channel(self) -> grpc.aio.Channel:
        address, ca_file = self._settings.address, self._settings.ca_file
        if ca_file is None:
            return grpc.aio.insecure_channel(address, options=KEEPALIVE)
        credentials = grpc.ssl_channel_credentials(ca_file.read_bytes())
        return grpc.aio.secure_channel(address, credentials, options=KEEPALIVE)

    async def _enrol(self, stub: Any) -> None:
        memory, code = self._cabinet.memory, self._settings.code
        if code in ("", memory.code):
            return
        request = wire.enrolment(memory, code=code, request_id=self._enrol_id)
        await stub.EnrolCabinet(request, timeout=CALL_S_MAX)
        self._cabinet.keep(replace(self._cabinet.memory, code=code))
        log.info("enrolled as %s", memory.cabinet_id)

    async def _sent(self, acknowledged: asyncio.Event) -> AsyncIterator[pb.AttachRequest]:
        """A hello; once it is answered the journal, as it grows, and heartbeats in between."""
        yield wire.hello(self._cabinet.memory, self._cabinet.clock_ms())
        await acknowledged.wait()
        clock_s, sent = asyncio.get_running_loop().time, 0
        due_s = clock_s() + self._settings.heartbeat_s
        while True:
            changed = self._cabinet.changed()
            memory = self._cabinet.memory
            for entry in [entry for entry in memory.journal if entry.sequence > sent]:
                yield wire.signed_entry(memory, entry)
                sent, due_s = entry.sequence, clock_s() + self._settings.heartbeat_s
            try:
                async with asyncio.timeout_at(due_s):
                    await changed.wait()
            except TimeoutError:
                yield wire.heartbeat(self._cabinet.clock_ms())
                due_s = clock_s() + self._settings.heartbeat_s

    def _take(self, response: pb.AttachResponse, acknowledged: asyncio.Event) -> None:
        cabinet = self._cabinet
        match response.WhichOneof("message"):
            case "keys":
                keys = wire.keys_from_pb(response.keys)
                cabinet.keep(replace(cabinet.memory, keys=keys))
            case "assignment":
                told = wire.compartment_from_pb(response.assignment)
                cabinet.decide(partial(rules.assigned, told=told))
            case "open_door":
                if (command := wire.command_from_pb(response.open_door)) is not None:
                    cabinet.decide(partial(rules.commanded, command=command))
            case "acknowledgement":
                sequence = response.acknowledgement.sequence
                cabinet.keep(rules.acknowledged(cabinet.memory, sequence))
                self.attached = True
                acknowledged.set()


def tell(outcome: object) -> None:
    """Why a stream ended, in a line; raises what is a bug of this program."""
    if isinstance(outcome, grpc.aio.AioRpcError):
        log.info("the line is cut: %s %s", outcome.code().name, outcome.details())
    elif isinstance(outcome, Exception):
        raise outcome
