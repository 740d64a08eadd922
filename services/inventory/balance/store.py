"""Reading one row with the sums that prove it. `RecordsBalances` is the specification."""

from collections import Counter
from dataclasses import replace
from typing import Protocol

from chassis.records import SELECT_MAX, Records, Where
from services.inventory.balance.domain import Balance, balance
from services.inventory.ledger.store import movements_of
from services.inventory.reservation.domain import STANDING
from services.inventory.reservation.store import RESERVATIONS
from services.inventory.stock.domain import Bucket, Place, empty_row
from services.inventory.stock.store import ROWS


class Balances(Protocol):
    async def of(self, place: Place) -> Balance:
        """The row and its sums, as of one instant."""


class RecordsBalances:
    """Adds up record by record: of one instant only where nothing else runs, as in memory."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def of(self, place: Place) -> Balance:
        row = await self._records.find(ROWS, place) or empty_row(place)
        return balance(row, await self._sums(place), await self._claims(place))

    async def _sums(self, place: Place) -> Counter[Bucket]:
        sums, after = Counter[Bucket](), None
        while page := await movements_of(self._records, place, after=after, limit=SELECT_MAX):
            for movement in page:
                sums[movement.source] -= movement.quantity
                sums[movement.target] += movement.quantity
            after = page[-1].revision, page[-1].movement_id
        return sums

    async def _claims(self, place: Place) -> Counter[int]:
        claims, after = Counter[int](), None
        of_sku = Where(
            limit=SELECT_MAX, equal={"lines.sku": place.sku}, one_of={"status": STANDING}
        )
        while page := await self._records.select(RESERVATIONS, replace(of_sku, after=after)):
            for reservation in page:
                lines = [line for line in reservation.lines if line.place == place]
                claims[reservation.expire_instant] += sum(line.quantity for line in lines)
            after = None, page[-1].reservation_id
        return claims
