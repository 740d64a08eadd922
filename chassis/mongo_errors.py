"""What the errors of MongoDB and of its drivers mean to whoever called us."""

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import (
    ConnectionFailure,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from chassis.errors import AppError, Kind
from chassis.mongo_drivers import heeded_cancellation
from chassis.records import HeldUpError

CONFLICT = "TransientTransactionError"
UNKNOWN_COMMIT = "UnknownTransactionCommitResult"
# SnapshotTooOld, and SnapshotUnavailable where a collection was changed since.
SNAPSHOT_GONE_CODES = frozenset({239, 246})


class DatabaseUnavailableError(AppError):
    kind, reason = Kind.UNAVAILABLE, "DATABASE_UNAVAILABLE"


class DatabaseTimeoutError(AppError):
    kind, reason = Kind.DEADLINE_EXCEEDED, "DATABASE_TIMEOUT"


class SnapshotTooOldError(AppError):
    """The engine no longer has the instant of a snapshot: begin anew, and read less."""

    kind, reason = Kind.UNAVAILABLE, "SNAPSHOT_TOO_OLD"


class ContendedError(Exception):
    """Raised by the work of a transaction that must read and decide anew."""


@contextmanager
def translated_errors() -> Iterator[None]:
    """Make lost connections UNAVAILABLE, or callers see INTERNAL and do not retry.

    Whoever was cancelled meanwhile is cancelled, whatever the driver made of it.
    """
    try:
        with heeded_cancellation():
            yield
    except ContendedError as error:
        raise HeldUpError("others wrote the same until time was up") from error
    except PyMongoError as error:
        away = isinstance(error, ServerSelectionTimeoutError) or not error.timeout
        if isinstance(error, ConnectionFailure) and away:
            raise DatabaseUnavailableError("the database cannot be reached") from error
        if error.has_error_label(CONFLICT) and not error.timeout:
            raise HeldUpError("others wrote the same until time was up") from error
        # A majority that was not there in time is no timeout to the driver.
        if error.timeout or error.has_error_label(UNKNOWN_COMMIT):
            raise DatabaseTimeoutError("the database did not finish in time") from error
        if isinstance(error, OperationFailure) and error.code in SNAPSHOT_GONE_CODES:
            raise SnapshotTooOldError("the database has forgotten that instant") from error
        raise
