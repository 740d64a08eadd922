"""Terminals over the wire: codes, and what they enrol."""

import asyncio
from datetime import timedelta

import pytest
from comptoir.associate.v1 import terminal_service_pb2 as pb

from chassis.records import Where
from services.associate.terminal.domain import WRONG_CODES_MAX
from services.associate.terminal.store import ENROLMENT_CODES
from tests.associate.house import (
    GATEWAY,
    OPERATORS_TOOLS,
    Device,
    House,
    new_id,
    reason,
)
from tests.serving import calling_as

MINUTE = timedelta(minutes=1)


async def test_a_code_enrols_a_terminal_where_it_says(house: House) -> None:
    enrolled = await house.enrol(Device(), await house.code("lille-2"))

    assert (enrolled.terminal.location_id, enrolled.terminal.label) == ("lille-2", "Counter")


async def test_blanks_hyphens_and_small_letters_in_a_code_do_not_matter(house: House) -> None:
    code = await house.code()

    assert await house.enrol(Device(), f"{code[:5].lower()}- {code[5:]} ")


async def test_a_repeat_makes_the_same_code(house: House) -> None:
    request = pb.CreateEnrolmentCodeRequest(
        request_id=new_id(), location_id="lyon-1", label="Counter"
    )
    first, again = [
        await house.terminals.CreateEnrolmentCode(request, metadata=OPERATORS_TOOLS)
        for _ in range(2)
    ]

    assert first == again


async def test_a_repeat_enrols_the_same_terminal(house: House) -> None:
    device, code, request_id = Device(), await house.code(), new_id()
    first, again = [await house.enrol(device, code, request_id) for _ in range(2)]

    assert first == again


async def test_a_code_is_good_for_one_terminal(house: House) -> None:
    code = await house.code()
    await house.enrol(Device(), code)

    assert await reason(house.enrol(Device(), code)) == "WRONG_CODE"


async def test_of_many_who_come_with_one_code_one_is_enrolled(stored_house: House) -> None:
    code = await stored_house.code()
    outcomes = await asyncio.gather(
        *(stored_house.enrol(Device(), code) for _ in range(10)), return_exceptions=True
    )

    assert sum(isinstance(o, pb.EnrolTerminalResponse) for o in outcomes) == 1


async def test_a_code_is_good_for_15_minutes(house: House) -> None:
    code = await house.code()
    house.clock.move(15 * MINUTE)

    assert await reason(house.enrol(Device(), code)) == "WRONG_CODE"


async def test_too_many_wrong_codes_have_to_wait(house: House) -> None:
    for _ in range(WRONG_CODES_MAX):
        assert await reason(house.enrol(Device(), "2222222222")) == "WRONG_CODE"

    assert await reason(house.enrol(Device(), "2222222222")) == "TOO_MANY_ATTEMPTS"


async def test_the_right_code_passes_however_many_wrong_ones_came(house: House) -> None:
    for _ in range(WRONG_CODES_MAX + 1):
        await reason(house.enrol(Device(), "2222222222"))

    assert await house.enrol(Device(), await house.code())


async def test_wrong_codes_are_forgotten_after_a_minute(house: House) -> None:
    for _ in range(WRONG_CODES_MAX + 1):
        await reason(house.enrol(Device(), "2222222222"))
    house.clock.move(MINUTE)

    assert await reason(house.enrol(Device(), "2222222222")) == "WRONG_CODE"


async def test_a_key_that_is_no_point_of_the_curve_is_refused(house: House) -> None:
    request = pb.EnrolTerminalRequest(
        request_id=new_id(), code=await house.code(), public_key=b"\4" + bytes(64)
    )
    call = house.terminals.EnrolTerminal(request, metadata=GATEWAY)

    assert await reason(call) == "INVALID_TERMINAL"


@pytest.mark.parametrize(
    ("location_id", "label", "expected"),
    [
        ("nowhere", "Counter", "UNKNOWN_LOCATION"),
        ("No Where", "Counter", "INVALID_TERMINAL"),
        ("lyon-1", "", "INVALID_TERMINAL"),
        ("lyon-1", "x" * 101, "INVALID_TERMINAL"),
    ],
)
async def test_a_code_is_for_a_known_place_and_a_label(
    house: House, location_id: str, label: str, expected: str
) -> None:
    request = pb.CreateEnrolmentCodeRequest(
        request_id=new_id(), location_id=location_id, label=label
    )
    call = house.terminals.CreateEnrolmentCode(request, metadata=OPERATORS_TOOLS)

    assert await reason(call) == expected


async def test_a_manager_makes_codes_for_their_own_location_alone(house: House) -> None:
    manager = calling_as("m", "staff:manager", locations=("lyon-1",))

    async def made(location_id: str) -> pb.CreateEnrolmentCodeResponse:
        request = pb.CreateEnrolmentCodeRequest(
            request_id=new_id(), location_id=location_id, label="Counter"
        )
        response: pb.CreateEnrolmentCodeResponse = await house.terminals.CreateEnrolmentCode(
            request, metadata=manager
        )
        return response

    assert (await made("lyon-1")).code
    assert await reason(made("lille-2")) == "UNKNOWN_LOCATION"


@pytest.mark.parametrize("used", [False, True])
async def test_a_code_that_is_forgotten_is_refused_like_an_old_one(
    house: House, used: bool
) -> None:
    code = await house.code()
    if used:
        await house.enrol(Device(), code)
    house.clock.move(timedelta(days=2))
    await house.records.tend()

    assert await house.records.select(ENROLMENT_CODES, Where(limit=1)) == []
    assert await reason(house.enrol(Device(), code)) == "WRONG_CODE"
