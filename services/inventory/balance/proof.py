"""Proving stock part by part, while it sells: in order, to be resumed, the next part under way.

A cursor says behind what to go on, and is good for the same question alone.
"""

import asyncio
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

from chassis.errors import AppError, Kind
from chassis.events import InvalidCursorError
from chassis.paging import InvalidPageError, decode_token, encode_token
from services.inventory.balance.domain import Difference, Part, Slice
from services.inventory.balance.store import Balances, PartTooLargeError

PART_ROWS_MAX = 10_000
PART_LOCATIONS_MAX = 1_000
# The engine adds up one part while we compare the rows of another.
AT_ONCE = 2
DIFFERENCES_MAX = 1_000


class TooManyProofsError(AppError):
    """Each keeps the engine as busy as a core can: one more would only slow down the others."""

    kind, reason = Kind.RESOURCE_EXHAUSTED, "TOO_MANY_PROOFS"


class Behind(NamedTuple):
    """How far a proof has come: `sku` of a location, or all of it where that is empty."""

    sku: str
    location_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be proven: at these locations, in order, this sku or, if it is empty, all.

    Attributes:
        name: Tells one question from another, whatever locations there are by now.
        verb: What is done there, if they are not proven.
    """

    location_ids: Sequence[str]
    sku: str
    name: str
    verb: str = "verify"

    def cursor(self, behind: Behind) -> str:
        return encode_token(" ".join(behind), query=self._query)

    def behind(self, cursor: str) -> Behind:
        """Raises InvalidCursorError."""
        try:
            content = decode_token(cursor, query=self._query)
            return Behind(*content.split(" ", 1)) if content else Behind("", "")
        except (InvalidPageError, TypeError):
            raise InvalidCursorError("the cursor did not come from this question") from None

    @property
    def _query(self) -> str:
        return f"{self.verb} {self.sku} {self.name}"

    def wholes(self, behind: Behind) -> Iterator[Part]:
        """What is left behind it: each location, or many where it is one sku."""
        begun = bisect_left if behind.sku else bisect_right
        left = tuple(self.location_ids[begun(self.location_ids, behind.location_id) :])
        if self.sku:
            yield from chunks(Part(location_ids=left, sku=self.sku), PART_LOCATIONS_MAX)
            return
        for location_id in left:
            after_sku = behind.sku if location_id == behind.location_id else ""
            yield Part(location_ids=(location_id,), after_sku=after_sku)

    def done_count(self, behind: Behind) -> int:
        """How many locations lie behind it whole."""
        count = bisect_right(self.location_ids, behind.location_id)
        return count - 1 if behind.sku and count else count


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A slice, or, unless `is_last`, some of what differs in it."""

    slice: Slice
    differences: tuple[Difference, ...]
    behind: Behind
    is_last: bool


async def proof(
    balances: Balances, question: Question, behind: Behind
) -> AsyncGenerator[Step, None]:
    """Every part of the question that lies behind `behind`. Raises PartTooLargeError."""
    under_way = deque[asyncio.Task[list[Slice]]]()
    try:
        async with aclosing(parts(balances, question, behind)) as planned:
            async for part in planned:
                under_way.append(asyncio.create_task(proven(balances, part, limit_of(part))))
                if len(under_way) == AT_ONCE:
                    for step in steps_of(await under_way.popleft()):
                        yield step
        while under_way:
            for step in steps_of(await under_way.popleft()):
                yield step
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def parts(
    balances: Balances, question: Question, behind: Behind
) -> AsyncGenerator[Part, None]:
    for whole in question.wholes(behind):
        async with aclosing(divided(balances, whole, limit_of(whole))) as divisions:
            async for part in divisions:
                yield part


async def divided(balances: Balances, whole: Part, count_max: int) -> AsyncGenerator[Part, None]:
    """Parts of so many rows, or locations, that are the whole together."""
    if whole.sku:
        for part in chunks(whole, count_max):
            yield part
        return
    rest = whole
    while (end_sku := await balances.end_of(rest, count_max=count_max)) is not None:
        yield replace(rest, end_sku=end_sku)
        rest = replace(rest, after_sku=end_sku)
    yield rest


def chunks(whole: Part, count_max: int) -> Iterator[Part]:
    for first in range(0, len(whole.location_ids), count_max):
        yield replace(whole, location_ids=whole.location_ids[first : first + count_max])


def limit_of(part: Part) -> int:
    return PART_LOCATIONS_MAX if part.sku else PART_ROWS_MAX


async def proven(balances: Balances, part: Part, count_max: int) -> list[Slice]:
    """The part as one slice; in halves, and halves of these, where that takes too long.

    Raises PartTooLargeError where one row alone does.
    """
    try:
        return [await balances.prove(part)]
    except PartTooLargeError:
        smaller, smaller_max = await halved(balances, part, count_max)
        if len(smaller) == 1:
            raise
    return [found for each in smaller for found in await proven(balances, each, smaller_max)]


async def halved(balances: Balances, part: Part, count_max: int) -> tuple[list[Part], int]:
    """Parts that are it together, and how much is in each at most; itself, where it is one row.

    By what there is, not by what there might be: to prove the same again takes a minute.
    """
    while count_max > 1:
        count_max = (count_max + 1) // 2
        async with aclosing(divided(balances, part, count_max)) as divisions:
            smaller = [each async for each in divisions]
        if len(smaller) > 1:
            return smaller, count_max
    return [part], count_max


def steps_of(slices: Sequence[Slice]) -> Iterator[Step]:
    for found in slices:
        *others, last = listed(found.differences)
        for some in others:
            place = some[-1].place
            behind = Behind("" if found.part.sku else place.sku, place.location_id)
            yield Step(slice=found, differences=some, behind=behind, is_last=False)
        behind = Behind(found.part.end_sku or "", found.part.location_ids[-1])
        yield Step(slice=found, differences=last, behind=behind, is_last=True)


def listed(differences: Sequence[Difference]) -> Iterator[tuple[Difference, ...]]:
    """In lists of one message each, at least one. All of a place are in one of them."""
    some = list[Difference]()
    for _, its in groupby(differences, key=lambda each: each.place):
        of_place = list(its)
        if some and len(some) + len(of_place) > DIFFERENCES_MAX:
            yield tuple(some)
            some = []
        some += of_place
    yield tuple(some)
