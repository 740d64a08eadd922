"""Reading rows with the sums that prove them. `RecordsBalances` is the specification."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Protocol

from chassis.clock import Clock, utc_now
from chassis.errors import AppError, Kind
from chassis.records import SELECT_MAX, Records, Where
from services.inventory.balance.domain import (
    Balance,
    Difference,
    Part,
    Slice,
    balance,
    differences,
)
from services.inventory.ledger.domain import Movement
from services.inventory.ledger.store import MOVEMENTS, movements_of
from services.inventory.period.domain import Carried, Period, add
from services.inventory.period.store import CARRIED, PERIODS
from services.inventory.reservation.domain import STANDING, Reservation
from services.inventory.reservation.store import RESERVATIONS
from services.inventory.stock.domain import Bucket, Place, StockRow, empty_row
from services.inventory.stock.store import ROWS


class PartTooLargeError(AppError):
    """It cannot be read as of one instant in the time there is: prove less at once."""

    kind, reason = Kind.UNAVAILABLE, "PART_TOO_LARGE"


class Balances(Protocol):
    async def of(self, place: Place) -> Balance:
        """The row and its sums, as of one instant."""

    async def location_ids(self) -> list[str]:
        """Every location that has a row or a movement, open or closed, or ever closed one, in
        order."""

    async def end_of(self, part: Part, *, count_max: int) -> str | None:
        """The sku of the row at which so many rows of a part are full.

        None where the part, which is of one location, has no more.
        """

    async def prove(self, part: Part) -> Slice:
        """Every row of the part against its sums, all as of one instant.

        So too where there are movements or reservations and no row. Raises
        PartTooLargeError.
        """


class RecordsBalances:
    """Adds up record by record: of one instant only where nothing else runs, as in memory."""

    def __init__(self, records: Records, *, clock: Clock = utc_now) -> None:
        self._records = records
        self._clock = clock

    async def of(self, place: Place) -> Balance:
        row = await self._records.find(ROWS, place) or empty_row(place)
        carried = await self._records.find(CARRIED, place)
        sums = await self._sums(place, {} if carried is None else carried.units)
        return balance(row, sums, await self._claims(place), carried)

    async def location_ids(self) -> list[str]:
        rows = {row.location_id async for row in self._rows()}
        closed = {each.location_id async for each in self._carried()}
        closed |= {each.location_id async for each in self._periods()}
        return sorted(rows | closed | {each.location_id async for each in self._movements()})

    async def end_of(self, part: Part, *, count_max: int) -> str | None:
        skus = sorted([row.sku async for row in self._rows() if part.holds(row.place)])
        return skus[count_max - 1] if len(skus) > count_max else None

    async def prove(self, part: Part) -> Slice:
        rows = {row.place: row async for row in self._rows() if part.holds(row.place)}
        sums: Mapping[Place, Counter[Bucket]] = defaultdict(Counter)
        movement_count = closed_count = 0
        async for carried in self._carried():
            if part.holds(carried.place):
                sums[carried.place].update(carried.units)
                closed_count += carried.movement_count
        async for movement in self._movements():
            place = Place(movement.location_id, movement.sku)
            if part.holds(place):
                add(sums[place], movement)
                movement_count += 1
        claims: Mapping[Place, Counter[int]] = defaultdict(Counter)
        line_count = 0
        async for reservation in self._standing():
            for line in filter(lambda line: part.holds(line.place), reservation.lines):
                claims[line.place][reservation.expire_instant] += line.quantity
                line_count += 1
        found = list[Difference]()
        for place in sorted({*rows, *sums, *claims}):
            row = rows.get(place) or empty_row(place)
            found += differences(row, sums.get(place, {}), claims.get(place, {}))
        return Slice(
            part=part,
            time=self._clock(),
            row_count=len({*rows, *sums, *claims}),
            movement_count=movement_count,
            closed_movement_count=closed_count,
            reservation_line_count=line_count,
            differences=tuple(found),
        )

    async def _sums(self, place: Place, carried: Mapping[Bucket, int]) -> Counter[Bucket]:
        sums, after = Counter(carried), None
        while page := await movements_of(self._records, place, after=after, limit=SELECT_MAX):
            for movement in page:
                add(sums, movement)
            after = page[-1].revision, page[-1].movement_id
        return sums

    async def _claims(self, place: Place) -> Counter[int]:
        claims = Counter[int]()
        async for reservation in self._standing(sku=place.sku):
            lines = [line for line in reservation.lines if line.place == place]
            claims[reservation.expire_instant] += sum(line.quantity for line in lines)
        return claims

    async def _rows(self) -> AsyncIterator[StockRow]:
        where = Where(limit=SELECT_MAX)
        while page := await self._records.select(ROWS, where):
            for row in page:
                yield row
            where = replace(where, after=(None, page[-1].place))

    async def _movements(self) -> AsyncIterator[Movement]:
        where = Where(limit=SELECT_MAX)
        while page := await self._records.select(MOVEMENTS, where):
            for movement in page:
                yield movement
            where = replace(where, after=(None, page[-1].movement_id))

    async def _carried(self) -> AsyncIterator[Carried]:
        where = Where(limit=SELECT_MAX)
        while page := await self._records.select(CARRIED, where):
            for carried in page:
                yield carried
            where = replace(where, after=(None, page[-1].place))

    async def _periods(self) -> AsyncIterator[Period]:
        where = Where(limit=SELECT_MAX)
        while page := await self._records.select(PERIODS, where):
            for period in page:
                yield period
            where = replace(where, after=(None, page[-1].location_id))

    async def _standing(self, **equal: str) -> AsyncIterator[Reservation]:
        of_sku = {f"lines.{name}": value for name, value in equal.items()}
        where = Where(limit=SELECT_MAX, equal=of_sku, one_of={"status": STANDING})
        while page := await self._records.select(RESERVATIONS, where):
            for reservation in page:
                yield reservation
            where = replace(where, after=(None, page[-1].reservation_id))
