"""What other services see of this one's events."""

from comptoir.associate.v1 import events_pb2 as pb

from chassis.memory_records import MemoryRecords
from services.associate.events import DETAILS
from services.associate.staff.domain import staff_id_of
from tests.associate.house import House, claims_of, listed


async def test_every_event_has_a_detail_of_this_service(house: House) -> None:
    tokens = (await house.sign_in(await house.device())).tokens
    await house.take_in(listed(active=False))
    assert isinstance(house.records, MemoryRecords)
    batch = await house.records.log.read(0, 100)

    sent = [DETAILS[event.name](event.detail) for event in batch.events]

    staff_id = staff_id_of("B-1001")
    assert sent == [
        pb.StaffChanged(staff_id=staff_id, active=True),
        pb.StaffChanged(staff_id=staff_id, active=False),
        pb.SessionRevoked(session_id=claims_of(tokens.access_token)["sid"]),
    ]
