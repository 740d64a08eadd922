"""The rows that events tell of, as they go out: encoded once for all who watch in this process."""

from collections import OrderedDict
from collections.abc import Collection, Iterable

from chassis.documents import value_from_plain
from chassis.events import LoggedEvent
from chassis.records import Records
from services.inventory.stock.domain import Place, StockRow
from services.inventory.stock.inbox import Told
from services.inventory.stock.messages import row_to_pb
from services.inventory.stock.store import find_rows

# As many as the process keeps of the log. When it was restarted, all who watched it come back
# at once, each with the same changes behind it.
KEPT_MAX = 10_000
NAMES = frozenset({"stock_changed", "stock_imported"})


class Encoding:
    def __init__(self, records: Records) -> None:
        self._records = records
        self._kept = OrderedDict[int, Told]()

    async def rows(self, event: LoggedEvent, wanted: Collection[Place]) -> Iterable[Told]:
        """The row it left; of an import, the rows as they are by now, which is never before it.

        Only those that are `wanted`.
        """
        if not wanted:
            return ()
        if event.name == "stock_changed":
            return (self._row_of(event),)
        return map(told_of, (await find_rows(self._records, list(wanted))).values())

    def _row_of(self, event: LoggedEvent) -> Told:
        if (kept := self._kept.get(event.position)) is not None:
            return kept
        told = self._kept[event.position] = told_of(value_from_plain(event.detail, StockRow))
        if len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return told


def places_of(event: LoggedEvent) -> list[Place]:
    detail = event.detail
    skus = (detail["sku"],) if event.name == "stock_changed" else detail["skus"]
    return [Place(detail["location_id"], sku) for sku in skus]


def told_of(row: StockRow) -> Told:
    return Told(row.place, row.revision, row_to_pb(row).SerializeToString())
