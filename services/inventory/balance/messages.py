"""Proofs of rows as protobuf. Knows no rule."""

from comptoir.inventory.v1 import stock_service_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

from services.inventory.balance.domain import Balance, Difference, counted
from services.inventory.balance.proof import Behind, Question, Step
from services.inventory.period.domain import Carried
from services.inventory.stock.domain import Bucket
from services.inventory.stock.messages import BUCKET_TO_PB, row_to_pb, time_to_pb


def step_to_pb(step: Step, question: Question) -> pb.VerifyBalancesResponse:
    found, last = step.slice, step.is_last
    return pb.VerifyBalancesResponse(
        location_id=found.part.location_ids[-1],
        snapshot_time=time_to_pb(found.time),
        row_count=found.row_count if last else 0,
        movement_count=found.movement_count if last else 0,
        closed_movement_count=found.closed_movement_count if last else 0,
        reservation_line_count=found.reservation_line_count if last else 0,
        differences=map(difference_to_pb, step.differences),
        cursor=question.cursor(step.behind),
        location_count=len(question.location_ids),
        proven_location_count=question.done_count(step.behind),
    )


def proven_to_pb(question: Question, behind: Behind) -> pb.VerifyBalancesResponse:
    """That all was."""
    count = len(question.location_ids)
    return pb.VerifyBalancesResponse(
        cursor=question.cursor(behind),
        location_count=count,
        proven_location_count=count,
        complete=True,
    )


def balance_to_pb(found: Balance) -> pb.VerifyBalanceResponse:
    message = pb.VerifyBalanceResponse(
        balanced=found.is_balanced,
        row=row_to_pb(found.row),
        proven_row=row_to_pb(found.proven),
    )
    if found.carried is not None:
        message.carried.CopyFrom(carried_to_pb(found.carried))
    return message


def carried_to_pb(carried: Carried) -> pb.CarriedBalance:
    message = pb.CarriedBalance(
        short_quantity=-carried.units.get(Bucket.SHORT, 0),
        movement_count=carried.movement_count,
        revision=carried.revision,
        close_time=time_to_pb(carried.close_time),
    )
    for bucket, quantity in counted(carried.units).items():
        message.buckets.add(bucket=BUCKET_TO_PB[bucket], quantity=quantity)
    return message


def difference_to_pb(found: Difference) -> pb.BalanceDifference:
    message = pb.BalanceDifference(
        location_id=found.place.location_id,
        sku=found.place.sku,
        row_quantity=found.stands,
        proven_quantity=found.proven,
        row_revision=found.revision,
    )
    if isinstance(found.what, Bucket):
        message.bucket = BUCKET_TO_PB[found.what]
    else:
        message.claim_expire_time.CopyFrom(Timestamp(seconds=found.what))
    return message
