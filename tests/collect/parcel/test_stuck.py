"""What an operator does about a parcel whose task fails, and what that leaves to be settled."""

from dataclasses import replace

from comptoir.collect.v1 import order_service_pb2 as order_pb
from comptoir.collect.v1 import stuck_order_service_pb2 as pb

from chassis.changes import Changed
from chassis.records import Ref
from services.collect.parcel import domain
from services.collect.parcel.store import PARCELS
from services.collect.parcel.values import Parcel, State, TaskName
from tests.collect.order.asking import new_id, refused
from tests.collect.order.house import House
from tests.collect.parcel.shops import broken_order, open_lyon, the_parcel
from tests.collect.stuck.desk import ROBOT, Desk, open_desk
from tests.serving import calling_as


async def put(house: House, parcel: Parcel) -> None:
    refs = [Ref(PARCELS, parcel.parcel_id)]
    changed = Changed(answer=None, records=(parcel,))
    await house.records.update(refs, lambda state: changed, answer=type(None), timeout_s=2)


async def received(house: House) -> Parcel:
    """One that was sent and has come, which the books are never told."""
    await open_lyon(house)
    await broken_order(house, take=10)
    now = house.clock.now
    parcel = domain.packed(await the_parcel(house), quantities={"LAMP": 2}, bin_label="L1", now=now)
    await put(house, parcel)
    await house.parcels.drive(parcel.parcel_id)
    sent = domain.sent(await the_parcel(house), now=now)
    await put(house, sent)
    await house.parcels.drive(parcel.parcel_id)
    came = domain.received(await the_parcel(house), quantities={"LAMP": 2}, bin_label="B7", now=now)
    for _ in range(5):
        came = domain.postponed(came, came.todo[0], "CLOSED", now=now)
    await put(house, came)
    return came


def asked(parcel: Parcel, task: TaskName = TaskName.RECEIVE) -> pb.AbandonParcelTaskRequest:
    number = pb.ParcelTask.Value(f"PARCEL_TASK_{task.name}")
    return pb.AbandonParcelTaskRequest(
        request_id=new_id(), parcel_id=parcel.parcel_id, task=number, cause="booked by hand"
    )


async def test_a_parcel_whose_task_fails_is_listed_and_can_be_given_up(house: House) -> None:
    parcel = await received(house)
    async with open_desk(house) as desk:
        (listed,) = (await stuck(desk)).parcels
        assert (listed.parcel_id, listed.tries_count) == (parcel.parcel_id, 5)
        request = asked(parcel)
        done = await desk.stuck.AbandonParcelTask(request, metadata=ROBOT)
        assert await desk.stuck.AbandonParcelTask(request, metadata=ROBOT) == done
        assert (await stuck(desk)).parcels == []

        (left,) = done.residue.movements
        assert (left.source, left.target, left.quantity) == ("in_transit", "staged", 2)
        assert (left.location_id, done.residue.parcel_id) == ("paris", parcel.parcel_id)
        assert await desk.residues() == [done.residue]
    assert (await the_parcel(house)).state is State.ARRIVED
    (order,) = await house.kept()
    ready = await house.get(order.order_id)
    assert ready.state == order_pb.ORDER_STATE_READY


async def test_another_task_than_the_one_that_fails_is_not_given_up(house: House) -> None:
    parcel = await received(house)
    async with open_desk(house) as desk:
        call = desk.stuck.AbandonParcelTask(asked(parcel, TaskName.SEND), metadata=ROBOT)
        assert await refused(call) == "FAILED_PRECONDITION PARCEL_NOT_STUCK"


async def test_another_shops_parcel_is_as_if_it_were_not_there(house: House) -> None:
    parcel = await received(house)
    lea = calling_as("lea", "staff:operator", locations=("lille",))
    async with open_desk(house) as desk:
        call = desk.stuck.AbandonParcelTask(asked(parcel), metadata=lea)
        assert await refused(call) == "NOT_FOUND UNKNOWN_PARCEL"
        none = asked(replace(parcel, parcel_id=new_id()))
        call = desk.stuck.AbandonParcelTask(none, metadata=lea)
        assert await refused(call) == "NOT_FOUND UNKNOWN_PARCEL"


async def stuck(desk: Desk) -> pb.ListStuckParcelsResponse:
    answer: pb.ListStuckParcelsResponse = await desk.stuck.ListStuckParcels(
        pb.ListStuckParcelsRequest(), metadata=ROBOT
    )
    return answer
