"""A till in the world of one order: it sells what is held, and the order is told of it later."""

from collections import Counter
from functools import partial

from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from services.collect.order.broken import BrokenHold, BrokenLine, broken, is_early, may_be_replaced
from services.inventory.reservation.domain import Reservation
from services.inventory.reservation.mending import Mender
from tests.collect.order.asking import new_id
from tests.collect.order.world import SKUS, World


class Till:
    def __init__(self, world: World) -> None:
        self._world = world
        self._revisions = dict[str, int]()
        self.sold = Counter[str]()

    def sells(self, sku: str, quantity: int) -> None:
        """So many at most: nobody sells what does not lie there."""
        quantity = min(quantity, self._world.row(sku).sellable)
        if quantity:
            line = stock_pb.StockLine(location_id="paris", sku=sku, quantity=quantity)
            sale = stock_pb.RecordSaleRequest(request_id=new_id(), lines=[line])
            self._world.done(self._world.stock.RecordSale(sale))
            self.sold[sku] += quantity

    def breaks(self) -> None:
        """Inventory breaks what facts have left uncovered."""
        world = self._world
        world.done(Mender(world.shelves, clock=world.clock).mend_all())

    def is_told(self) -> bool:
        """The order, of all that is broken by now; whether it knows."""
        for held in self._untold():
            hold = hold_of(held)
            order = self._world.order
            if is_early(order, hold):
                return False
            free = self._free() if may_be_replaced(order, hold) else {}
            change = partial(broken, hold=hold, now=self._world.clock.now, free=free)
            self._world.write(change)
            self._told_of(hold)
        return True

    def _told_of(self, hold: BrokenHold) -> None:
        self._revisions[hold.reservation_id] = hold.revision

    def _untold(self) -> list[Reservation]:
        return [
            held
            for held in self._world.reservations
            if held.broken and self._revisions.get(held.reservation_id, 0) < held.revision
        ]

    def _free(self) -> dict[str, int]:
        return {sku: self._world.row(sku).available(self._world.clock.now) for sku in SKUS}


def hold_of(held: Reservation) -> BrokenHold:
    lines = tuple(BrokenLine(sku=line.sku, quantity=line.quantity) for line in held.broken)
    return BrokenHold(
        reservation_id=held.reservation_id,
        order_id=held.document_id,
        lines=lines,
        revision=held.revision,
    )
