"""Sessions that end are heard of: from an issuer over the wire, and from one's own log."""

from datetime import timedelta
from typing import Any

from comptoir.type.v1.event_service_pb2_grpc import EventServiceStub

from chassis.auth import Revocations
from chassis.clock import utc_now
from chassis.event_servicer import EventServicer
from chassis.events import MemoryLog
from chassis.revocations import follow_own_revocations, follow_revocations
from tests.background import background
from tests.serving import calling_as, serving
from tests.waiting import until

HOUSE = calling_as("catalog", "service:catalog")


def revoked(session_id: str, *, ago: timedelta = timedelta(0)) -> dict[str, object]:
    return {
        "name": "session_revoked",
        "key": session_id,
        "revision": 1,
        "detail": {},
        "occur_time": utc_now() - ago,
    }


class Calling:
    """The issuer's event service, called as one of the house."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub

    def WatchEvents(self, request: Any) -> Any:
        return self._stub.WatchEvents(request, metadata=HOUSE)


async def test_a_session_that_ended_elsewhere_is_heard_of() -> None:
    log, revocations = MemoryLog(), Revocations()
    log.append([revoked("before", ago=timedelta(minutes=5))])
    async with serving(EventServicer(log, {})) as channel:
        source = Calling(EventServiceStub(channel))
        async with background(follow_revocations(source, revocations)):
            log.append([revoked("now")])
            await until(lambda: is_in(revocations, "now"))

    # What ended before we began is as dead, as long as its tokens could still be live.
    assert "before" in revocations


async def test_what_ended_longer_ago_than_a_token_lives_is_not_asked_for() -> None:
    log, revocations = MemoryLog(), Revocations()
    log.append([revoked("long ago", ago=timedelta(hours=1)), revoked("now")])
    async with background(follow_own_revocations(log, revocations)):
        await until(lambda: is_in(revocations, "now"))

    assert "long ago" not in revocations


async def is_in(revocations: Revocations, session_id: str) -> bool:
    return session_id in revocations
