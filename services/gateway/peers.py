"""The services behind the gateway, each aggregate by its stub."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from comptoir.associate.v1.staff_service_pb2_grpc import StaffServiceStub
from comptoir.associate.v1.terminal_service_pb2_grpc import TerminalServiceStub
from comptoir.catalog.v1 import product_service_pb2 as pb
from comptoir.catalog.v1.product_service_pb2_grpc import ProductServiceStub
from comptoir.catalog.v1.review_service_pb2_grpc import ReviewServiceStub
from comptoir.collect.v1.basket_service_pb2_grpc import BasketServiceStub
from comptoir.collect.v1.locker_service_pb2_grpc import LockerServiceStub
from comptoir.collect.v1.order_service_pb2_grpc import OrderServiceStub
from comptoir.collect.v1.picking_service_pb2_grpc import PickingServiceStub
from comptoir.collect.v1.point_service_pb2_grpc import PointServiceStub
from comptoir.customer.v1.history_service_pb2_grpc import HistoryServiceStub
from comptoir.customer.v1.identity_service_pb2_grpc import IdentityServiceStub
from comptoir.customer.v1.profile_service_pb2_grpc import ProfileServiceStub
from comptoir.inventory.v1.location_service_pb2_grpc import LocationServiceStub
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub
from comptoir.type.v1.encoded_pb2 import EncodedList

NAMES = ("catalog", "inventory", "customer", "collect", "associate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """Stubs: the generated ones are typed for a plain channel, and ours is asynchronous.

    Attributes:
        product_views: BatchGetProductViews alone, answered by a list of views left encoded.
    """

    products: Any
    product_views: Any
    reviews: Any
    locations: Any
    stock: Any
    identity: Any
    profiles: Any
    history: Any
    baskets: Any
    points: Any
    orders: Any
    picking: Any
    lockers: Any
    staff: Any
    terminals: Any


def peers_over(channels: Mapping[str, grpc.aio.Channel]) -> Peers:
    """`channels` by name of the service, one for each of NAMES."""
    return Peers(
        products=ProductServiceStub(channels["catalog"]),
        product_views=product_views_over(channels["catalog"]),
        reviews=ReviewServiceStub(channels["catalog"]),
        locations=LocationServiceStub(channels["inventory"]),
        stock=StockServiceStub(channels["inventory"]),
        identity=IdentityServiceStub(channels["customer"]),
        profiles=ProfileServiceStub(channels["customer"]),
        history=HistoryServiceStub(channels["customer"]),
        baskets=BasketServiceStub(channels["collect"]),
        points=PointServiceStub(channels["collect"]),
        orders=OrderServiceStub(channels["collect"]),
        picking=PickingServiceStub(channels["collect"]),
        lockers=LockerServiceStub(channels["collect"]),
        staff=StaffServiceStub(channels["associate"]),
        terminals=TerminalServiceStub(channels["associate"]),
    )


def product_views_over(channel: grpc.aio.Channel) -> Any:
    method = pb.DESCRIPTOR.services_by_name["ProductService"].methods_by_name[
        "BatchGetProductViews"
    ]
    return channel.unary_unary(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=pb.BatchGetProductViewsRequest.SerializeToString,
        response_deserializer=EncodedList.FromString,
    )
