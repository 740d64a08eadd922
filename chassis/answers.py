"""Which kept answers a repeat meets, whatever its clock. Pure, the same for every store.

Answers lie in one collection a month, so that forgetting is dropping one. A
repeat must meet the first on any replica, so clocks may differ by CLOCKS_APART:
near the end of a month an answer is written into both months, where it collides
with one that another replica writes at the same time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from chassis.documents import (
    ToPlain,
    downgraded,
    record_from_document,
    value_from_plain,
    value_to_plain,
)
from chassis.records import Document, Kind
from chassis.requests import Request, RequestCancelledError, RequestIdTooOldError

A = TypeVar("A")

KEPT = timedelta(days=30)
CLOCKS_APART = timedelta(minutes=10)
PREFIX = "answers_"


@dataclass(frozen=True, slots=True)
class Kept:
    """A request that was done, or refused for as long as it would be remembered as done.

    `schema` is of the kind of its answer, where that is a record.
    """

    body_hash: bytes
    answer: Any
    cancelled: bool
    schema: int

    def give(self, request: Request, to: type[A], kind: Kind[A] | None) -> A:
        """The first answer, a record of `kind` if there is one.

        Raises RequestIdReusedError, RequestCancelledError, UnknownSchemaError.
        """
        if self.cancelled:
            raise RequestCancelledError(
                f"request_id {request.request_id} was cancelled before it came",
                request_id=request.request_id,
            )
        request.check_repeat(self.body_hash)
        if kind is None:
            return value_from_plain(self.answer, to)
        # It may be as the release before kept it: that one's answers outlive it by 30 days.
        record = {**self.answer, "_id": request.key, "schema": self.schema}
        return record_from_document(kind, record)


def check_recent(request: Request, now: datetime) -> None:
    """Raises RequestIdTooOldError for one without a kept answer whose id is older than those.

    It may have been done, and nobody would know. Ids that do not tell their age are spared.
    """
    if request.id_time is not None and request.id_time < now - KEPT:
        raise RequestIdTooOldError(
            f"request_id {request.request_id} was made more than {KEPT.days} days ago, and answers"
            " are kept no longer: see whether it was done, and if not use a new one; where that"
            " is refused too, set the clock it was made by",
            request_id=request.request_id,
            kept_days=KEPT.days,
        )


def answer_to_document(
    request: Request, answer: A, kind: Kind[A] | None, *, to_plain: ToPlain = value_to_plain
) -> Document:
    """`kind` is that of the answer, where it is a record."""
    plain = to_plain(answer)
    document = {"_id": request.key, "body_hash": request.body_hash}
    if kind is None:
        return {**document, "answer": plain}
    return {**document, "answer": downgraded(kind, plain), "schema": kind.written}


def cancellation_to_document(request: Request) -> Document:
    return {"_id": request.key, "cancelled": True}


def kept_from_document(document: Document) -> Kept:
    """Of the documents of one request any will do: all say the same."""
    return Kept(
        body_hash=document.get("body_hash", b""),
        answer=document.get("answer"),
        cancelled=document.get("cancelled", False),
        schema=document.get("schema", 1),
    )


def months_written(now: datetime) -> list[str]:
    """Where an answer of `now` is put: two months at the turn of one."""
    return months(now - CLOCKS_APART, now + CLOCKS_APART)


def months_read(now: datetime) -> list[str]:
    """Where the answer of any repeat may be."""
    return months(now - KEPT, now + CLOCKS_APART)


def months_kept(now: datetime) -> list[str]:
    """Those that must be there now, and the next, made ahead."""
    return months(now - KEPT - timedelta(days=1), now + timedelta(days=31))


def months(first: datetime, last: datetime) -> list[str]:
    """The collections from the month of `first` to that of `last`, oldest first."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{PREFIX}{number // 12:04}_{number % 12 + 1:02}" for number in numbers]
