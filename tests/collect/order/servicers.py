"""What collect serves of orders and of the work on them, with keys of its own."""

import grpc

from chassis.keys import Keyring, MemoryKeyStore, Wrapping
from chassis.records import Records
from chassis.tail import Tail
from services.collect.locker.capability import Secrets
from services.collect.order.codebook import Codebook
from services.collect.order.placing import Placing
from services.collect.order.servicer import OrderServicer
from services.collect.order.workflow import Saga
from services.collect.parcel.desk import Desk
from services.collect.parcel.workflow import Parcels
from services.collect.picking.looking import Looking
from services.collect.picking.servicer import PickingServicer
from services.collect.picking.workflow import CodeCheck, Doors
from tests.collect.order.catalogue import offers_of
from tests.inventory.house import Clock

KEY = b"k" * 32


async def servicers_of(
    records: Records,
    saga: Saga,
    parcels: Parcels,
    tail: Tail,
    sold: grpc.aio.Channel,
    looking: Looking,
    clock: Clock,
) -> tuple[OrderServicer, PickingServicer]:
    keyring = Keyring("collect", MemoryKeyStore(), Wrapping(bytes(32)), clock=clock)
    await keyring.refresh()
    codebook = Codebook(records, key=KEY, keyring=keyring, secrets=Secrets(KEY))
    orders = OrderServicer(
        records,
        offers=(offers := offers_of(records, sold)),
        placing=Placing(records, saga, offers, clock=clock),
        saga=saga,
        codebook=codebook,
        tail=tail,
        clock=clock,
    )
    picking = PickingServicer(
        records,
        saga=saga,
        code_check=CodeCheck(records, codebook, clock=clock),
        doors=Doors(records, clock=clock),
        looking=looking,
        desk=Desk(records, parcels, clock=clock),
        tail=tail,
        clock=clock,
    )
    return orders, picking
