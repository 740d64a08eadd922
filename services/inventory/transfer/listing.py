"""Which transfers a list is of, and where it goes on. Knows the contract, and no rule."""

from collections.abc import Mapping

from comptoir.inventory.v1 import transfer_service_pb2 as pb

from chassis.errors import Violation
from chassis.paging import number_and_rest
from services.inventory.transfer.asking import check
from services.inventory.transfer.domain import Transfer
from services.inventory.transfer.messages import STATUS_FROM_PB


def asked_from_pb(request: pb.ListTransfersRequest) -> Mapping[str, str]:
    """By field of the record. Raises InvalidTransferError for a status that is none."""
    equal = {
        "source_location_id": request.source_location_id,
        "target_location_id": request.target_location_id,
    }
    if request.status:
        if request.status not in STATUS_FROM_PB:
            check([Violation("status", "one of those there are, or unspecified for all")])
        equal["status"] = STATUS_FROM_PB[request.status].value
    return {field: value for field, value in equal.items() if value}


def key_of(transfer: Transfer) -> str:
    return f"{transfer.create_instant} {transfer.transfer_id}"


def after_from(key: str) -> tuple[int, str] | None:
    """Instant and id of the last transfer sent. Raises InvalidPageError."""
    return number_and_rest(key) if key else None
