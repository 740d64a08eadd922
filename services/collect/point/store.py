"""How points, places and slots are kept and asked for."""

from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from chassis.records import SELECT_MAX, Index, Key, Kind, Records, Where
from services.collect.point.distance import DEGREE_M, Coordinates, box, distance_m
from services.collect.point.domain import Place, Point, Slot
from services.collect.point.notice import Notice

R = TypeVar("R")

# Beyond the end of a slot: clocks differ.
FORGOTTEN_AFTER = timedelta(days=1)

PLACES = Kind(
    type=Place,
    collection="places",
    key=lambda place: place.location_id,
    indexes=(Index(fields=("latitude",)),),
)
POINTS = Kind(
    type=Point,
    collection="points",
    key=lambda point: point.point_id,
    indexes=(Index(fields=("location_id",)),),
)
SLOTS = Kind(
    type=Slot,
    collection="slots",
    key=lambda slot: slot.slot_id,
    # Nobody takes a slot that is past, and an order that gives one back gives back nothing.
    forget_time=lambda slot: slot.end_time + FORGOTTEN_AFTER,
)
NOTICES = Kind(
    type=Notice,
    collection="notices",
    key=lambda notice: notice.location_id,
    indexes=(Index(fields=("read",)),),
)
POINT_KINDS = (PLACES, POINTS, SLOTS, NOTICES)

PAGES_MAX = 20
# How far around a customer is searched, step by step, and the whole globe after that.
REACHES_DEG = (0.25, 1.0, 4.0)


@dataclass(frozen=True, slots=True)
class Nearby:
    """A point, its place, and how far it is; None where that is not known."""

    point: Point
    place: Place
    distance_m: int | None = None


async def points_of(
    records: Records, location_id: str, *, after_id: str, limit: int
) -> list[Point]:
    """The points of a location by id, from the first behind `after_id`."""
    where = Where(
        equal={"location_id": location_id},
        after=(None, after_id) if after_id else None,
        limit=limit,
    )
    return await records.select(POINTS, where)


async def by_id(
    records: Records, count: int, *, location_ids: Collection[str] = ()
) -> list[Nearby]:
    """The first `count` points, of these locations alone if there are any."""
    one_of = {"location_id": location_ids} if location_ids else {}
    where = Where(one_of=one_of, limit=count)
    return await placed(records, await records.select(POINTS, where))


async def nearest(
    records: Records, near: Coordinates, count: int, *, location_ids: Collection[str] = ()
) -> list[Nearby]:
    """The `count` points nearest to `near`, of these locations alone if there are any.

    Those that are nobody knows where come last, by id.
    """
    for reach_deg in REACHES_DEG if not location_ids else ():
        found = [nearby async for nearby in around(records, near, reach_deg)]
        # Whatever was not found is further away; distances are rounded to a metre.
        reach_m = reach_deg * DEGREE_M - 1
        sure = [n for n in found if n.distance_m is not None and n.distance_m < reach_m]
        if len(sure) >= count:
            return sorted(sure, key=order)[:count]
    one_of = {"location_id": location_ids} if location_ids else {}
    points = [p async for p in every(records, POINTS, Where(one_of=one_of, limit=SELECT_MAX))]
    return sorted(measured(await placed(records, points), near), key=order)[:count]


async def around(records: Records, near: Coordinates, reach_deg: float) -> AsyncIterator[Nearby]:
    """All points within so many degrees of arc, and some beyond."""
    least, most = box(near, reach_deg)
    where = Where(
        above={"latitude": least.latitude, "longitude": least.longitude},
        at_most={"latitude": most.latitude, "longitude": most.longitude},
        limit=SELECT_MAX,
    )
    places = {place.location_id: place async for place in every(records, PLACES, where)}
    for ids in chunks(list(places), SELECT_MAX):
        of_places = Where(one_of={"location_id": ids}, limit=SELECT_MAX)
        points = [point async for point in every(records, POINTS, of_places)]
        for found in measured((Nearby(p, places[p.location_id]) for p in points), near):
            yield found


async def placed(records: Records, points: Collection[Point]) -> list[Nearby]:
    """The points with their places, which are kept before the points are."""
    places: dict[Key, Place] = {}
    for ids in chunks(list(dict.fromkeys(point.location_id for point in points)), SELECT_MAX):
        places |= await records.find_many(PLACES, ids)
    return [Nearby(point, places[point.location_id]) for point in points]


def measured(found: Iterable[Nearby], near: Coordinates) -> list[Nearby]:
    return [replace(nearby, distance_m=how_far(nearby.place, near)) for nearby in found]


def how_far(place: Place, near: Coordinates) -> int | None:
    if place.latitude is None or place.longitude is None:
        return None
    return distance_m(near, Coordinates(place.latitude, place.longitude))


def order(nearby: Nearby) -> tuple[bool, int, str]:
    return nearby.distance_m is None, nearby.distance_m or 0, nearby.point.point_id


async def every(records: Records, kind: Kind[R], where: Where) -> AsyncIterator[R]:
    """All that `where` selects by key, in pages; PAGES_MAX of them at most."""
    for _ in range(PAGES_MAX):
        page = await records.select(kind, where)
        for record in page:
            yield record
        if len(page) < where.limit:
            return
        where = replace(where, after=(None, kind.key(page[-1])))


def chunks(items: list[str], size: int) -> list[list[str]]:
    return [items[first : first + size] for first in range(0, len(items), size)]
