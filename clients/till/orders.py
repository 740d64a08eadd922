"""Follows collect's order events from a cursor kept in a file: after a restart none is missed.

An event may come twice, if we stop between telling and keeping the cursor: whoever reads them
ignores one whose revision it has.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

import grpc
from comptoir.collect.v1 import events_pb2
from comptoir.collect.v1 import order_service_pb2 as order_pb
from comptoir.type.v1 import event_service_pb2 as pb

from clients.house import CannotRunError, words_of
from comptoir_client import CallError, CursorFile, Session, events_from
from comptoir_client.streams import CURSOR_TOO_OLD

NAMES = tuple(
    f"order_{what}"
    for what in (
        *("placed", "confirmed", "picking", "staged", "ready", "collected", "refused"),
        *("cancelled", "cancel_pending", "expired", "changed"),
    )
)
# Only whoever keeps orders can read them anew.
TOO_OLD = (
    "events since the cursor are no longer kept: read your orders anew, then remove the "
    "cursor file to begin with the oldest event there is"
)


async def events(
    channel: grpc.aio.Channel, session: Session, file: CursorFile
) -> AsyncGenerator[pb.Event, None]:
    """Each order event in order, for ever; the cursor is kept when the next is asked for.

    Raises CannotRunError when nobody answers for long, or the answer is no.
    """
    try:
        async with aclosing(events_from(channel, session, file, NAMES)) as told:
            async for event in told:
                yield event
    except CallError as error:
        is_too_old = error.reason == CURSOR_TOO_OLD
        raise CannotRunError(TOO_OLD if is_too_old else words_of(error)) from error


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
