"""Closings and proven archives as protobuf. Knows no rule."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from comptoir.inventory.v1 import period_service_pb2 as pb

from chassis.errors import AppError, Kind, Violation
from services.inventory.balance.proof import Behind, Question
from services.inventory.period.archives import ArchiveDifference, Problem
from services.inventory.period.workflow import Proven, Step
from services.inventory.stock.domain import Bucket
from services.inventory.stock.messages import BUCKET_TO_PB

DIFFERENCES_MAX = 1000
PROBLEM_TO_PB = {
    Problem.LOST: pb.ARCHIVE_PROBLEM_LOST,
    Problem.CHANGED: pb.ARCHIVE_PROBLEM_CHANGED,
    Problem.CARRIED: pb.ARCHIVE_PROBLEM_CARRIED,
}


class InvalidBeforeTimeError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_BEFORE_TIME"


def before_from_pb(request: pb.ClosePeriodRequest) -> datetime | None:
    """Raises InvalidBeforeTimeError beyond all calendars."""
    if not request.HasField("before_time"):
        return None
    try:
        return request.before_time.ToDatetime(UTC)
    except (OverflowError, ValueError):
        violation = Violation("before_time", "a time of the years 1 to 9999")
        message = "before_time is not as it must be"
        raise InvalidBeforeTimeError(message, violations=(violation,)) from None


def step_to_pb(step: Step, question: Question) -> pb.ClosePeriodResponse:
    message = pb.ClosePeriodResponse(
        location_id=step.location_id,
        cursor=question.cursor(step.behind),
        location_count=len(question.location_ids),
        closed_location_count=question.done_count(step.behind),
    )
    if (archive := step.archive) is not None:
        message.archive_number = archive.number
        message.movement_count = archive.movement_count
        message.row_count = len(archive.seals)
        message.archive_hash = archive.archive_hash
    return message


def closed_to_pb(question: Question, behind: Behind) -> pb.ClosePeriodResponse:
    """That all was."""
    count = len(question.location_ids)
    return pb.ClosePeriodResponse(
        cursor=question.cursor(behind),
        location_count=count,
        closed_location_count=count,
        complete=True,
    )


def proven_to_pb(proven: Proven, question: Question) -> Iterator[pb.VerifyArchivesResponse]:
    """In answers of so many differences each; the last one says the rest."""
    behind, count = Behind("", proven.location_id), len(question.location_ids)
    *others, last = listed(proven.differences)
    done_count = question.done_count(behind)
    for some in others:
        yield pb.VerifyArchivesResponse(
            location_id=proven.location_id,
            differences=[difference_to_pb(each, proven.location_id) for each in some],
            location_count=count,
            proven_location_count=done_count - 1,
        )
    yield pb.VerifyArchivesResponse(
        location_id=proven.location_id,
        archive_count=proven.archive_count,
        movement_count=proven.movement_count,
        archive_hash=proven.archive_hash,
        differences=[difference_to_pb(each, proven.location_id) for each in last],
        cursor=question.cursor(behind),
        location_count=count,
        proven_location_count=done_count,
    )


def listed(found: Sequence[ArchiveDifference]) -> Iterator[Sequence[ArchiveDifference]]:
    """In lists of one message each, at least one."""
    for first in range(0, len(found) or 1, DIFFERENCES_MAX):
        yield found[first : first + DIFFERENCES_MAX]


def all_proven_to_pb(question: Question, behind: Behind) -> pb.VerifyArchivesResponse:
    count = len(question.location_ids)
    return pb.VerifyArchivesResponse(
        cursor=question.cursor(behind),
        location_count=count,
        proven_location_count=count,
        complete=True,
    )


def difference_to_pb(found: ArchiveDifference, location_id: str) -> pb.ArchiveDifference:
    return pb.ArchiveDifference(
        location_id=location_id,
        problem=PROBLEM_TO_PB[found.problem],
        archive_number=found.number,
        sku=found.sku,
        bucket=BUCKET_TO_PB[found.bucket or Bucket.OUTSIDE],
        carried_quantity=found.carried,
        archived_quantity=found.archived,
    )
