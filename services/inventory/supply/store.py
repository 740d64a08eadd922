"""How expectations are kept, and how what comes settles them in the write that tells of it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from chassis.changes import Changed
from chassis.records import SELECT_MAX, Change, Index, Kind, Records, Ref, State, Updates, Where
from chassis.requests import Request
from services.inventory.stock.domain import Place
from services.inventory.supply.domain import (
    Came,
    Expectation,
    Expectations,
    nothing_expected,
    settle,
)

A = TypeVar("A")

EXPECTATIONS = Kind(
    type=Expectation,
    collection="expectations",
    key=lambda expectation: expectation.place,
    indexes=(Index(fields=("location_id", "_id")),),
)


def expectation_refs(places: Iterable[Place]) -> list[Ref[Expectation]]:
    return [Ref(EXPECTATIONS, place) for place in dict.fromkeys(places)]


def expectations_in(state: State, places: Iterable[Place]) -> Expectations:
    """Those an update read; empty ones where nothing was ever expected."""
    return {place: state.find(EXPECTATIONS, place) or nothing_expected(place) for place in places}


async def find_expectations(records: Records, places: Sequence[Place]) -> Expectations:
    """Of those places where anything was ever expected, at most 2,000."""
    found: dict[Place, Expectation] = {}
    for first in range(0, len(places), SELECT_MAX):
        some = await records.find_many(EXPECTATIONS, places[first : first + SELECT_MAX])
        found |= {expectation.place: expectation for expectation in some.values()}
    return found


async def expectations_of(
    records: Records, location_id: str, *, after_sku: str, limit: int
) -> list[Expectation]:
    """At most `limit` of a location with a greater sku, ordered by sku."""
    after = (None, Place(location_id, after_sku))
    where = Where(limit=limit, equal={"location_id": location_id}, after=after)
    return await records.select(EXPECTATIONS, where)


def settling(updates: Updates, came: Sequence[Came], *, now: datetime) -> Updates:
    """Updates that also settle what is expected by what `came`, each in its own write."""
    return Settling(updates, came, now) if came else updates


class Settling:
    """See `settling`."""

    def __init__(self, updates: Updates, came: Sequence[Came], now: datetime) -> None:
        self._updates = updates
        self._came = came
        self._now = now

    async def update(
        self,
        refs: Iterable[Ref[Any]],
        change: Change[A],
        *,
        answer: type[A],
        request: Request | None = None,
        timeout_s: float,
    ) -> A:
        places = [came.place for came in self._came]

        def changing(state: State) -> Changed[A]:
            changed = change(state)
            settled = settle(expectations_in(state, places), self._came, now=self._now)
            return replace(
                changed,
                records=(*changed.records, *settled.records),
                events=(*changed.events, *settled.events),
            )

        all_refs = [*refs, *expectation_refs(places)]
        return await self._updates.update(
            all_refs, changing, answer=answer, request=request, timeout_s=timeout_s
        )
