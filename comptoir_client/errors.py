"""What a call failed with, to be branched on by its reason."""

from dataclasses import dataclass

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

DETAILS_KEY = "grpc-status-details-bin"


@dataclass(frozen=True, slots=True)
class Violation:
    """A field of the request that is wrong, and how."""

    field: str
    description: str


class CallError(Exception):
    """A call that failed, as the service told it.

    Attributes:
        code: What kind of failure it is: what one can do.
        reason: What it is, in UPPER_SNAKE, stable; the code's name where gRPC failed.
        domain: Who says so, e.g. `inventory.comptoir`; empty where gRPC failed.
        metadata: Every value that the message mentions.
        violations: The fields at fault.
        retry_after_s: When to try again, where that was said.
    """

    def __init__(
        self, message: str, *, code: grpc.StatusCode, reason: str = "", domain: str = ""
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason or code.name
        self.domain = domain
        self.metadata: dict[str, str] = {}
        self.violations: tuple[Violation, ...] = ()
        self.retry_after_s: float | None = None

    def __str__(self) -> str:
        fields = "".join(f"; {found.field}: {found.description}" for found in self.violations)
        return f"{self.reason}: {self.args[0]}{fields}"


class SignInError(CallError):
    """Id and secret open nothing. Not to be tried again by itself: wrong tries slow down."""


def call_error_from(error: grpc.aio.AioRpcError, kind: type[CallError] = CallError) -> CallError:
    """As `kind`, with all that the service said."""
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    retry = error_details_pb2.RetryInfo()
    for detail in details_of(error):
        for message in (info, bad, retry):
            detail.Unpack(message)  # False, and untouched, unless it is one.
    failed = kind(error.details() or "", code=error.code(), reason=info.reason, domain=info.domain)
    failed.metadata = dict(info.metadata)
    failed.violations = tuple(
        Violation(found.field, found.description) for found in bad.field_violations
    )
    if retry.HasField("retry_delay"):
        failed.retry_after_s = retry.retry_delay.ToMilliseconds() / 1000
    return failed


def details_of(error: grpc.aio.AioRpcError) -> list[any_pb2.Any]:
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            return list(status_pb2.Status.FromString(value).details)
    return []
