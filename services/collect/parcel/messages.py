"""Parcels as protobuf messages, and what staff count of them."""

from collections.abc import Iterable, Mapping

from comptoir.collect.v1 import picking_service_pb2 as pb

from services.collect.order.messages import time_to_pb
from services.collect.parcel.domain import invalid_parcel
from services.collect.parcel.values import Parcel, ParcelLine, State

STATE_TO_PB = {state: pb.ParcelState.Value(f"PARCEL_STATE_{state.name}") for state in State}


def parcel_to_pb(parcel: Parcel, *, with_order: bool) -> pb.OrderParcel:
    """`with_order` is for staff of where the order is: who sends it knows nothing of that."""
    return pb.OrderParcel(
        parcel_id=parcel.parcel_id,
        label=parcel.label,
        source_location_id=parcel.source_location_id,
        target_location_id=parcel.target_location_id,
        lines=map(line_to_pb, parcel.lines),
        state=STATE_TO_PB[parcel.state],
        leave_time=time_to_pb(parcel.leave_time),
        ready_time=time_to_pb(parcel.ready_time),
        bin_label=parcel.bin_label,
        order_id=parcel.order_id if with_order else "",
        called_off=parcel.called_off,
        revision=parcel.revision,
    )


def line_to_pb(line: ParcelLine) -> pb.OrderParcelLine:
    return pb.OrderParcelLine(
        sku=line.sku,
        quantity=line.held_quantity,
        packed_quantity=line.packed_quantity,
        received_quantity=line.received_quantity,
    )


def is_incoming(direction: "pb.ParcelDirection.ValueType") -> bool:
    """Raises InvalidParcelError."""
    if direction not in (pb.PARCEL_DIRECTION_OUTGOING, pb.PARCEL_DIRECTION_INCOMING):
        raise invalid_parcel("direction", "OUTGOING or INCOMING")
    return direction == pb.PARCEL_DIRECTION_INCOMING


def quantities_from_pb(lines: Iterable[pb.CountedLine]) -> Mapping[str, int]:
    """By sku. Raises InvalidParcelError for one that is named twice."""
    quantities: dict[str, int] = {}
    for line in lines:
        if line.sku in quantities:
            raise invalid_parcel("lines", "each article of the parcel, once")
        quantities[line.sku] = line.quantity
    return quantities
