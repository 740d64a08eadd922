"""Two shops, one of which can send to the other, and their staff."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from comptoir.collect.v1 import order_service_pb2 as order_pb
from comptoir.collect.v1 import picking_service_pb2 as pb
from comptoir.inventory.v1 import sourcing_service_pb2 as sourcing_pb
from google.protobuf.duration_pb2 import Duration

from chassis.records import Where
from services.collect.parcel.store import PARCELS
from services.collect.parcel.values import Parcel
from tests.collect.order.asking import LEA, SAM, new_id
from tests.collect.order.breaking import sold, told
from tests.collect.order.house import House
from tests.collect.order.inventory import import_shop
from tests.inventory.house import ERP
from tests.serving import Metadata

HOUR_S = 3600


async def open_lyon(house: House, *, hours: float = 1, **sellable_by_sku: int) -> None:
    """A shop that sends to Paris in so many hours."""
    await import_shop(house.inventory, "lyon")
    band = sourcing_pb.DistanceBand(lead_duration=Duration(seconds=int(hours * HOUR_S)))
    rule = sourcing_pb.TransferRule(
        source_location_id="lyon", target_location_id="paris", bands=[band]
    )
    request = sourcing_pb.PutTransferRulesRequest(rules=[rule])
    await house.inventory.sourcing.PutTransferRules(request, metadata=ERP)
    await house.inventory.put_at("lyon", **(sellable_by_sku or {"LAMP": 5, "CORD": 5}))


async def broken_order(
    house: House,
    *,
    late_s_max: float | None = 0,
    take: int = 9,
    fields: Mapping[str, Any] = MappingProxyType({}),
) -> order_pb.Order:
    """An order of 2 lamps in Paris, of which a till sold some, and which was told of it."""
    order = await house.place(lines={"LAMP": 2}, **fields)
    await sold(house, "LAMP", take)
    await told(house, late_s_max=late_s_max)
    return await house.get(order.order_id)


async def the_parcel(house: House) -> Parcel:
    found = await house.records.select(PARCELS, Where(limit=10))
    assert len(found) == 1
    return found[0]


async def listed(
    house: House, location_id: str, *, incoming: bool, metadata: Metadata
) -> list[pb.OrderParcel]:
    direction = pb.PARCEL_DIRECTION_INCOMING if incoming else pb.PARCEL_DIRECTION_OUTGOING
    request = pb.ListParcelsRequest(location_id=location_id, direction=direction)
    return list((await house.picking.ListParcels(request, metadata=metadata)).parcels)


async def pack(house: House, found: Mapping[str, int], *, metadata: Metadata = LEA) -> Any:
    request = pb.PackParcelRequest(
        request_id=new_id(),
        parcel_id=(await the_parcel(house)).parcel_id,
        lines=counted(found),
        bin_label="L1",
    )
    return (await house.picking.PackParcel(request, metadata=metadata)).parcel


async def send(house: House, *, metadata: Metadata = LEA) -> Any:
    parcel_id = (await the_parcel(house)).parcel_id
    request = pb.SendParcelRequest(request_id=new_id(), parcel_id=parcel_id)
    return (await house.picking.SendParcel(request, metadata=metadata)).parcel


async def receive(
    house: House, came: Mapping[str, int], *, bin_label: str = "B7", metadata: Metadata = SAM
) -> Any:
    request = pb.ReceiveParcelRequest(
        request_id=new_id(),
        parcel_id=(await the_parcel(house)).parcel_id,
        lines=counted(came),
        bin_label=bin_label,
    )
    answer = await house.picking.ReceiveParcel(request, metadata=metadata)
    await house.parcels.settle()
    await house.saga.settle()
    return answer.parcel


def counted(quantities: Mapping[str, int]) -> list[pb.CountedLine]:
    return [pb.CountedLine(sku=sku, quantity=n) for sku, n in quantities.items()]
