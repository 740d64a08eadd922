"""A service's log of events, from a cursor that is kept in a file."""

import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path

import grpc
from comptoir.type.v1 import event_service_pb2 as pb
from comptoir.type.v1.event_service_pb2_grpc import EventServiceStub

from comptoir_client.sessions import Session
from comptoir_client.streams import follow

CURSOR_BYTES_MAX = 4096


class CursorFile:
    """Written whole or not at all."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def load(self) -> str:
        """Empty, the oldest event kept, where there is no file yet."""
        if not self._file.exists():
            return ""
        with self._file.open("rb") as opened:
            return opened.read(CURSOR_BYTES_MAX).decode(errors="replace").strip()

    def save(self, cursor: str) -> None:
        partial = self._file.with_name(f"{self._file.name}.new")
        with partial.open("w") as opened:
            opened.write(cursor)
            opened.flush()
            os.fsync(opened.fileno())
        partial.replace(self._file)


async def events_from(
    channel: grpc.aio.Channel, session: Session, file: CursorFile, names: Sequence[str] = ()
) -> AsyncGenerator[pb.Event, None]:
    """Each event of these names, or of all, in order, for ever.

    The cursor is kept when the next is asked for: after a stop an event may come twice, so
    ignore one whose revision you have. Raises CallError as `follow` does; `CURSOR_TOO_OLD`
    means: read anew what you keep, then begin with the cursor of `GetHead`.
    """
    stub = EventServiceStub(channel)

    def request() -> pb.WatchEventsRequest:
        return pb.WatchEventsRequest(cursor=file.load(), names=names)

    async with aclosing(follow(stub.WatchEvents, request, session)) as responses:
        async for response in responses:
            for event in response.events:
                yield event
            file.save(response.cursor)
