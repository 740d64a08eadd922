"""Commands to MongoDB as spans."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import StatusCode
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from chassis import tracing
from chassis.mongo import connect
from chassis.mongo_drivers import DriverName
from chassis.telemetry import MongoSpans
from tests.chassis.ended import Ended, parent_id
from tests.driver import on_both_drivers


@pytest.fixture
async def ended() -> Ended:
    return Ended()


@pytest.fixture
def traces(ended: Ended) -> Iterator[tracing.Tracing]:
    with tracing.exporting("test", SimpleSpanProcessor(ended)) as opened:
        yield opened


ADDRESS = ("127.0.0.1", 27017)
FIND = {"find": "orders", "filter": {"email": "ada@example.org"}}


def begin_find(listener: CommandListener) -> None:
    listener.started(CommandStartedEvent(FIND, "collect", 7, ADDRESS, 7))


def succeed(listener: CommandListener) -> None:
    listener.succeeded(CommandSucceededEvent(timedelta(0), {}, "find", 7, ADDRESS, 7))


def fail(listener: CommandListener) -> None:
    listener.failed(CommandFailedEvent(timedelta(0), {}, "find", 7, ADDRESS, 7))


@contextmanager
def sampled(traces: tracing.Tracing, ratio: float = 1) -> Iterator[None]:
    with traces.edge("edge", ratio=ratio):
        yield


@pytest.mark.parametrize(
    ("finish", "status"), [(succeed, StatusCode.UNSET), (fail, StatusCode.ERROR)]
)
async def test_a_command_of_mongodb_is_a_span_without_its_statement(
    ended: Ended,
    traces: tracing.Tracing,
    finish: Callable[[CommandListener], None],
    status: StatusCode,
) -> None:
    listener = MongoSpans()
    with sampled(traces):
        begin_find(listener)
        finish(listener)

    edge, command = await ended.wait(2)
    assert (command.name, command.status.status_code) == ("mongodb find", status)
    assert parent_id(command) == edge.context.span_id
    assert dict(command.attributes or {}) == {
        "db.system.name": "mongodb",
        "db.namespace": "collect",
        "db.operation.name": "find",
        "db.collection.name": "orders",
    }


@on_both_drivers
async def test_a_command_belongs_to_the_trace_of_whoever_asked(
    ended: Ended, traces: tracing.Tracing, mongo_uri: str, mongo_driver: DriverName
) -> None:
    async with connect(mongo_uri, "x", driver=mongo_driver, listeners=[MongoSpans()]) as database:
        with sampled(traces):
            await database.collection("lamps").find_one()

    edge, command = await ended.wait(2)
    assert (command.name, command.status.status_code) == ("mongodb find", StatusCode.UNSET)
    assert parent_id(command) == edge.context.span_id


async def test_a_command_whose_asker_is_gone_is_a_span_that_failed(
    ended: Ended, traces: tracing.Tracing
) -> None:
    listener, begun = MongoSpans(), asyncio.Event()

    async def ask() -> None:
        begin_find(listener)
        begun.set()
        await asyncio.Event().wait()

    with sampled(traces):
        asking = asyncio.create_task(ask())
        await begun.wait()
        asking.cancel()
        await asyncio.wait([asking])
        succeed(listener)

    _, command = await ended.wait(2)
    assert (command.name, command.status.status_code) == ("mongodb find", StatusCode.ERROR)


async def test_commands_outside_a_sampled_trace_are_no_spans(
    ended: Ended, traces: tracing.Tracing
) -> None:
    listener = MongoSpans()
    begin_find(listener)
    succeed(listener)
    with sampled(traces, ratio=0):
        begin_find(listener)
        fail(listener)

    assert ended.get_finished_spans() == ()
