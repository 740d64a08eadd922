"""Who calls, what they ask for, and how they are refused."""

from collections.abc import Awaitable, Mapping
from typing import Any
from uuid import uuid4

import grpc
from comptoir.collect.v1 import order_service_pb2 as pb
from comptoir.collect.v1 import point_service_pb2 as point_pb

from services.collect.point.domain import slot_id_of
from tests.collect.order.orders import SLOT_START
from tests.serving import calling_as, reason_of

ANNA = calling_as("anna", "customer")
BOB = calling_as("bob", "customer")
SAM = calling_as("sam", "staff:associate", locations=("paris",))
LEA = calling_as("lea", "staff:associate", locations=("lyon",))
ERP = calling_as("erp", "client:order.read")
SLOT = slot_id_of("paris-counter", SLOT_START)
LOCKER_SLOT = slot_id_of("paris-locker", SLOT_START)
TO_LOCKER = {"point_id": "paris-locker", "slot_id": LOCKER_SLOT}
REFERENCE = pb.PAYMENT_METHOD_REFERENCE
AT_COUNTER = pb.PAYMENT_METHOD_AT_COUNTER


def new_id() -> str:
    return str(uuid4())


def place(
    *,
    lines: Mapping[str, int] | None = None,
    method: "pb.PaymentMethod.ValueType" = REFERENCE,
    **fields: Any,
) -> pb.PlaceOrderRequest:
    """Two lamps at the Paris counter, paid by card, unless told otherwise."""
    wanted = {"LAMP": 2} if lines is None else lines
    given: dict[str, Any] = {
        "request_id": new_id(),
        "lines": [point_pb.BasketLine(sku=sku, quantity=n) for sku, n in wanted.items()],
        "point_id": "paris-counter",
        "slot_id": SLOT,
        "payment_method": method,
        "payment_reference": "sim_card" if method == REFERENCE else "",
    }
    return pb.PlaceOrderRequest(**given | fields)


async def refused(call: Awaitable[object]) -> str:
    """Code and reason with which `call` fails; empty if it does not."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return f"{error.code().name} {reason_of(error)}"
    return ""
