"""Spans and metrics of real calls, with an exporter in memory."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import grpc
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import CollectorRegistry

from chassis import tracing
from chassis.client import RemoteError, channel
from chassis.errors import AppError, Kind
from chassis.interceptors import Context, error_interceptor
from chassis.telemetry import Metrics, metrics_text, telemetry_interceptor
from tests.chassis.echo import KINDS, begin, call, serving
from tests.chassis.ended import Ended, parent_id

OUTCOMES = [
    (b"ok", "OK"),
    (b"expected", "NOT_FOUND"),
    (b"bug", "INTERNAL"),
    (b"chosen", "DATA_LOSS"),
]


class MissingError(AppError):
    kind, reason = Kind.NOT_FOUND, "MISSING"


class Service:
    """A traced server whose answers do as the request says."""

    def __init__(self, traces: tracing.Tracing) -> None:
        self.registry = CollectorRegistry()
        self.begun = asyncio.Event()
        self.places: list[tracing.Place | None] = []
        self.interceptors = [
            telemetry_interceptor(traces, Metrics(self.registry)),
            error_interceptor("test.comptoir"),
        ]

    async def answer(self, word: bytes, context: Context) -> bytes:
        self.places.append(tracing.here())
        self.begun.set()
        match word:
            case b"expected":
                raise MissingError("missing")
            case b"bug":
                raise RuntimeError
            case b"chosen":
                await context.abort(grpc.StatusCode.DATA_LOSS, "chosen")
            case b"hang":
                await asyncio.Event().wait()
        return b"done"

    def count(self, kind: str, code: str) -> float | None:
        labels = {"method": f"t.T/{kind}", "code": code}
        return self.registry.get_sample_value("grpc_server_calls_total", labels)


@pytest.fixture
async def ended() -> Ended:
    return Ended()


@pytest.fixture
def traces(ended: Ended) -> Iterator[tracing.Tracing]:
    with tracing.exporting("test", SimpleSpanProcessor(ended)) as opened:
        yield opened


@pytest.fixture
async def service(traces: tracing.Tracing) -> Service:
    return Service(traces)


@pytest.fixture
async def opened(service: Service) -> AsyncIterator[grpc.aio.Channel]:
    async with serving(service.answer, service.interceptors) as address:
        async with channel(address) as opened:
            yield opened


def code(span: ReadableSpan) -> object:
    return (span.attributes or {})["rpc.response.status_code"]


@pytest.mark.parametrize("kind", KINDS)
async def test_each_span_has_the_one_before_it_for_parent(
    ended: Ended, traces: tracing.Tracing, opened: grpc.aio.Channel, kind: str
) -> None:
    with traces.edge("POST /orders", ratio=1):
        await call(opened, kind, b"")

    edge, client, server = await ended.wait(3)
    assert (client.name, server.name) == (f"t.T/{kind}", f"t.T/{kind}")
    assert (client.kind, server.kind) == (SpanKind.CLIENT, SpanKind.SERVER)
    assert parent_id(client) == edge.context.span_id
    assert parent_id(server) == client.context.span_id
    assert len({span.context.trace_id for span in (edge, client, server)}) == 1
    assert server.resource.attributes["service.name"] == "test"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("word", "status"), OUTCOMES)
async def test_spans_and_counts_have_the_status_that_was_sent(
    ended: Ended,
    traces: tracing.Tracing,
    service: Service,
    opened: grpc.aio.Channel,
    kind: str,
    word: bytes,
    status: str,
) -> None:
    with traces.edge("edge", ratio=1):
        try:
            await call(opened, kind, word)
        except (RemoteError, grpc.aio.AioRpcError):
            pass

    _, client, server = await ended.wait(3)
    assert (code(client), code(server)) == (status, status)
    faulty = status in ("INTERNAL", "DATA_LOSS")
    assert (server.status.status_code is StatusCode.ERROR) == faulty
    assert service.count(kind, status) == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_a_call_that_is_cancelled_ends_as_cancelled_on_both_sides(
    ended: Ended,
    traces: tracing.Tracing,
    service: Service,
    opened: grpc.aio.Channel,
    kind: str,
) -> None:
    with traces.edge("edge", ratio=1):
        under_way = begin(opened, kind, b"hang")
        await service.begun.wait()
        under_way.cancel()

    spans = [span for span in await ended.wait(3) if span.name != "edge"]
    assert [code(span) for span in spans] == ["CANCELLED", "CANCELLED"]
    assert service.count(kind, "CANCELLED") == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_a_call_whose_time_is_over_ends_so_on_both_sides(
    ended: Ended,
    traces: tracing.Tracing,
    service: Service,
    opened: grpc.aio.Channel,
    kind: str,
) -> None:
    with traces.edge("edge", ratio=1):
        with pytest.raises(RemoteError):
            await call(opened, kind, b"hang", timeout=0.2)

    spans = [span for span in await ended.wait(3) if span.name != "edge"]
    assert [code(span) for span in spans] == ["DEADLINE_EXCEEDED"] * 2


async def test_a_stream_that_is_left_in_the_middle_ends_its_spans(
    ended: Ended, traces: tracing.Tracing, opened: grpc.aio.Channel
) -> None:
    with traces.edge("edge", ratio=1):
        async for _ in begin(opened, "unary_stream", b"hang"):
            break

    spans = [span for span in await ended.wait(3) if span.name != "edge"]
    assert [code(span) for span in spans] == ["CANCELLED", "CANCELLED"]


@pytest.mark.parametrize("kind", KINDS)
async def test_what_the_edge_did_not_sample_is_passed_on_and_not_recorded(
    ended: Ended,
    traces: tracing.Tracing,
    service: Service,
    opened: grpc.aio.Channel,
    kind: str,
) -> None:
    with traces.edge("edge", ratio=0):
        await call(opened, kind, b"")
        here = tracing.here()

    assert here is not None and not here.sampled
    assert service.places == [here]
    assert ended.get_finished_spans() == ()


async def test_without_an_exporter_a_sampled_trace_is_passed_on() -> None:
    service = Service(tracing.Tracing())
    sent = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    async with serving(service.answer, service.interceptors) as address:
        async with grpc.aio.insecure_channel(address) as opened:
            await call(opened, "unary_unary", b"", metadata=[("traceparent", sent)])

    (place,) = service.places
    assert place is not None and place.traceparent == sent


@pytest.mark.parametrize(
    "sent", ["", "00-x", "00-" + "0" * 32 + "-" + "b" * 16 + "-01", "01-" + "a" * 52]
)
async def test_a_broken_header_begins_a_trace_of_its_own(
    ended: Ended, service: Service, opened: grpc.aio.Channel, sent: str
) -> None:
    await call(opened, "unary_unary", b"", metadata=[("traceparent", sent)])

    (place,) = service.places
    assert place is not None and place.trace_id and not place.sampled


async def test_metrics_tell_rate_errors_duration_and_what_is_under_way(
    service: Service, opened: grpc.aio.Channel
) -> None:
    await call(opened, "unary_unary", b"")
    under_way = begin(opened, "unary_stream", b"hang")
    service.begun.clear()
    await service.begun.wait()

    text = metrics_text(service.registry).decode()
    under_way.cancel()
    assert 'grpc_server_calls_total{code="OK",method="t.T/unary_unary"} 1.0' in text
    assert 'grpc_server_latency_seconds_count{method="t.T/unary_unary"} 1.0' in text
    assert 'grpc_server_calls_in_flight{method="t.T/unary_stream"} 1.0' in text
    assert 'grpc_server_calls_in_flight{method="t.T/unary_unary"} 0.0' in text


async def test_a_span_whose_work_fails_says_by_what_kind_and_no_more(
    ended: Ended, traces: tracing.Tracing
) -> None:
    with traces.edge("edge", ratio=1):
        with pytest.raises(RuntimeError):
            with tracing.span("saga reserve"):
                raise RuntimeError("ada@example.org")

    _, span = await ended.wait(2)
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "RuntimeError")
    assert span.events == ()
