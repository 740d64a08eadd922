"""One operation of a ReserveStream: the call of its name, and what it was refused with."""

import asyncio
import logging
from datetime import datetime
from typing import Any, Protocol

from comptoir.inventory.v1 import reservation_service_pb2 as pb
from google.protobuf.duration_pb2 import Duration

from chassis.access import caller
from chassis.clock import Clock
from chassis.committer import WAITING_MAX
from chassis.errors import AppError, Kind
from chassis.interceptors import VIOLATIONS_MAX
from chassis.stream_rights import expired

log = logging.getLogger(__name__)

# Some two batches of a committer: with fewer one caller alone would leave it waiting.
OPERATIONS_AT_ONCE_MAX = 256
# Of all streams of a process together: half of what may wait for its committer, so that
# however many streams leave others their places.
STREAMED_AT_ONCE_MAX = WAITING_MAX // 2
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
    servicer: object,
    request: pb.ReserveStreamRequest,
    *,
    room: asyncio.Semaphore,
    clock: Clock,
    context: Any,
) -> pb.ReserveStreamResponse:
    name = request.WhichOneof("operation")
    if name is None:
        missing = OperationMissingError("a request of this stream is one of its operations")
        return pb.ReserveStreamResponse(refusal=refusal_to_pb(missing))
    operation = getattr(request, name)
    response = pb.ReserveStreamResponse(request_id=operation.request_id)
    try:
        async with room:
            check_still_signed_in(clock())
            made: Made = await getattr(servicer, CALLS[name])(operation, context)
    except AppError as error:
        response.refusal.CopyFrom(refusal_to_pb(error))
        return response
    except Exception:
        # By itself alone: those beside it would be left without an answer, and come again.
        log.exception("unexpected error in %s of a stream", CALLS[name])
        response.refusal.CopyFrom(pb.Refusal(code="INTERNAL", message="internal error"))
        return response
    if made.HasField("reservation"):
        response.reservation.CopyFrom(made.reservation)
    response.unheld_lines.extend(getattr(made, "unheld_lines", ()))
    return response


def check_still_signed_in(now: datetime) -> None:
    """Raises UnauthenticatedError: a stream may outlive its token, what it may do does not."""
    until = caller().expire_time
    if until is not None and until <= now:
        raise expired()


def refusal_to_pb(error: AppError) -> pb.Refusal:
    violations = error.violations[:VIOLATIONS_MAX]
    at_fault = {violation.field: violation.description for violation in violations}
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
