"""A service with nothing but events, for tests: its records, its log served, its processes."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
from comptoir.type.v1 import event_service_pb2 as pb
from comptoir.type.v1 import event_service_pb2_grpc as pb_grpc
from google.protobuf import wrappers_pb2

from chassis.changes import Changed, Event
from chassis.event_servicer import EventServicer
from chassis.events import EventLog, LoggedEvent
from chassis.interceptors import error_interceptor
from chassis.progress import CONSUMER_KINDS, Effect
from chassis.records import Document, Kind, Records, Ref, State
from chassis.writes import event_to_document

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Thing:
    thing_id: str
    revision: int


@dataclass(frozen=True, slots=True)
class Effects:
    """How often an event had an effect, by position, and the revisions in order."""

    key: str
    revisions: tuple[int, ...]


THINGS = Kind(type=Thing, collection="things", key=lambda thing: thing.thing_id)
EFFECTS = Kind(type=Effects, collection="effects", key=lambda effects: effects.key)
KINDS: tuple[Kind[Any], ...] = (THINGS, EFFECTS, *CONSUMER_KINDS)


async def bump(records: Records, *thing_ids: str) -> int:
    """One more revision of each thing, with their events, in one write."""

    def change(state: State) -> Changed[int]:
        before = [state.find(THINGS, each) or Thing(each, 0) for each in thing_ids]
        after = tuple(replace(thing, revision=thing.revision + 1) for thing in before)
        return Changed(answer=after[0].revision, records=after, events=tuple(map(bumped, after)))

    refs = [Ref(THINGS, each) for each in thing_ids]
    return await records.update(refs, change, answer=int, timeout_s=20)


def bumped(thing: Thing) -> Event:
    return Event("bumped", thing.thing_id, thing.revision, {"label": f"{thing.thing_id}!"})


def change_told(kind: str, key: str, revision: int) -> Document:
    """What is written of a record's change, as the outbox has it."""
    return event_to_document(Event(f"{kind}_changed", key, revision, kind=kind), NOW)


def noted(event: pb.Event) -> Effect:
    """The revision of `event` added to what was seen of its key, blindly: a repeat would show."""

    def change(state: State) -> Changed[None]:
        before = state.find(EFFECTS, event.key) or Effects(event.key, ())
        after = replace(before, revisions=(*before.revisions, event.revision))
        return Changed(answer=None, records=(after,))

    return Effect((Ref(EFFECTS, event.key),), change)


async def seen(records: Records, key: str) -> tuple[int, ...]:
    found = await records.find(EFFECTS, key)
    return found.revisions if found else ()


@asynccontextmanager
async def served(log: EventLog, *, port: int = 0) -> AsyncIterator[str]:
    """The address where `log` is served."""
    server = grpc.aio.server(
        interceptors=[error_interceptor("house")], options=[("grpc.so_reuseport", 0)]
    )
    details = {"bumped": lambda detail: wrappers_pb2.StringValue(value=detail["label"])}
    pb_grpc.add_EventServiceServicer_to_server(EventServicer(log, details), server)
    bound_port = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield f"127.0.0.1:{bound_port}"
    finally:
        await server.stop(None)


@asynccontextmanager
async def stub_of(address: str) -> AsyncIterator[Any]:
    async with grpc.aio.insecure_channel(address) as channel:
        yield pb_grpc.EventServiceStub(channel)


async def whole_log(log: EventLog) -> list[LoggedEvent]:
    """From the oldest to the newest event; positions are checked by reading."""
    position, events = (await log.oldest()).position, list[LoggedEvent]()
    while batch := (await log.read(position, 500)).events:
        events += batch
        position = batch[-1].position
    return events


async def spawned(module: str, *args: str) -> Process:
    """`module` in a process of its own, from the moment it says that it is ready."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"tests.chassis.{module}",
        *args,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def killed(process: Process) -> None:
    process.kill()
    await process.wait()
