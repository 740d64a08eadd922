"""The one error type that crosses a service boundary. Imports the standard library alone.

Domains raise subclasses; `chassis.interceptors` turns them into gRPC statuses,
the gateway into problems, and `chassis.client` back into the same error.
Anything else that escapes a servicer is a bug, and callers see a bare INTERNAL.
"""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What the caller can do about it. Values are gRPC status code names."""

    INVALID_ARGUMENT = "INVALID_ARGUMENT"  # Fix the request.
    UNAUTHENTICATED = "UNAUTHENTICATED"  # Sign in.
    PERMISSION_DENIED = "PERMISSION_DENIED"  # Ask someone with the role.
    NOT_FOUND = "NOT_FOUND"  # Ask for something else.
    ALREADY_EXISTS = "ALREADY_EXISTS"  # Choose another id.
    FAILED_PRECONDITION = "FAILED_PRECONDITION"  # Change the state first.
    ABORTED = "ABORTED"  # Read again, then retry.
    RESOURCE_EXHAUSTED = "RESOURCE_EXHAUSTED"  # Slow down.
    UNAVAILABLE = "UNAVAILABLE"  # Retry as is, with backoff.
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"  # It may have happened: repeat with the same id.


@dataclass(frozen=True, slots=True)
class Violation:
    """One field of a request that is wrong, by its path, and what to do about it."""

    field: str
    description: str


class AppError(Exception):
    """An expected failure, safe to show to another service.

    Args:
        message: English, for an engineer. No secrets, no personal data.
        violations: The fields at fault, where fields are.
        retry_after_s: When trying again makes sense, where it does.
        metadata: Every value the message mentions, so no one parses messages.
    """

    kind: Kind
    reason: str  # UPPER_SNAKE_CASE, stable: clients branch on it.

    def __init__(
        self,
        message: str,
        *,
        violations: tuple[Violation, ...] = (),
        retry_after_s: float | None = None,
        **metadata: object,
    ) -> None:
        super().__init__(message)
        self.violations = violations
        self.retry_after_s = retry_after_s
        self.metadata = {key: str(value) for key, value in metadata.items()}
