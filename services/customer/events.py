"""How the details of this service's events are sent to others."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from comptoir.customer.v1 import events_pb2 as pb

from chassis.event_servicer import Detail


def session_revoked(detail: Mapping[str, Any]) -> pb.SessionRevoked:
    return pb.SessionRevoked(session_id=detail["session_id"])


def profile_changed(detail: Mapping[str, Any]) -> pb.ProfileChanged:
    return pb.ProfileChanged(customer_id=detail["customer_id"])


def customer_erased(detail: Mapping[str, Any]) -> pb.CustomerErased:
    return pb.CustomerErased(customer_id=detail["customer_id"])


def purchase_recorded(detail: Mapping[str, Any]) -> pb.PurchaseRecorded:
    return pb.PurchaseRecorded(purchase_id=detail["purchase_id"])


DETAILS: Mapping[str, Detail] = MappingProxyType(
    {
        "session_revoked": session_revoked,
        "profile_changed": profile_changed,
        "customer_erased": customer_erased,
        "purchase_recorded": purchase_recorded,
    }
)
