"""Keeps our places as inventory has its locations: asked when needed, and told of changes.

An event says only that a location changed. It leaves a notice, in the transaction
that moves the cursor; what it changed to is read afterwards, by any replica.
"""

import asyncio
import logging
import random
from collections.abc import Collection, Iterable, Sequence
from functools import partial

from comptoir.inventory.v1 import location_service_pb2 as location_pb
from comptoir.inventory.v1 import location_service_pb2_grpc as location_grpc
from comptoir.type.v1 import event_service_pb2 as event_pb
from comptoir.type.v1 import event_service_pb2_grpc as event_grpc

from chassis.changes import Changed
from chassis.deadline import left_s
from chassis.errors import AppError
from chassis.progress import Effect
from chassis.records import Records, Ref, State, Where
from services.collect.point.domain import Place
from services.collect.point.notice import Notice, newer, read, told
from services.collect.point.store import NOTICES, PLACES, chunks
from services.collect.point.wire import place_from_pb

log = logging.getLogger(__name__)

LOCATIONS_MAX = 200  # Of one BatchGetLocations, and of one page.
RESYNC_PAGES_MAX = 1000
WRITE_S = 2.0
SWEEP_S = 1.0


class Places:
    """Our copies of inventory's locations, by what `locations` and its events say."""

    def __init__(
        self,
        records: Records,
        locations: "location_grpc.LocationServiceAsyncStub",
        events: "event_grpc.EventServiceAsyncStub",
    ) -> None:
        self._records = records
        self._locations = locations
        self._events = events

    async def learn(self, location_ids: Collection[str]) -> dict[str, Place]:
        """Those that inventory has, as it has them now; kept, too."""
        learned: dict[str, Place] = {}
        for ids in chunks(list(dict.fromkeys(location_ids)), LOCATIONS_MAX):
            request = location_pb.BatchGetLocationsRequest(location_ids=ids)
            response = await self._locations.BatchGetLocations(request)
            learned |= await self._keep(map(place_from_pb, response.locations))
        return learned

    async def read_notices(self) -> int:
        """Read locations of which we were told; answers how many are as told now."""
        where = Where(equal={"read": False}, limit=LOCATIONS_MAX)
        notices = await self._records.select(NOTICES, where)
        if not notices:
            return 0
        learned = await self.learn([notice.location_id for notice in notices])

        def change(state: State) -> Changed[int]:
            now = [read(n, learned.get(n.location_id)) for n in state.all(NOTICES)]
            return Changed(answer=sum(n.read for n in now), records=tuple(now))

        refs = [Ref(NOTICES, notice.location_id) for notice in notices]
        return await self._records.update(refs, change, answer=int, timeout_s=WRITE_S)

    async def run(self) -> None:
        """Read what we are told of, until cancelled."""
        while True:
            try:
                while await self.read_notices() == LOCATIONS_MAX:
                    pass
            except AppError as error:
                log.warning("locations cannot be read: %s", error.reason)
            except Exception:
                # Nobody waits for this task: what it raised would be noticed by its silence.
                log.exception("locations cannot be read")
            await asyncio.sleep(random.uniform(SWEEP_S / 2, SWEEP_S))

    async def resync(self) -> str:
        """Read every location; the cursor from which events go on. For a Consumer.

        What stands there now wins over any revision we had: inventory may have
        been restored, and then its revisions begin again from lower ones.
        """
        head = (await self._events.GetHead(event_pb.GetHeadRequest())).cursor
        request = location_pb.ListLocationsRequest(page_size=LOCATIONS_MAX)
        for _ in range(RESYNC_PAGES_MAX):
            response = await self._locations.ListLocations(request)
            await self._replace(list(map(place_from_pb, response.locations)))
            request.page_token = response.next_page_token
            if not request.page_token:
                break
        return head

    async def _replace(self, places: Sequence[Place]) -> None:
        if not places:
            return
        notices = [
            Notice(location_id=place.location_id, revision=place.revision, read=True)
            for place in places
        ]
        refs = [Ref(kind, p.location_id) for kind in (PLACES, NOTICES) for p in places]
        await self._records.update(
            refs,
            lambda state: Changed(answer=None, records=(*places, *notices)),
            answer=type(None),
            timeout_s=WRITE_S,
        )

    async def _keep(self, places: Iterable[Place]) -> dict[str, Place]:
        learned = {place.location_id: place for place in places}
        before = await self._records.find_many(PLACES, learned)
        # This read decides only that nothing need be done: revisions never fall.
        news = [p for p in learned.values() if newer(before.get(p.location_id), p)]
        if news:
            refs = [Ref(PLACES, place.location_id) for place in news]
            await self._records.update(
                refs, partial(put, news), answer=type(None), timeout_s=left_s(WRITE_S)
            )
        return learned


def put(places: list[Place], state: State) -> Changed[None]:
    after = [p for p in places if newer(state.find(PLACES, p.location_id), p)]
    return Changed(answer=None, records=tuple(after))


def location_changed(event: event_pb.Event) -> Effect:
    """Handles inventory's event of that name, whose key is the location's id."""
    ref = Ref(NOTICES, event.key)

    def change(state: State) -> Changed[None]:
        before = state.find(NOTICES, event.key)
        notice = told(before, location_id=event.key, revision=event.revision)
        return Changed(answer=None, records=() if notice is None else (notice,))

    return Effect((ref,), change)
