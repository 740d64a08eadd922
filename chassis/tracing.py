"""Traces: W3C context in and out (https://www.w3.org/TR/trace-context/), spans where sampled.

The edge decides what is sampled and everyone behind it follows. What is not
sampled costs a few header characters: the SDK is not touched.
"""

import random
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TypeAlias

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    set_span_in_context,
)

TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
SAMPLE_RATIO = 0.01
# For what is not sent yet when a service ends, out of the 45 s that Kubernetes waits.
LAST_WORDS_S = 3.0

Attributes: TypeAlias = Mapping[str, str | int | float | bool]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a trace we are; ids are never 0."""

    trace_id: int
    span_id: int
    sampled: bool
    tracer: Tracer | None = None  # What records here; None where nothing does.

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id:032x}-{self.span_id:016x}-{self.sampled:02x}"


_place: ContextVar[Place | None] = ContextVar("trace", default=None)


def here() -> Place | None:
    """Where the running task is; None outside any trace."""
    return _place.get()


def place_from(traceparent: object) -> Place | None:
    """None for what is no traceparent: a broken header starts a trace of its own."""
    match = TRACEPARENT.fullmatch(traceparent) if isinstance(traceparent, str) else None
    if match is None:
        return None
    trace_id, span_id, flags = (int(group, 16) for group in match.groups())
    return Place(trace_id, span_id, bool(flags & 1)) if trace_id and span_id else None


def new_place(*, sampled: bool) -> Place:
    # Odd, so never the 0 that W3C forbids.
    return Place(random.getrandbits(128) | 1, random.getrandbits(64) | 1, sampled)


@dataclass(frozen=True, slots=True)
class Tracing:
    """What a service records its spans with. Without a tracer it only passes context on."""

    tracer: Tracer | None = None

    def entered(self, traceparent: object) -> Place:
        """Be, for the rest of this task, where the caller was; unsampled if it did not say."""
        place = place_from(traceparent) or new_place(sampled=False)
        if place.sampled and self.tracer is not None:
            place = replace(place, tracer=self.tracer)
        _place.set(place)
        return place

    @contextmanager
    def edge(self, name: str, *, ratio: float = SAMPLE_RATIO) -> Iterator[Span | None]:
        """A new trace, sampled or not: for what comes from outside, or starts by itself."""
        before = _place.set(None)
        try:
            self.entered(new_place(sampled=random.random() < ratio).traceparent)
            with span(name, SpanKind.SERVER) as started:
                yield started
        finally:
            _place.reset(before)


@contextmanager
def span(
    name: str, kind: SpanKind = SpanKind.INTERNAL, attributes: Attributes | None = None
) -> Iterator[Span | None]:
    """A span below where we are, or None where nothing is recorded. Ends with the block, as an
    error where that raises."""
    started = start_span(name, kind, attributes)
    if started is None:
        yield None
        return
    before = _place.set(place_of(started))
    try:
        yield started
    except Exception as error:
        # By its kind alone: what an error says may be somebody's name.
        started.set_status(Status(StatusCode.ERROR, type(error).__name__))
        raise
    finally:
        _place.reset(before)
        started.end()


def start_span(
    name: str, kind: SpanKind = SpanKind.INTERNAL, attributes: Attributes | None = None
) -> Span | None:
    """As `span`, for whoever ends it elsewhere. Nothing goes below it by itself."""
    place = here()
    if place is None or place.tracer is None:
        return None
    parent = SpanContext(place.trace_id, place.span_id, True, TraceFlags(TraceFlags.SAMPLED))
    context = set_span_in_context(NonRecordingSpan(parent))
    return place.tracer.start_span(name, context, kind, attributes)


def enter(started: Span) -> None:
    """Be below `started` for the rest of this task."""
    _place.set(place_of(started))


def go_to(place: Place | None) -> None:
    """Be there for the rest of this context; outside any trace with None."""
    _place.set(place)


def place_of(started: Span) -> Place | None:
    """Below `started`, with the tracer of where we are."""
    place, context = here(), started.get_span_context()
    return place and replace(place, trace_id=context.trace_id, span_id=context.span_id)


@contextmanager
def exporting(service: str, processor: SpanProcessor | None) -> Iterator[Tracing]:
    """Traces that go to `processor`, or nowhere; sends what is left at the end."""
    if processor is None:
        yield Tracing()
        return
    # Who is sampled is decided at the edge; whoever gets here is.
    resource = Resource({"service.name": service})
    provider = TracerProvider(sampler=ALWAYS_ON, resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(processor)
    try:
        yield Tracing(provider.get_tracer("comptoir"))
    finally:
        provider.shutdown()


def otlp(endpoint: str, *, last_words_s: float = LAST_WORDS_S) -> SpanProcessor | None:
    """Sends spans to `endpoint` (OTLP over gRPC) in batches; None for no endpoint."""
    if not endpoint:
        return None
    # Imported here: it costs a tenth of a second that nobody without an endpoint should pay.
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    return BriefProcessor(OTLPSpanExporter(endpoint, insecure=True), last_words_s)


class BriefProcessor(BatchSpanProcessor):
    """Whose end takes `last_words_s`, whatever has become of who receives.

    The SDK's own goes on sending for 30 s (`BatchProcessor.shutdown`, 1.45), which with our
    drain is more than Kubernetes waits: then nothing behind us would be closed. Before that, a
    receiver that is away costs what its queue of 2048 spans holds, and the oldest of them.
    """

    def __init__(self, exporter: SpanExporter, last_words_s: float) -> None:
        super().__init__(exporter)
        self._exporter = exporter
        self._last_words_s = last_words_s

    def shutdown(self) -> None:
        # Ends the call under way, and has what is still queued refused at once.
        hang_up = threading.Timer(self._last_words_s, self._exporter.shutdown)
        hang_up.daemon = True
        hang_up.start()
        end: Callable[[], None] = super().shutdown  # The library says no types here.
        end()
        hang_up.cancel()
