"""The chain's list of staff over the wire."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from comptoir.associate.v1 import staff_service_pb2 as pb

from chassis.changes import Changed
from chassis.memory_records import MemoryRecords
from chassis.passwords import THREADS, Passwords
from chassis.records import Ref, State
from services.associate.main import KINDS
from services.associate.staff.domain import staff_id_of
from services.associate.staff.store import STAFF
from tests.associate.house import (
    BADGE,
    OPERATORS_TOOLS,
    Clock,
    House,
    claims_of,
    listed,
    opened,
    reason,
    revoked,
)
from tests.held_passwords import HELD_S_MAX
from tests.serving import calling_as
from tests.waiting import until


class HeldHashes(Passwords):
    """As many threads as there are, each of which a new hash keeps until `open` is set."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        super().__init__(threads, b"pepper")
        self.open = threading.Event()
        self.open.set()
        self.held_count = 0

    async def hash(self, password: str) -> str:
        await self._run(self._hold)
        return await super().hash(password)

    def _hold(self) -> None:
        self.held_count += not self.open.is_set()
        if not self.open.wait(HELD_S_MAX):
            raise TimeoutError("nobody else was let in meanwhile")


async def test_staff_sign_in_while_several_lists_come_in() -> None:
    clock = Clock()
    with ThreadPoolExecutor(THREADS) as threads:
        passwords = HeldHashes(threads)
        async with opened(MemoryRecords(KINDS, clock=clock), passwords, clock) as house:
            await house.take_in(listed())
            device = await house.device()
            passwords.open.clear()
            try:
                lists = [
                    asyncio.create_task(house.take_in(listed(f"B-{n}"))) for n in range(THREADS)
                ]
                await until(lambda: holds(passwords))
                assert (await house.sign_in(device)).member.badge == BADGE
            finally:
                passwords.open.set()
            [first], [second] = await asyncio.gather(*lists)

    assert (first.progress.written_count, second.progress.written_count) == (1, 1)


async def holds(passwords: HeldHashes) -> bool:
    return passwords.held_count > 0


async def test_the_same_list_again_writes_nothing(stored_house: House) -> None:
    await stored_house.take_in(listed("B-1"), listed("B-2", pin=""))
    before = await stored_house.records.find(STAFF, staff_id_of("B-1"))

    [response] = await stored_house.take_in(listed("B-1"), listed("B-2", pin=""))

    assert (response.progress.written_count, response.progress.unchanged_count) == (0, 2)
    assert await stored_house.records.find(STAFF, staff_id_of("B-1")) == before


async def test_a_new_pin_is_a_change(house: House) -> None:
    [response] = await house.take_in(listed(pin="271828"))
    device = await house.device()

    assert response.progress.written_count == 1
    assert await house.sign_in(device, pin="271828")
    assert await reason(house.sign_in(device)) == "WRONG_CREDENTIALS"


async def test_an_empty_pin_leaves_the_one_there_is(house: House) -> None:
    await house.take_in(listed(pin="", location_ids=("lille-2", "lyon-1")))

    assert await house.sign_in(await house.device())


async def test_who_has_no_pin_yet_cannot_sign_in(house: House) -> None:
    await house.take_in(listed("B-2", pin=""))
    device = await house.device()

    assert await reason(house.sign_in(device, badge="B-2", pin="")) == "WRONG_CREDENTIALS"


async def test_of_two_with_one_badge_the_last_is_taken(house: House) -> None:
    first, last = listed("B-2"), listed("B-2", location_ids=("lille-2",), number=2)
    [response] = await house.take_in(first, last)
    member = await house.records.find(STAFF, staff_id_of("B-2"))

    assert response.progress.written_count == 2
    assert member is not None
    assert member.location_ids == ("lille-2",)


async def test_who_cannot_be_taken_is_told_why_and_the_others_go_in(house: House) -> None:
    [response] = await house.take_in(
        listed("", number=7), listed("B-2", number=8), listed("B-3", pin="1", number=9)
    )

    assert [(r.number, r.reason) for r in response.progress.rejections] == [
        (7, "INVALID_STAFF"),
        (9, "INVALID_STAFF"),
    ]
    assert response.progress.written_count == 1


async def test_a_role_we_do_not_know_is_never_left_out_in_silence(house: House) -> None:
    known_and_not = (pb.STAFF_ROLE_ASSOCIATE, pb.STAFF_ROLE_UNSPECIFIED)
    [response] = await house.take_in(listed("B-2", roles=known_and_not))

    assert [r.reason for r in response.progress.rejections] == ["INVALID_STAFF"]


async def test_staff_of_another_issuer_are_unknown_here(house: House) -> None:
    call = house.staff.GetSelf(
        pb.GetSelfRequest(), metadata=calling_as("openid-1", "staff:associate")
    )

    assert await reason(call) == "UNKNOWN_STAFF"


async def test_a_list_cut_off_before_signing_out_who_left_is_mended_by_sending_it_again(
    house: House,
) -> None:
    tokens = (await house.sign_in(await house.device())).tokens
    staff_id = staff_id_of("B-1001")

    def leave(state: State) -> Changed[bool]:
        member = state.find(STAFF, staff_id)
        assert member is not None
        return Changed(answer=True, records=(replace(member, active=False),))

    await house.records.update([Ref(STAFF, staff_id)], leave, answer=bool, timeout_s=5)
    [response] = await house.take_in(listed(active=False))

    assert response.progress.unchanged_count == 1
    assert await revoked(house) == [claims_of(tokens.access_token)["sid"]]


async def page(house: House, **fields: Any) -> pb.ListStaffResponse:
    response: pb.ListStaffResponse = await house.staff.ListStaff(
        pb.ListStaffRequest(**fields), metadata=OPERATORS_TOOLS
    )
    return response


async def test_staff_are_listed_by_id_page_by_page(stored_house: House) -> None:
    operator = listed("B-2", roles=(pb.STAFF_ROLE_OPERATOR,), location_ids=(), pin="")
    await stored_house.take_in(operator, listed("B-3", active=False))
    first = await page(stored_house, page_size=2)
    second = await page(stored_house, page_size=2, page_token=first.next_page_token)

    shown = [*first.members, *second.members]
    assert [one.staff_id for one in shown] == sorted(map(staff_id_of, ("B-1001", "B-2", "B-3")))
    assert {one.badge: (one.active, one.has_pin) for one in shown} == {
        "B-1001": (True, True),
        "B-2": (True, False),
        "B-3": (False, True),
    }
    assert second.next_page_token == ""


async def test_staff_of_one_shop_are_those_listed_for_it(stored_house: House) -> None:
    both = listed("B-2", location_ids=("lille-2", "lyon-1"))
    await stored_house.take_in(both, listed("B-3", location_ids=("lille-2",)))

    shown = (await page(stored_house, location_id="lille-2")).members
    assert {one.badge for one in shown} == {"B-2", "B-3"}
    assert (await page(stored_house, location_id="nowhere")).members == []


async def test_no_list_of_staff_has_a_name_or_a_pin(house: House) -> None:
    kept = await house.records.find(STAFF, staff_id_of(BADGE))
    assert kept is not None
    [shown] = (await page(house)).members

    assert BADGE.encode() in (content := shown.SerializeToString())
    assert kept.display_name.encode() not in content and kept.pin_hash.encode() not in content
