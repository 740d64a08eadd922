"""How the details of this service's events are sent to others."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from comptoir.catalog.v1 import events_pb2 as pb

from chassis.event_servicer import Detail


def product_changed(detail: Mapping[str, Any]) -> pb.ProductChanged:
    return pb.ProductChanged(sku=detail["sku"])


DETAILS: Mapping[str, Detail] = MappingProxyType(
    {
        "product_changed": product_changed,
        "price_changed": product_changed,
        "rating_changed": product_changed,
    }
)
