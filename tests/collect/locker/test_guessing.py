"""Guessing a cabinet's enrolment code: slower and slower, and never in the way of the right one."""

from typing import Any
from uuid import uuid4

import grpc
import pytest
from comptoir.collect.v1 import locker_service_pb2 as pb

from chassis.lockout import place_of
from services.collect.guessing.store import ATTEMPTS
from tests.collect.locker.cabinets import PUBLIC_KEY
from tests.collect.locker.house import OPERATOR, House
from tests.serving import reason_of

CLOSED = ["WRONG_CODE"] * 5 + ["TOO_MANY_ATTEMPTS"] * 2


async def code_for(house: House) -> str:
    request = pb.CreateCabinetCodeRequest(request_id=str(uuid4()), cabinet_id="c-paris")
    return (await house.stub.CreateCabinetCode(request, metadata=OPERATOR)).code


async def tried(house: House, code: str, **fields: Any) -> str:
    """The reason with which a code is refused; empty if it is not."""
    given = {"request_id": str(uuid4()), "cabinet_id": "c-paris", "public_key": PUBLIC_KEY}
    try:
        await house.stub.EnrolCabinet(pb.EnrolCabinetRequest(code=code, **given | fields))
    except grpc.aio.AioRpcError as error:
        return reason_of(error)
    return ""


async def guessed(house: House, count: int, **fields: Any) -> list[str]:
    return [await tried(house, "A" * 12, **fields) for _ in range(count)]


@pytest.mark.parametrize("cabinet_id", ["c-paris", "c-nowhere"])
async def test_wrong_codes_are_told_to_wait_for_cabinets_there_are_and_there_are_not(
    house: House, cabinet_id: str
) -> None:
    await code_for(house)

    assert await guessed(house, 7, cabinet_id=cabinet_id) == CLOSED


async def test_the_right_code_passes_whatever_was_guessed(house: House) -> None:
    code = await code_for(house)
    await guessed(house, 7)

    assert await tried(house, code) == ""


async def test_the_right_code_forgets_the_wrong_ones(house: House) -> None:
    code = await code_for(house)
    await guessed(house, 7)
    await tried(house, code)

    assert await house.records.find(ATTEMPTS, place_of("cabinet", "c-paris")) is None


@pytest.mark.parametrize("cabinet_id", ["c-paris", "c-nowhere"])
async def test_a_malformed_request_tells_no_cabinet_from_none(
    house: House, cabinet_id: str
) -> None:
    await code_for(house)

    assert await guessed(house, 1, cabinet_id=cabinet_id, request_id="none") == [
        "INVALID_REQUEST_ID"
    ]
