"""What operators see of a service: calls as metrics and spans, MongoDB commands as spans."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import grpc
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from pymongo import monitoring

from chassis import tracing
from chassis.interceptors import Context, Interceptor, Method
from chassis.receiving import NEVER, WAITED_S

# A client's deadline cancels us a moment before ours is over, by the time its message travels.
DEADLINE_SLACK_S = 0.02
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
CODES = {code.value[0]: code for code in grpc.StatusCode}

# What was not the caller's doing (OpenTelemetry's conventions for RPC servers).
SERVER_FAULTS = {
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DATA_LOSS,
}


class Metrics:
    """Rate, errors and duration of the calls served. Labels hold no ids: each value is a series."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls = Counter(
            "grpc_server_calls", "Calls that have ended.", ["method", "code"], registry=registry
        )
        self._latency = Histogram(
            "grpc_server_latency_seconds",
            "How long unary calls took, from their message on.",
            ["method"],
            buckets=BUCKETS_S,
            registry=registry,
        )
        self._in_flight = Gauge(
            "grpc_server_calls_in_flight", "Calls under way.", ["method"], registry=registry
        )
        # Looking a series up by its labels costs more than counting in it. Bounded, since
        # only methods that are served get here.
        self._series: dict[tuple[str, grpc.StatusCode], Counter] = {}
        self._gauges: dict[str, tuple[Gauge, Histogram]] = {}

    def begun(self, name: str) -> None:
        if name not in self._gauges:
            self._gauges[name] = self._in_flight.labels(name), self._latency.labels(name)
        self._gauges[name][0].inc()

    def ended(self, name: str, code: grpc.StatusCode, latency_s: float | None) -> None:
        """`latency_s` is None for streams, an hour of which is no latency; see `ours_s` too."""
        if (name, code) not in self._series:
            self._series[name, code] = self._calls.labels(name, code.name)
        self._series[name, code].inc()
        in_flight, latency = self._gauges[name]
        in_flight.dec()
        if latency_s is not None:
            latency.observe(latency_s)


def metrics_text(registry: CollectorRegistry) -> bytes:
    """What /metrics answers, in the text format of Prometheus."""
    return generate_latest(registry)


def telemetry_interceptor(traces: tracing.Tracing, metrics: Metrics) -> Interceptor:
    """Counts, times and traces each call. Goes outermost: it wants the status that is sent."""

    @asynccontextmanager
    async def observed(method: Method, context: Context) -> AsyncIterator[None]:
        name = method.path[1:]
        started = server_span(traces, name, context)
        metrics.begun(name)
        begin_s = time.perf_counter()
        code = grpc.StatusCode.CANCELLED
        try:
            yield
            code = code_of(context)
        except grpc.aio.AbortError:
            code = code_of(context)
            raise
        except (asyncio.CancelledError, GeneratorExit):
            code = cancelled_code(context)
            raise
        finally:
            latency_s = None if method.streaming else ours_s(time.perf_counter() - begin_s)
            metrics.ended(name, code, latency_s)
            if started is not None:
                end_with(started, code, fault=code in SERVER_FAULTS)

    return Interceptor(observed)


def ours_s(took_s: float) -> float | None:
    """How long the call took us, from its message on; None if that never came.

    Else a caller's five seconds of silence are our latency, and a few strangers who say nothing
    raise an alarm.
    """
    waited_s = WAITED_S.get()
    return None if waited_s == NEVER else max(took_s - waited_s, 0.0)


def server_span(traces: tracing.Tracing, name: str, context: Context) -> Span | None:
    """Enters the caller's trace for the rest of the task."""
    metadata = dict(context.invocation_metadata() or ())
    traces.entered(metadata.get("traceparent"))
    started = tracing.start_span(name, SpanKind.SERVER, {"rpc.system.name": "grpc"})
    if started is not None:
        tracing.enter(started)
    return started


def code_of(context: Context) -> grpc.StatusCode:
    code: Any = context.code()
    return code if isinstance(code, grpc.StatusCode) else CODES[code or 0]


def cancelled_code(context: Context) -> grpc.StatusCode:
    """Whether the caller gave up or its time was over: to a handler both are cancellation."""
    left_s = context.time_remaining()
    over = left_s is not None and left_s < DEADLINE_SLACK_S
    return grpc.StatusCode.DEADLINE_EXCEEDED if over else grpc.StatusCode.CANCELLED


def end_with(started: Span, code: grpc.StatusCode, *, fault: bool) -> None:
    started.set_attribute("rpc.response.status_code", code.name)
    if fault:
        started.set_status(Status(StatusCode.ERROR, code.name))
    started.end()


class MongoSpans(monitoring.CommandListener):
    """A span for each command sent to MongoDB, without its statement: that holds data.

    Motor calls from threads, which carry the context of the caller; PyMongo's asynchronous
    client from the caller's task, and says nothing more of a command that is cancelled.
    """

    def __init__(self) -> None:
        self._under_way: dict[int, Command] = {}

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if (place := tracing.here()) is None or place.tracer is None:
            return
        # Not every command names a collection; those that do name it first.
        named = event.command.get(event.command_name)
        attributes = {
            "db.system.name": "mongodb",
            "db.namespace": event.database_name,
            "db.operation.name": event.command_name,
        } | ({"db.collection.name": named} if isinstance(named, str) else {})
        span = tracing.start_span(f"mongodb {event.command_name}", SpanKind.CLIENT, attributes)
        if span is not None:
            lost = partial(self._ended, event.request_id, fault=True)
            self._under_way[event.request_id] = Command(span, asking_task(), lost)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        self._ended(event.request_id, fault=False)

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        self._ended(event.request_id, fault=True)

    def _ended(self, request_id: int, _: object = None, *, fault: bool) -> None:
        if (command := self._under_way.pop(request_id, None)) is not None:
            command.end(fault=fault)


class Command:
    """One under way. Ends with the task that asked for it, if it is not ended before."""

    def __init__(
        self, span: Span, task: asyncio.Task[Any] | None, lost: Callable[[object], None]
    ) -> None:
        self._span = span
        self._task = task
        self._lost = lost
        if task is not None:
            task.add_done_callback(lost)

    def end(self, *, fault: bool) -> None:
        if self._task is not None:
            # Or a task that asks for ever keeps one for each thing that it asked for.
            self._task.remove_done_callback(self._lost)
        if fault:
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


def asking_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:  # A thread of motor's: what runs there always ends.
        return None
