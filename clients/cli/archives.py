"""`comptoir verify --archives`: whether closed periods are whole, and what is carried."""

from typing import Any

from comptoir.inventory.v1 import period_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1.period_service_pb2_grpc import PeriodServiceStub

from clients.cli.operating import Desk, Outcome, Row
from clients.cli.resuming import Told, resumed

# Beyond these something larger is wrong, which more of them would not tell.
SHOWN_MAX = 10_000
PROBLEMS = {
    pb.ARCHIVE_PROBLEM_LOST: "lost",
    pb.ARCHIVE_PROBLEM_CHANGED: "changed",
    pb.ARCHIVE_PROBLEM_CARRIED: "carried",
}


async def archives_proven(desk: Desk, location_id: str) -> Outcome:
    """Rows of what differs; where nothing does, of each location's last hash."""
    stub: Any = PeriodServiceStub(desk.channel)
    request = pb.VerifyArchivesRequest(location_id=location_id)
    told, wrong, hashes = Told(), list[Row](), list[Row]()
    count = wrong_count = 0
    with told.progress:
        async for answer in resumed(
            desk, stub.VerifyArchives, request, until="all archives were proven"
        ):
            count += answer.archive_count
            wrong_count += len(answer.differences)
            wrong += map(row_of, answer.differences[: SHOWN_MAX - len(wrong)])
            if answer.archive_count:
                hashes.append(hash_of(answer))
            done = f"{answer.proven_location_count} of {answer.location_count} locations"
            told.say(f"{count} archives; {done}")
    where = location_id or "everywhere"
    words = f"{where}: {count} archives, {wrong_count} differences"
    return Outcome(rows=wrong or hashes, words=words, is_open=bool(wrong))


def hash_of(answer: pb.VerifyArchivesResponse) -> Row:
    return {
        "location_id": answer.location_id,
        "last_archive": answer.archive_count,
        "archive_hash": answer.archive_hash,
    }


def row_of(difference: pb.ArchiveDifference) -> Row:
    return {
        "location_id": difference.location_id,
        "problem": PROBLEMS.get(difference.problem, "other"),
        "archive": difference.archive_number or None,
        "sku": difference.sku,
        "what": what_of(difference),
        "carried": difference.carried_quantity,
        "archived": difference.archived_quantity,
    }


def what_of(difference: pb.ArchiveDifference) -> str:
    if difference.problem != pb.ARCHIVE_PROBLEM_CARRIED:
        return ""
    name = stock_pb.Bucket.Name(difference.bucket).removeprefix("BUCKET_").lower()
    return name if difference.bucket else "movements"
