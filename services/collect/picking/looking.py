"""As of which position of inventory's books a picker has looked for units in vain."""

import grpc
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1 import stock_service_pb2_grpc as stock_grpc

from chassis.errors import AppError
from services.collect.order.values import Order

# The picker waits for it. Without it a count that is recorded now may correct the book twice.
ANSWER_S_MAX = 0.5
UNKNOWN = 0


class Looking:
    def __init__(self, stock: "stock_grpc.StockServiceAsyncStub") -> None:
        self._stock = stock

    async def position(self, order: Order, *, line_number: int, found_quantity: int) -> int:
        """UNKNOWN where all was found, or inventory does not say it in time."""
        missed = [
            line.sku
            for line in order.lines
            if line.line_number == line_number and found_quantity < line.quantity
        ]
        if not missed:
            return UNKNOWN
        request = stock_pb.BatchGetAvailabilityRequest(
            skus=missed, location_ids=[order.location_id]
        )
        try:
            answer = await self._stock.BatchGetAvailability(request, timeout=ANSWER_S_MAX)
        except (AppError, grpc.aio.AioRpcError):
            return UNKNOWN
        return next((each.revision for each in answer.availabilities), UNKNOWN)
