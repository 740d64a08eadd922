"""Counts as protobuf, and back. Knows no rule."""

from comptoir.inventory.v1 import count_service_pb2 as pb

from services.inventory.count.domain import Count, CountLine, Seen
from services.inventory.stock.messages import time_to_pb


def seen_from_pb(line: pb.SeenLine) -> Seen:
    position = line.position if line.HasField("position") else None
    return Seen(sku=line.sku, quantity=line.seen_quantity, position=position)


def count_to_pb(count: Count) -> pb.Count:
    return pb.Count(
        count_id=count.count_id,
        location_id=count.location_id,
        lines=map(line_to_pb, count.lines),
        begin_time=time_to_pb(count.begin_time),
        revision=count.revision,
    )


def line_to_pb(line: CountLine) -> pb.CountLine:
    """Without what the book said: whoever counts is not to know."""
    return pb.CountLine(sku=line.sku, position=line.position, seen_quantity=line.seen)
