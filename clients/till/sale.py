"""Tells inventory what was sold: once, however often it has to be said."""

from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import grpc
from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from clients.house import CannotRunError, Session, words_of
from clients.till.again import AGAIN, pause

CALL_S_MAX = 3.0
TRIES_MAX = 6


def request_of(
    *, location_id: str, sku: str, quantity: int, receipt_id: str = ""
) -> pb.RecordSaleRequest:
    """A receipt's sale has one request id for ever, in every process: told twice it is one."""
    name = f"comptoir-till/{location_id}/{receipt_id}/{sku}"
    return pb.RecordSaleRequest(
        request_id=str(uuid5(NAMESPACE_URL, name) if receipt_id else uuid4()),
        lines=[pb.StockLine(location_id=location_id, sku=sku, quantity=quantity)],
        receipt_id=receipt_id,
    )


async def sell(
    channel: grpc.aio.Channel, session: Session, request: pb.RecordSaleRequest
) -> pb.StockRow:
    """The row after it. Raises CannotRunError, having tried for some seconds."""
    stub: Any = StockServiceStub(channel)
    for number in range(TRIES_MAX):
        try:
            metadata = await session.metadata()
            answer = await stub.RecordSale(request, metadata=metadata, timeout=CALL_S_MAX)
        except grpc.aio.AioRpcError as error:
            if error.code() not in AGAIN:
                raise CannotRunError(words_of(error)) from error
            why = words_of(error)
            await pause(number)
        else:
            row: pb.StockRow = answer.rows[0]
            return row
    raise CannotRunError(f"{why}; sell again with the same receipt: it counts once")
