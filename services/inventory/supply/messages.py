"""What is expected and kept back as protobuf, and back. Knows no rule."""

from collections.abc import Iterator

from comptoir.inventory.v1 import supply_service_pb2 as pb

from services.inventory.stock.domain import Place
from services.inventory.supply.domain import Expectation, Expected, ExpectedReceipt
from services.inventory.supply.safety import Safety


def expected_from_pb(receipt: pb.ExpectedReceipt) -> Expected:
    """An instant that is unset is that of 1970, which no receipt is due at."""
    due_time = receipt.due_time
    return Expected(
        place=Place(receipt.location_id, receipt.sku),
        receipt=ExpectedReceipt(
            document_id=receipt.document_id,
            due=due_time.seconds + (due_time.nanos > 0),
            quantity=receipt.quantity,
        ),
    )


def expectation_to_pb(expectation: Expectation) -> Iterator[pb.ExpectedReceipt]:
    for receipt in expectation.receipts:
        message = pb.ExpectedReceipt(
            location_id=expectation.location_id,
            sku=expectation.sku,
            document_id=receipt.document_id,
            quantity=receipt.quantity,
            received_quantity=receipt.received,
        )
        message.due_time.FromSeconds(receipt.due)
        yield message


def safety_from_pb(safety: pb.SafetyStock) -> Safety:
    return Safety(
        place=Place(safety.location_id, safety.sku),
        channel=safety.channel,
        quantity=safety.quantity if safety.HasField("quantity") else None,
    )
