"""How locations are kept, put, and held in memory: there are some thousands, and they stay."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence

from chassis.changes import Changed
from chassis.importing import Outcome, put_beside
from chassis.records import SELECT_MAX, Index, Key, Kind, Records, Ref, State, Where
from services.inventory.location import domain
from services.inventory.location.domain import (
    Directory,
    Location,
    LocationKind,
    UnknownLocationError,
)

LOCATIONS = Kind(
    type=Location,
    collection="locations",
    key=lambda location: location.location_id,
    indexes=(Index(fields=("listed", "_id")), Index(fields=("kind", "_id"))),
)
DIRECTORIES = Kind(
    type=Directory,
    collection="directories",
    key=lambda directory: directory.directory_id,
)
DIRECTORY_ID = "locations"
KNOWN_MAX = 50_000
PAGES_MAX = 50


async def put_locations(
    records: Records, locations: Sequence[Location], *, timeout_s: float
) -> list[Outcome]:
    """Put each whole, and say of each whether that changed something."""

    def left(
        state: State, before: Mapping[Key, Location], now: Mapping[Key, Location]
    ) -> Changed[None]:
        directory = state.find(DIRECTORIES, DIRECTORY_ID) or Directory(directory_id=DIRECTORY_ID)
        return domain.listed(directory, now.values())

    return await put_beside(
        records,
        LOCATIONS,
        locations,
        key=lambda location: location.location_id,
        put=domain.put,
        left=left,
        beside=lambda location: (Ref(DIRECTORIES, DIRECTORY_ID),),
        timeout_s=timeout_s,
    )


async def locations_by_id(
    records: Records, kind: LocationKind | None, *, after_id: str, limit: int
) -> list[Location]:
    """At most `limit` with a greater id, ordered by id."""
    equal = {} if kind is None else {"kind": kind}
    return await records.select(LOCATIONS, Where(limit=limit, equal=equal, after=(None, after_id)))


class KnownLocations:
    """Which locations there are. None is ever removed, so what was seen once is known.

    What was not there is asked for each time: it may have come, and nobody can fill our memory
    with ids that they invent.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._known: set[str] = set()

    async def check(self, location_ids: Iterable[str]) -> None:
        """Raises UnknownLocationError for the first that is not there, in their order."""
        for location_id in await self.unknown(location_ids):
            raise unknown_location(location_id)

    async def check_any(self, location_ids: Collection[str]) -> list[str]:
        """Those that are not there, in their order. Raises UnknownLocationError if none is."""
        unknown = await self.unknown(location_ids)
        if len(unknown) == len(location_ids):
            raise unknown_location(unknown[0])
        return unknown

    async def unknown(self, location_ids: Iterable[str]) -> list[str]:
        """Those that are not there, each once, in their order."""
        new = [each for each in dict.fromkeys(location_ids) if each not in self._known]
        if not new:
            return []
        there = await self._records.find_many(LOCATIONS, new)
        if len(self._known) > KNOWN_MAX:
            self._known.clear()
        self._known |= {location.location_id for location in there.values()}
        return [each for each in new if each not in there]


class Listing:
    """Every location, in memory, as of the call that asks."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._by_id: dict[str, Location] = {}
        self._revision = 0
        # Of two reads at once the earlier could else overwrite what the later found.
        self._reading = asyncio.Lock()

    async def all(self) -> Collection[Location]:
        async with self._reading:
            directory = await self._records.find(DIRECTORIES, DIRECTORY_ID)
            if directory is not None and directory.revision > self._revision:
                await self._read_on()
                self._revision = directory.revision
            return list(self._by_id.values())

    async def _read_on(self) -> None:
        """What came since `_revision`."""
        after: tuple[int, str] | None = None
        for _ in range(PAGES_MAX):
            above = {"listed": self._revision}
            where = Where(limit=SELECT_MAX, above=above, order="listed", after=after)
            page = await self._records.select(LOCATIONS, where)
            self._by_id |= {location.location_id: location for location in page}
            if len(page) < SELECT_MAX:
                return
            after = page[-1].listed, page[-1].location_id


def unknown_location(location_id: str) -> UnknownLocationError:
    return UnknownLocationError(
        f"there is no location {location_id}: look at the id, or import it first",
        location_id=location_id,
    )
