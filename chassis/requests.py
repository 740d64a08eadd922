"""What makes a write repeatable: who asked for what, under which id."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import NAMESPACE_OID, UUID

from google.protobuf.descriptor import FieldDescriptor

from chassis.errors import AppError, Kind, Violation

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
USUAL_FORM = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
UUID_7 = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


class InvalidRequestIdError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_REQUEST_ID"


class RequestIdReusedError(AppError):
    kind, reason = Kind.ALREADY_EXISTS, "REQUEST_ID_REUSED"


class RequestIdTooOldError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "REQUEST_ID_TOO_OLD"


class RequestCancelledError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "REQUEST_CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Identified by (subject, method, request_id), so another subject's id never meets ours."""

    subject: str
    method: str
    request_id: str
    body_hash: bytes

    @property
    def key(self) -> str:
        """The same for every repeat. Ids are printable and hold no space."""
        return f"{self.subject} {self.method} {self.request_id}"

    @property
    def made_id(self) -> str:
        """The id of what this request creates: a repeat after any time cannot create another."""
        return uuid5_text(self.key)

    @property
    def id_time(self) -> datetime | None:
        """When the id was made, where it says so: version 7 does (RFC 9562, 5.7)."""
        if not UUID_7.fullmatch(self.request_id):
            return None
        try:
            return EPOCH + (UUID(self.request_id).int >> 80) * timedelta(milliseconds=1)
        except OverflowError:
            return None  # Beyond the year 9999: whoever made it has no clock.

    def check_repeat(self, first_body_hash: bytes) -> None:
        """Raises RequestIdReusedError unless the first request had the same body."""
        if first_body_hash != self.body_hash:
            raise RequestIdReusedError(
                f"request_id {self.request_id} came with another body before: use a new one",
                request_id=self.request_id,
            )


def request_for(*, subject: str, method: str, request_id: str, body: bytes) -> Request:
    """Raises InvalidRequestIdError unless `request_id` is a UUID in its usual form."""
    return Request(
        subject=subject,
        method=method,
        request_id=canonical_id(request_id),
        body_hash=hashlib.sha256(body).digest(),
    )


def request_from_pb(message: Any, *, subject: str, method: str) -> Request:
    """The request of a decoded protobuf message with a `request_id`.

    The hash is of the decoded value in a canonical form made of its fields, since
    protobuf bytes are not stable from one version to the next.
    """
    return request_for(
        subject=subject, method=method, request_id=message.request_id, body=canonical(message)
    )


def canonical(message: Any) -> bytes:
    """The set fields but `request_id`, by number, maps sorted, nested alike."""
    return repr(_fields(message, skip="request_id")).encode()


def canonical_id(request_id: str) -> str:
    """Lower case. Raises InvalidRequestIdError."""
    lowered = request_id.lower()
    if not USUAL_FORM.fullmatch(lowered):
        raise InvalidRequestIdError(
            "request_id must be a UUID such as 0190163d-8694-739b-aea5-966c26f8ad91",
            violations=(Violation("request_id", "a UUID in its usual form"),),
        )
    return lowered


def step_id(*names: str) -> str:
    """The request id of one step of a longer work, the same whoever sends it, however often."""
    return uuid5_text(" ".join(names))


def uuid5_text(name: str) -> str:
    """`str(uuid5(NAMESPACE_OID, name))`, in a fifth of its time: each write makes one."""
    digest = hashlib.sha1(NAMESPACE_OID.bytes + name.encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


class Form(NamedTuple):
    """What is made of a field: its number, its name, and how its value is read, if not as it is."""

    number: int
    name: str
    read: Callable[[Any], Any] | None


@cache  # Fields are declared, and few.
def form_of(field: FieldDescriptor) -> Form:
    return Form(field.number, field.name, reader_of(field))


def reader_of(field: FieldDescriptor) -> Callable[[Any], Any] | None:
    message = field.message_type
    if message is not None and message.GetOptions().map_entry:
        return _map
    # By the field, not by its value: a list of messages is no iterable to Python, and its
    # text is not stable from one version of protobuf to the next.
    if field.is_repeated:
        return list if message is None else _messages
    return None if message is None else _fields


def _fields(message: Any, *, skip: str = "") -> list[tuple[int, Any]]:
    found = []
    for field, value in message.ListFields():
        number, name, read = form_of(field)
        if name != skip:
            found.append((number, value if read is None else read(value)))
    return found


def _messages(values: Any) -> list[Any]:
    return [_fields(each) for each in values]


def _map(values: Any) -> list[tuple[Any, Any]]:
    return sorted((key, _value(item)) for key, item in values.items())


def _value(value: Any) -> Any:
    return _fields(value) if hasattr(value, "ListFields") else value
