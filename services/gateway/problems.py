"""Errors as problems (RFC 9457): the one place that knows HTTP statuses."""

import math
from collections.abc import Mapping

import msgspec
from aiohttp import web

from chassis import tracing
from chassis.errors import AppError, Kind, Violation
from services.gateway.headers import NO_STORE
from services.gateway.wire import Sent

CONTENT_TYPE = "application/problem+json"
RETRY_S_DEFAULT = 1.0
# Or whoever sends a field of 64 KiB gets it back three times.
PLACE_CHARS_MAX = 128

STATUSES: Mapping[Kind, int] = {
    Kind.INVALID_ARGUMENT: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.PERMISSION_DENIED: 403,
    Kind.NOT_FOUND: 404,
    Kind.ALREADY_EXISTS: 409,
    Kind.FAILED_PRECONDITION: 409,
    Kind.ABORTED: 409,
    Kind.RESOURCE_EXHAUSTED: 429,
    Kind.UNAVAILABLE: 503,
    Kind.DEADLINE_EXCEEDED: 504,
}
TITLES: Mapping[int, str] = {
    400: "The request is wrong",
    401: "Sign in",
    403: "Not for this caller",
    404: "Not there",
    405: "Not with this method",
    408: "The request took too long to arrive",
    409: "Not as things stand",
    413: "The request is too large",
    415: "Send JSON",
    417: "Expect nothing",
    429: "Slow down",
    500: "Our fault",
    503: "Not now",
    504: "It took too long",
}


class HttpError(AppError):
    """What only HTTP can be wrong about: its status has no kind of its own."""

    kind = Kind.INVALID_ARGUMENT

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


class FieldError(Sent):
    """One field that is wrong."""

    field: str
    description: str


class Problem(Sent, omit_defaults=True):
    """Why a request was not answered (RFC 9457). Branch on `reason`, which is stable."""

    type: str
    title: str
    status: int
    detail: str
    reason: str
    metadata: dict[str, str] = msgspec.field(default_factory=dict)
    errors: list[FieldError] = msgspec.field(default_factory=list)
    instance: str = ""


def problem_of(error: AppError) -> Problem:
    status = status_of(error)
    return Problem(
        type=type_of(error.reason),
        title=TITLES[status],
        status=status,
        detail=str(error),
        reason=error.reason,
        metadata=error.metadata,
        errors=[FieldError(field=v.field, description=v.description) for v in error.violations],
        instance=instance(),
    )


def unexpected() -> Problem:
    """Bare: what went wrong is in our log, under the same trace."""
    return Problem(
        type=type_of("INTERNAL"),
        title=TITLES[500],
        status=500,
        detail="internal error",
        reason="INTERNAL",
        instance=instance(),
    )


def status_of(error: AppError) -> int:
    return error.status if isinstance(error, HttpError) else STATUSES[error.kind]


def type_of(reason: str) -> str:
    return f"/docs#{reason}"


def instance() -> str:
    place = tracing.here()
    return "" if place is None else f"urn:comptoir:trace:{place.trace_id:032x}"


def response_to(error: AppError) -> web.Response:
    problem = problem_of(error)
    response = response_of(problem)
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="comptoir"'
    retry_s = error.retry_after_s
    if retry_s is None and problem.status == 503:
        retry_s = RETRY_S_DEFAULT
    if retry_s is not None:
        response.headers["Retry-After"] = str(max(math.ceil(retry_s), 1))
    return response


def response_of(problem: Problem) -> web.Response:
    return web.Response(
        status=problem.status,
        body=msgspec.json.encode(problem),
        headers={**NO_STORE, "Content-Type": CONTENT_TYPE},
    )


def violations_of(error: msgspec.ValidationError) -> tuple[Violation, ...]:
    """Where and what, of msgspec's `Expected int, got str - at $.lines[0].quantity`."""
    what, _, path = str(error).partition(" - at ")
    place = path.strip("`").removeprefix("$").removeprefix(".")
    for start in ("Object contains unknown field ", "Object missing required field "):
        if what.startswith(start):
            name = what.removeprefix(start).strip("`")
            place = f"{place}.{name}" if place else name
            what = start.strip()
    return (Violation(place[:PLACE_CHARS_MAX], what.replace("`", "")),)
