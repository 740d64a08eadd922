"""Sessions on terminals over the wire: refreshed, ended, and what verifiers hear."""

import asyncio
from datetime import timedelta
from typing import Any

from comptoir.associate.v1 import staff_service_pb2 as staff_pb
from comptoir.associate.v1 import terminal_service_pb2 as pb

from chassis.records import Kind, Where
from services.associate.terminal.store import ATTEMPTS, CHALLENGE_USES, SESSIONS
from tests.associate.house import (
    Device,
    House,
    as_holder,
    claims_of,
    listed,
    new_id,
    reason,
    revoked,
)
from tests.serving import calling_as


async def test_a_refresh_gives_new_tokens_of_the_same_session(house: House, device: Device) -> None:
    first = (await house.sign_in(device)).tokens
    next_ones = await house.refresh(first.refresh_token)

    assert next_ones.refresh_token != first.refresh_token
    assert claims_of(next_ones.access_token)["sid"] == claims_of(first.access_token)["sid"]


async def test_the_same_request_gets_the_same_token_again(stored_house: House) -> None:
    first = (await stored_house.sign_in(await stored_house.device())).tokens
    request_id = new_id()
    tokens = await asyncio.gather(
        *(stored_house.refresh(first.refresh_token, request_id) for _ in range(5))
    )

    assert len({each.refresh_token for each in tokens}) == 1


async def test_a_token_used_twice_ends_the_session(house: House, device: Device) -> None:
    first = (await house.sign_in(device)).tokens
    second = await house.refresh(first.refresh_token)

    assert await reason(house.refresh(first.refresh_token)) == "SESSION_ENDED"
    assert await reason(house.refresh(second.refresh_token)) == "SESSION_ENDED"
    assert await revoked(house) == [claims_of(first.access_token)["sid"]]


async def test_two_refreshes_at_once_end_the_session(stored_house: House) -> None:
    first = (await stored_house.sign_in(await stored_house.device())).tokens
    outcomes = await asyncio.gather(
        *(stored_house.refresh(first.refresh_token) for _ in range(2)), return_exceptions=True
    )
    winners = [o for o in outcomes if isinstance(o, pb.StaffTokens)]

    assert len(winners) == 1
    assert await reason(stored_house.refresh(winners[0].refresh_token)) == "SESSION_ENDED"


async def test_a_shift_is_over_after_12_hours_however_often_refreshed(
    house: House, device: Device
) -> None:
    token = (await house.sign_in(device)).tokens.refresh_token
    house.clock.move(timedelta(hours=11))
    token = (await house.refresh(token)).refresh_token
    house.clock.move(timedelta(hours=1))

    assert await reason(house.refresh(token)) == "SESSION_ENDED"


async def test_what_is_no_token_is_refused(house: House) -> None:
    assert await reason(house.refresh("no token")) == "SESSION_ENDED"


async def test_signing_out_ends_the_session_and_says_so(house: House, device: Device) -> None:
    tokens = (await house.sign_in(device)).tokens
    await house.sign_out(tokens)
    await house.sign_out(tokens)

    assert await revoked(house) == [claims_of(tokens.access_token)["sid"]]
    assert await reason(house.refresh(tokens.refresh_token)) == "SESSION_ENDED"


async def test_signing_out_of_no_session_of_ours_is_fine(house: House) -> None:
    request = pb.SignOutRequest(request_id=new_id())
    elsewhere = calling_as("openid", "staff:associate", session_id="elsewhere")

    assert await house.terminals.SignOut(request, metadata=elsewhere)


async def test_a_refresh_brings_the_roles_of_today(house: House, device: Device) -> None:
    tokens = (await house.sign_in(device)).tokens
    await house.take_in(listed(roles=(staff_pb.STAFF_ROLE_MANAGER,)))
    tokens = await house.refresh(tokens.refresh_token)

    assert claims_of(tokens.access_token)["grants"] == ["staff:manager"]


async def test_who_works_elsewhere_now_is_signed_out_at_the_next_refresh(
    house: House, device: Device
) -> None:
    tokens = (await house.sign_in(device)).tokens
    await house.take_in(listed(location_ids=("lille-2",)))

    assert await reason(house.refresh(tokens.refresh_token)) == "SESSION_ENDED"
    assert await revoked(house) == [claims_of(tokens.access_token)["sid"]]


async def test_who_left_is_signed_out_at_once(house: House, device: Device) -> None:
    tokens = [(await house.sign_in(device)).tokens for _ in range(3)]
    await house.take_in(listed(active=False))

    sids = {claims_of(each.access_token)["sid"] for each in tokens}
    assert set(await revoked(house)) == sids


async def test_the_holder_of_a_token_is_who_signed_in(house: House, device: Device) -> None:
    signed_in = await house.sign_in(device)
    response = await house.staff.GetSelf(
        staff_pb.GetSelfRequest(), metadata=as_holder(signed_in.tokens)
    )

    assert response.member == signed_in.member


async def test_a_shift_that_is_forgotten_is_over_to_whoever_asks(
    house: House, device: Device
) -> None:
    tokens = (await house.sign_in(device)).tokens
    house.clock.move(timedelta(days=2))
    await house.records.tend()

    kinds: tuple[Kind[Any], ...] = (SESSIONS, CHALLENGE_USES, ATTEMPTS)
    for kind in kinds:
        assert await house.records.select(kind, Where(limit=1)) == []
    assert await reason(house.refresh(tokens.refresh_token)) == "SESSION_ENDED"
