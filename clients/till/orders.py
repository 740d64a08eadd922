"""Follows collect's order events from a cursor kept in a file: after a restart none is missed.

An event may come twice, if we stop between telling and keeping the cursor: whoever reads them
ignores one whose revision it has.
"""

import json
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import grpc
from comptoir.collect.v1 import events_pb2
from comptoir.collect.v1 import order_service_pb2 as order_pb
from comptoir.type.v1 import event_service_pb2 as pb
from comptoir.type.v1.event_service_pb2_grpc import EventServiceStub

from clients.house import CannotRunError, Session, read
from clients.till.again import answers

NAMES = tuple(
    f"order_{what}"
    for what in (
        *("placed", "confirmed", "picking", "staged", "ready", "collected", "refused"),
        *("cancelled", "cancel_pending", "expired", "changed"),
    )
)
CURSOR_BYTES_MAX = 4096


class CursorFile:
    """Written whole or not at all."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def load(self) -> str:
        """Empty, the oldest event kept, where there is no file yet."""
        if not self._file.exists():
            return ""
        return read(self._file, CURSOR_BYTES_MAX).decode(errors="replace").strip()

    def save(self, cursor: str) -> None:
        partial = self._file.with_name(f"{self._file.name}.new")
        with partial.open("w") as opened:
            opened.write(cursor)
            opened.flush()
            os.fsync(opened.fileno())
        partial.replace(self._file)


async def events(
    channel: grpc.aio.Channel, session: Session, file: CursorFile
) -> AsyncGenerator[pb.Event, None]:
    """Each order event in order, for ever; the cursor is kept when the next is asked for.

    Raises CannotRunError when nobody answers for long, or the answer is no.
    """
    stub: Any = EventServiceStub(channel)

    def begin(metadata: Any) -> Any:
        request = pb.WatchEventsRequest(cursor=file.load(), names=NAMES)
        return stub.WatchEvents(request, metadata=metadata)

    async with aclosing(answers(begin, session, too_old=too_old)) as responses:
        async for response in responses:
            for event in response.events:
                yield event
            file.save(response.cursor)


def too_old() -> None:
    """Orders are to be read anew, which only whoever keeps them can do."""
    raise CannotRunError(
        "events since the cursor are no longer kept: read your orders anew, then remove the "
        "cursor file to begin with the oldest event there is"
    )


def text_of(event: pb.Event) -> str:
    """One JSON object: what happened to which order, and its lines as they are now."""
    told: dict[str, object] = {
        "position": event.position,
        "event": event.name,
        "order_id": event.key,
        "revision": event.revision,
        "time": event.occur_time.ToJsonString(),
    }
    order = events_pb2.OrderChanged()
    if event.detail.Unpack(order):
        told |= {
            "location_id": order.location_id,
            "state": order_pb.OrderState.Name(order.state),
            "lines": [
                {
                    "sku": line.sku,
                    "quantity": line.quantity,
                    "state": order_pb.LineState.Name(line.state),
                }
                for line in order.lines
            ],
        }
    return json.dumps(told)
