"""Spans that have ended, kept in memory."""

import asyncio
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


class Ended(InMemorySpanExporter):
    """Spans that have ended; tells when another has."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = asyncio.Event()

    def export(self, spans: Any) -> Any:
        self.changed.set()
        return super().export(spans)

    async def wait(self, count: int) -> list[ReadableSpan]:
        async with asyncio.timeout(5):
            while len(self.get_finished_spans()) < count:
                self.changed.clear()
                await self.changed.wait()
        return sorted(self.get_finished_spans(), key=lambda span: span.start_time or 0)


def parent_id(span: ReadableSpan) -> int | None:
    return span.parent.span_id if span.parent else None
