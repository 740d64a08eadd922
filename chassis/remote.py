"""What another service said went wrong, as the error it raised."""

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

from chassis.errors import AppError, Kind, Violation

STATUS_KEY = "grpc-status-details-bin"


class RemoteError(AppError):
    """An error of another service. Raised on as it is, it keeps its reason and domain.

    Attributes:
        domain: Who raised it first, e.g. `inventory.comptoir`; empty if gRPC did.
    """

    def __init__(self, message: str, *, kind: Kind, reason: str, domain: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.reason = reason
        if domain:
            self.domain = domain


def app_error_from(error: grpc.aio.AioRpcError) -> AppError:
    """The error that the other side raised: kind, reason, metadata, violations and retry time.

    Raises `error` itself if it is none that we expect, such as INTERNAL: the fault is
    not our caller's, so it stays a fault, logged here and bare to whoever called us.
    """
    if error.code() is grpc.StatusCode.CANCELLED:
        # Not by us, who would be cancelled ourselves: the other side closes (grpc#41785).
        return RemoteError("the call was cut", kind=Kind.UNAVAILABLE, reason=Kind.UNAVAILABLE.value)
    try:
        kind = Kind(error.code().name)
    except ValueError:
        raise error from None
    for detail in details_of(error):
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            return restored(error, kind)
    # Made by gRPC: its text names addresses of the house.
    return RemoteError(f"the call failed: {kind.value}", kind=kind, reason=kind.value)


def restored(error: grpc.aio.AioRpcError, kind: Kind) -> RemoteError:
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    retry = error_details_pb2.RetryInfo()
    for detail in details_of(error):
        for message in (info, bad, retry):
            detail.Unpack(message)  # False, and untouched, unless it is one.
    app_error = RemoteError(
        error.details() or "", kind=kind, reason=info.reason, domain=info.domain
    )
    app_error.metadata = dict(info.metadata)
    app_error.violations = tuple(Violation(v.field, v.description) for v in bad.field_violations)
    if retry.HasField("retry_delay"):
        app_error.retry_after_s = retry.retry_delay.ToMilliseconds() / 1000
    return app_error


def details_of(error: grpc.aio.AioRpcError) -> list[any_pb2.Any]:
    for key, value in error.trailing_metadata() or ():
        if key == STATUS_KEY and isinstance(value, bytes):
            return list(status_pb2.Status.FromString(value).details)
    return []
