"""One operation of a ReserveStream: the call of its name, and what it was refused with."""

from collections.abc import Awaitable
from typing import Any, Protocol

from comptoir.inventory.v1 import reservation_service_pb2 as pb
from google.protobuf.duration_pb2 import Duration

from chassis.errors import AppError, Kind

# Some two batches of a committer: with fewer one caller alone would leave it waiting.
OPERATIONS_AT_ONCE_MAX = 256
CALLS = {
    "reserve": "Reserve",
    "supersede": "Supersede",
    "renew": "Renew",
    "release": "Release",
    "commit": "Commit",
    "cancel_reserve": "CancelReserve",
}


class OperationMissingError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "OPERATION_MISSING"


class Made(Protocol):
    """What every call answers with."""

    reservation: pb.Reservation

    def HasField(self, name: str) -> bool: ...  # noqa: N802 (protobuf names it)


async def operated(
    servicer: object, request: pb.ReserveStreamRequest, *, context: Any
) -> pb.ReserveStreamResponse:
    name = request.WhichOneof("operation")
    if name is None:
        missing = OperationMissingError("a request of this stream is one of its operations")
        return pb.ReserveStreamResponse(refusal=refusal_to_pb(missing))
    operation = getattr(request, name)
    call: Awaitable[Made] = getattr(servicer, CALLS[name])(operation, context)
    response = pb.ReserveStreamResponse(request_id=operation.request_id)
    try:
        made = await call
    except AppError as error:
        response.refusal.CopyFrom(refusal_to_pb(error))
        return response
    if made.HasField("reservation"):
        response.reservation.CopyFrom(made.reservation)
    response.unheld_lines.extend(getattr(made, "unheld_lines", ()))
    return response


def refusal_to_pb(error: AppError) -> pb.Refusal:
    at_fault = {violation.field: violation.description for violation in error.violations}
    refusal = pb.Refusal(
        code=error.kind.value,
        reason=error.reason,
        message=str(error),
        metadata={**at_fault, **error.metadata},
    )
    if error.retry_after_s is not None:
        delay = Duration()
        delay.FromMilliseconds(round(error.retry_after_s * 1000))
        refusal.retry_delay.CopyFrom(delay)
    return refusal
