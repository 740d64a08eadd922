"""The services that every service of the house serves: keys, events, acts, parked events."""

from collections.abc import Mapping

import grpc
from comptoir.type.v1 import (
    act_service_pb2,
    act_service_pb2_grpc,
    event_service_pb2,
    event_service_pb2_grpc,
    key_service_pb2,
    key_service_pb2_grpc,
    parked_event_service_pb2,
    parked_event_service_pb2_grpc,
)

from chassis.act_servicer import ActServicer
from chassis.clock import Clock
from chassis.consumer import Consumer
from chassis.event_servicer import Detail, EventServicer
from chassis.events import EventLog
from chassis.keys import Keyring, KeyServicer
from chassis.parked_servicer import ParkedEventServicer
from chassis.records import Records

HOUSE_DESCRIPTORS = (
    act_service_pb2.DESCRIPTOR,
    event_service_pb2.DESCRIPTOR,
    key_service_pb2.DESCRIPTOR,
    parked_event_service_pb2.DESCRIPTOR,
)


def add_house_services(
    grpc_server: grpc.aio.Server,
    *,
    records: Records,
    log: EventLog,
    details: Mapping[str, Detail],
    keyring: Keyring,
    consumers: Mapping[str, Consumer],
    clock: Clock,
) -> None:
    """`records` must keep ACTS and CONSUMER_KINDS; `consumers` may be filled later."""
    events, parked = (
        EventServicer(log, details),
        ParkedEventServicer(records, consumers, clock=clock),
    )
    act_service_pb2_grpc.add_ActServiceServicer_to_server(ActServicer(records), grpc_server)
    event_service_pb2_grpc.add_EventServiceServicer_to_server(events, grpc_server)
    key_service_pb2_grpc.add_KeyServiceServicer_to_server(KeyServicer(keyring), grpc_server)
    parked_event_service_pb2_grpc.add_ParkedEventServiceServicer_to_server(parked, grpc_server)
