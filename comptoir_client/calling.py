"""One call, said again under the same id until it is answered or the answer is no."""

import asyncio
import random
from typing import TYPE_CHECKING, TypeVar

import grpc

from comptoir_client.errors import CallError, call_error_from
from comptoir_client.partitions import near
from comptoir_client.sessions import Session

if TYPE_CHECKING:
    from grpc.aio import UnaryUnaryMultiCallable

Request = TypeVar("Request")
Response = TypeVar("Response")

CALL_S_MAX = 5.0
TRIES_MAX = 6
PAUSE_FIRST_S, PAUSE_MAX_S = 0.2, 10.0
# UNAVAILABLE: nobody there, or on its way out, as CANCELLED is where we did not cancel.
# DEADLINE_EXCEEDED: it may or may not have happened, so the same request with the same id is
# the only right answer.
AGAIN = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
)


async def call(
    method: "UnaryUnaryMultiCallable[Request, Response]",
    request: Request,
    session: Session,
    *,
    timeout_s: float = CALL_S_MAX,
    tries_max: int = TRIES_MAX,
    location_id: str = "",
) -> Response:
    """The answer to `method`, e.g. a stub's `RecordSale`; each try takes at most `timeout_s`.

    `location_id` is whose stock it writes, of several the first's: over a channel with affinity
    the first try goes where that is written, and the others anywhere.

    Raises CallError: what the service refuses with at once, and what kept it from answering
    after `tries_max` tries. A write may then have happened: call again with the same id.
    """
    is_renewed = False
    for number in range(1, tries_max + 1):
        where = near(location_id) if location_id and number == 1 else ()
        try:
            metadata = (*await session.metadata(), *where)
            return await method(request, metadata=metadata, timeout=timeout_s)
        except grpc.aio.AioRpcError as error:
            failed = call_error_from(error)
            if number == tries_max or not is_to_be_repeated(failed, is_renewed=is_renewed):
                raise failed from error
            if failed.code is grpc.StatusCode.UNAUTHENTICATED:
                session.forget()
                is_renewed = True
        await pause(number, at_least_s=failed.retry_after_s or 0.0)
    raise ValueError("tries_max is at least 1")


def is_to_be_repeated(failed: CallError, *, is_renewed: bool) -> bool:
    """A token may have been revoked, a limit be over soon; anything else said no to this."""
    match failed.code:
        case grpc.StatusCode.UNAUTHENTICATED:
            return not is_renewed
        case grpc.StatusCode.RESOURCE_EXHAUSTED:
            return failed.retry_after_s is not None and failed.retry_after_s <= PAUSE_MAX_S
        case code:
            return code in AGAIN


async def pause(failed_count: int, *, at_least_s: float = 0.0) -> None:
    """Longer after each failure; with jitter, or all programs come back at once."""
    pause_s = min(PAUSE_FIRST_S * 2 ** min(failed_count, 10), PAUSE_MAX_S)
    await asyncio.sleep(at_least_s + random.uniform(pause_s / 2, pause_s))
