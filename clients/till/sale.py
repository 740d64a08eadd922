"""Tells inventory what was sold: once, however often it has to be said."""

import grpc
from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from clients.house import CannotRunError, words_of
from comptoir_client import CallError, Session, call, new_request_id, request_id_of
from comptoir_client.calling import AGAIN


def request_of(
    *, location_id: str, sku: str, quantity: int, receipt_id: str = ""
) -> pb.RecordSaleRequest:
    """A receipt's sale has one request id for ever, in every process: told twice it is one."""
    named = request_id_of("till", location_id, receipt_id, sku)
    return pb.RecordSaleRequest(
        request_id=named if receipt_id else new_request_id(),
        lines=[pb.StockLine(location_id=location_id, sku=sku, quantity=quantity)],
        receipt_id=receipt_id,
    )


async def sell(
    channel: grpc.aio.Channel, session: Session, request: pb.RecordSaleRequest
) -> pb.StockRow:
    """The row after it. Raises CannotRunError, having tried for some seconds."""
    stub = StockServiceStub(channel)
    try:
        location_id = request.lines[0].location_id
        answer = await call(stub.RecordSale, request, session, location_id=location_id)
    except CallError as error:
        again = "; sell again with the same receipt: it counts once" * (error.code in AGAIN)
        raise CannotRunError(f"{words_of(error)}{again}") from error
    return answer.rows[0]
