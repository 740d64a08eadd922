"""How movements are kept, and how facts and levels are written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from chassis.changes import Changed
from chassis.records import (
    AT_ONCE,
    Document,
    Index,
    Kind,
    RecordExistsError,
    Records,
    State,
    Updates,
    Where,
)
from chassis.requests import Request
from services.inventory.ledger.domain import Cause, Movement, MovementsExistError, Note, Rows
from services.inventory.ledger.levels import Level, is_so, take_levels
from services.inventory.ledger.overclaims import Overclaim
from services.inventory.stock.domain import Place
from services.inventory.stock.store import find_rows, row_refs, rows_in

A = TypeVar("A")

TRANSFERRED = {"cause": Cause.TRANSFER.value}
# What the release before reads instead, and what tells one from those that are so.
AS_ORDERED = {"cause": Cause.ORDER.value, "transferred": True}


def with_transfer(document: Document) -> Document:
    """Of schema 1, which knows no transfers as a cause."""
    if "transferred" not in document:
        return document
    return {key: value for key, value in document.items() if key != "transferred"} | TRANSFERRED


def without_transfer(document: Document) -> Document:
    """As schema 1. Nothing is lost: movements are never written again, so the mark stays."""
    return document | AS_ORDERED if document["cause"] == Cause.TRANSFER else document


MOVEMENTS = Kind(
    type=Movement,
    collection="movements",
    key=lambda movement: movement.movement_id,
    indexes=(
        # In the order in which a row's movements are told. The last three are for the proof,
        # which adds up many thousand and would else have to look at each.
        Index(fields=("location_id", "sku", "revision", "_id", "source", "target", "quantity")),
    ),
    immutable=True,
    schema=2,
    upgrades={1: with_transfer},
    writes=1,
    downgrades={1: without_transfer},
)
OVERCLAIMS = Kind(
    type=Overclaim,
    collection="overclaims",
    key=lambda overclaim: overclaim.overclaim_id,
    indexes=(Index(fields=("mended", "_id")),),
    forget_time=lambda overclaim: AT_ONCE if overclaim.mended else None,
)


async def update_rows(
    updates: Updates,
    places: Sequence[Place],
    rule: Callable[[Rows], Changed[A]],
    *,
    answer: type[A],
    request: Request | None = None,
    timeout_s: float,
) -> A:
    """Write what `rule` makes of the rows at `places`.

    Raises MovementsExistError where `request` moved units before its answer was dropped.
    """

    def change(state: State) -> Changed[A]:
        return rule(rows_in(state, places))

    with moving_once():
        return await updates.update(
            row_refs(places), change, answer=answer, request=request, timeout_s=timeout_s
        )


@contextmanager
def moving_once() -> Iterator[None]:
    """Raises MovementsExistError where the movements of a write are there already."""
    try:
        yield
    except RecordExistsError as error:
        # Told to take a new id, a till would book its sale twice.
        message = "this request_id moved units, and its answer is dropped: this was done long ago"
        raise MovementsExistError(message) from error


async def movements_of(
    records: Records, place: Place, *, after: tuple[int, str] | None, limit: int
) -> list[Movement]:
    """At most `limit` movements, newest first, behind the one of this revision and id."""
    where = Where(
        limit=limit,
        equal={"location_id": place.location_id, "sku": place.sku},
        order="revision",
        descending=True,
        after=after,
    )
    return await records.select(MOVEMENTS, where)


async def overclaimed(records: Records, *, after_id: str, limit: int) -> list[Overclaim]:
    """At most `limit` that are not mended yet, by id, behind this one."""
    where = Where(limit=limit, equal={"mended": False}, after=(None, after_id))
    return await records.select(OVERCLAIMS, where)


class LevelWriter:
    """Sets the levels of one import, chunk by chunk.

    It looks before it writes: a level that is so already then writes nothing, not even a
    conflict. A chunk that begins after one that was all news is not looked at: reading twice
    what is written in any case is a tenth of its cost.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._looks = True

    async def put(self, levels: Sequence[Level], *, note: Note, timeout_s: float) -> set[Place]:
        """Set the levels, the last of each place, and return the places that this changed."""
        last = {level.place: level for level in levels}
        if not last:
            return set()
        wrong = await self._wrong(last) if self._looks else list(last.values())
        changed = await self._write(wrong, note, timeout_s) if wrong else set[Place]()
        self._looks = len(changed) < len(last)
        return changed

    async def _wrong(self, levels: Mapping[Place, Level]) -> list[Level]:
        """Those that were not so when they were read: of the others nothing need be done."""
        rows = await find_rows(self._records, list(levels))
        return [level for place, level in levels.items() if not is_so(rows[place], level)]

    async def _write(self, levels: Sequence[Level], note: Note, timeout_s: float) -> set[Place]:
        places = [level.place for level in levels]
        rule = partial(take_levels, levels=levels, note=note)
        told = await update_rows(
            self._records, places, rule, answer=list[bool], timeout_s=timeout_s
        )
        return {place for place, changed in zip(places, told, strict=True) if changed}
