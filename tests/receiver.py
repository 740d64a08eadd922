"""Where a suite under test sends its spans: an OTLP service that keeps all it receives."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as pb
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc

# What is exported in batches comes some seconds late, and later on a busy machine.
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A span as it was received."""

    service: str
    span: Any

    @property
    def name(self) -> str:
        return str(self.span.name)

    @property
    def id(self) -> bytes:
        return bytes(self.span.span_id)

    @property
    def words(self) -> str:
        """As a test names it: who, what."""
        return f"{self.service}: {self.name}"


@dataclass(slots=True)
class Receiver:
    """All that was received. `address` is where."""

    address: str = ""
    requests: list[Any] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    async def Export(self, request: Any, context: Any) -> Any:
        self.requests.append(request)
        self.more.set()
        return pb.ExportTraceServiceResponse()

    def spans(self) -> Iterator[Seen]:
        for request in self.requests:
            for resource in request.resource_spans:
                yield from (
                    Seen(service_of(resource), span)
                    for scope in resource.scope_spans
                    for span in scope.spans
                )

    async def trace(self, trace_id: str, complete: Callable[["Trace"], bool]) -> "Trace":
        """The trace once it is complete. Raises AssertionError, with what there is, if never."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not complete(found := self._trace(trace_id)):
                    self.more.clear()
                    await self.more.wait()
        except TimeoutError:
            raise AssertionError(f"there is only:\n{self._trace(trace_id)}") from None
        return found

    def _trace(self, trace_id: str) -> "Trace":
        wanted = bytes.fromhex(trace_id)
        return Trace(tuple(seen for seen in self.spans() if seen.span.trace_id == wanted))


@dataclass(frozen=True, slots=True)
class Trace:
    spans: tuple[Seen, ...]

    def path(self, seen: Seen) -> list[str]:
        """What it is below, from the outermost on, and itself."""
        by_id = {each.id: each for each in self.spans}
        way = [seen]
        while (above := by_id.get(way[0].span.parent_span_id)) is not None:
            way.insert(0, above)
        return [each.words for each in way]

    def paths(self) -> list[list[str]]:
        return [self.path(seen) for seen in self.spans]

    def has(self, *way: str) -> bool:
        """Whether spans of these words stand directly below each other somewhere."""
        return any(tuple(path[-len(way) :]) == way for path in self.paths())

    def named(self, words: str) -> list[Seen]:
        return [seen for seen in self.spans if seen.words == words]

    def __str__(self) -> str:
        return "\n".join(sorted(" > ".join(path) for path in self.paths()))


def service_of(resource: Any) -> str:
    values = {each.key: each.value.string_value for each in resource.resource.attributes}
    return str(values["service.name"])


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver on a free port of the loopback."""
    receiver, server = Receiver(), grpc.aio.server()
    add: Any = trace_service_pb2_grpc.add_TraceServiceServicer_to_server
    add(receiver, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    receiver.address = f"127.0.0.1:{port}"
    try:
        yield receiver
    finally:
        await server.stop(None)
