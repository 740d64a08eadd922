"""Spans on their way to a receiver of OTLP that is there, and one that never answers."""

import asyncio
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import (
    trace_service_pb2,
    trace_service_pb2_grpc,
)

from chassis import tracing
from chassis.interceptors import Context


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    def __init__(self) -> None:
        self.names: list[str] = []

    async def Export(self, request: Any, context: Context) -> Any:
        for resource in request.resource_spans:
            self.names += [span.name for scope in resource.scope_spans for span in scope.spans]
        return trace_service_pb2.ExportTraceServiceResponse()


async def test_spans_go_to_the_endpoint_that_is_configured_and_none_without() -> None:
    collector, server = Collector(), grpc.aio.server()
    add: Any = trace_service_pb2_grpc.add_TraceServiceServicer_to_server
    add(collector, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    processor = tracing.otlp(f"127.0.0.1:{port}")
    assert processor is not None

    with tracing.exporting("test", processor) as traces:
        with traces.edge("POST /orders", ratio=1):
            pass
        await asyncio.to_thread(processor.force_flush)
    await server.stop(None)

    assert collector.names == ["POST /orders"]
    assert tracing.otlp("") is None


class Deaf(trace_service_pb2_grpc.TraceServiceServicer):
    """Takes what is sent and never answers."""

    def __init__(self) -> None:
        self.left_s: list[float] = []
        self.hung_up = asyncio.Event()

    async def Export(self, request: Any, context: Context) -> Any:
        try:
            await asyncio.Event().wait()
        finally:
            self.left_s.append(context.time_remaining() or 0.0)
            self.hung_up.set()


async def test_a_service_ends_without_waiting_for_a_receiver_that_never_answers() -> None:
    deaf, server = Deaf(), grpc.aio.server()
    add: Any = trace_service_pb2_grpc.add_TraceServiceServicer_to_server
    add(deaf, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    processor = tracing.otlp(f"127.0.0.1:{port}", last_words_s=0.1)
    assert processor is not None

    def recorded() -> None:
        """In a thread: the receiver needs this loop while the exporter ends."""
        with tracing.exporting("test", processor) as traces:
            with traces.edge("POST /orders", ratio=1):
                pass

    await asyncio.to_thread(recorded)
    await deaf.hung_up.wait()
    await server.stop(None)

    # It was hung up on: by itself the exporter would have waited for its deadline.
    (left_s,) = deaf.left_s
    assert left_s > 1
