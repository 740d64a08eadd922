"""How collect's events go out: the detail of each as protobuf, and whom it concerns."""

from collections.abc import Iterable, Mapping
from typing import Any

from comptoir.collect.v1 import events_pb2 as pb

from chassis.event_servicer import Detail
from chassis.events import LoggedEvent
from services.collect.order.domain import NAMES
from services.collect.order.messages import order_changed_to_pb
from services.collect.order.values import State


def cabinet_changed(detail: Mapping[str, Any]) -> pb.CabinetChanged:
    return pb.CabinetChanged(**detail)


def point_changed(detail: Mapping[str, Any]) -> pb.PointChanged:
    return pb.PointChanged(**detail)


DETAILS: dict[str, Detail] = {
    "cabinet_changed": cabinet_changed,
    "point_changed": point_changed,
    "order_changed": order_changed_to_pb,
    **{f"order_{NAMES.get(state, state.value)}": order_changed_to_pb for state in State},
}


def subjects(event: LoggedEvent) -> Iterable[str]:
    """The record itself, and the shop whose queue shows it."""
    yield event.key
    if location_id := event.detail.get("location_id"):
        yield location_id
