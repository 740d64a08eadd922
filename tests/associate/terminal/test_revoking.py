"""Terminals over the wire: listed, and taken away with whoever is signed in on them."""

import asyncio
from typing import Any

import pytest
from comptoir.associate.v1 import terminal_service_pb2 as pb

from chassis.acts import ACTS
from chassis.changes import Changed
from chassis.records import Ref, State, Where
from services.associate.terminal import domain
from services.associate.terminal.store import ATTEMPTS, SESSIONS, TERMINALS
from tests.associate.house import (
    OPERATORS_TOOLS,
    Device,
    House,
    claims_of,
    listed,
    new_id,
    reason,
    revoked,
)
from tests.serving import calling_as

MANAGER = calling_as("maud", "staff:manager", locations=("lyon-1",))
ELSEWHERE = calling_as("noa", "staff:manager", locations=("lille-2",))


async def revoke(
    house: House,
    terminal_id: str,
    *,
    cause: str = "stolen",
    request_id: str = "",
    metadata: Any = OPERATORS_TOOLS,
) -> pb.Terminal:
    request = pb.RevokeTerminalRequest(
        request_id=request_id or new_id(), terminal_id=terminal_id, cause=cause
    )
    response = await house.terminals.RevokeTerminal(request, metadata=metadata)
    terminal: pb.Terminal = response.terminal
    return terminal


async def page(
    house: House, *, metadata: Any = OPERATORS_TOOLS, **fields: Any
) -> pb.ListTerminalsResponse:
    response: pb.ListTerminalsResponse = await house.terminals.ListTerminals(
        pb.ListTerminalsRequest(**fields), metadata=metadata
    )
    return response


async def ids(house: House, *, metadata: Any = OPERATORS_TOOLS, **fields: Any) -> list[str]:
    answer = await page(house, metadata=metadata, **fields)
    return [terminal.terminal_id for terminal in answer.terminals]


async def test_terminals_are_listed_by_id_page_by_page(stored_house: House) -> None:
    made = sorted([(await stored_house.device()).terminal_id for _ in range(3)])
    await revoke(stored_house, made[0])
    first = await page(stored_house, page_size=2)
    second = await page(stored_house, page_size=2, page_token=first.next_page_token)

    shown = [*first.terminals, *second.terminals]
    assert [(one.terminal_id, one.revoked) for one in shown] == [
        (made[0], True),
        (made[1], False),
        (made[2], False),
    ]
    assert {(one.location_id, one.label) for one in shown} == {("lyon-1", "Counter")}
    assert second.next_page_token == ""


async def test_staff_see_the_terminals_of_their_shop_and_no_others(stored_house: House) -> None:
    lyon, lille = [(await stored_house.device(at)).terminal_id for at in ("lyon-1", "lille-2")]

    assert await ids(stored_house) == sorted([lyon, lille])
    assert await ids(stored_house, location_id="lille-2") == [lille]
    assert await ids(stored_house, metadata=MANAGER) == [lyon]
    assert await ids(stored_house, metadata=MANAGER, location_id="lyon-1") == [lyon]
    assert await ids(stored_house, metadata=MANAGER, location_id="lille-2") == []


async def test_nobody_signs_in_on_a_revoked_terminal_and_no_badge_is_locked_there(
    house: House, device: Device
) -> None:
    assert (await revoke(house, device.terminal_id)).revoked

    for _ in range(9):
        assert await reason(house.sign_in(device, pin="000000")) == "WRONG_CREDENTIALS"
    assert await reason(house.sign_in(device)) == "WRONG_CREDENTIALS"
    assert await house.records.select(ATTEMPTS, Where(limit=9)) == []
    assert await house.sign_in(await house.device())


async def test_whoever_is_signed_in_there_is_signed_out_and_nobody_else(
    stored_house: House,
) -> None:
    await stored_house.take_in(listed("B-2"))
    taken, other = await stored_house.device(), await stored_house.device()
    theirs = [(await stored_house.sign_in(taken, badge=b)).tokens for b in ("B-1001", "B-2")]
    left = (await stored_house.sign_in(other)).tokens
    await revoke(stored_house, taken.terminal_id)

    for tokens in theirs:
        assert await reason(stored_house.refresh(tokens.refresh_token)) == "SESSION_ENDED"
    assert await stored_house.refresh(left.refresh_token)


async def test_verifiers_hear_whose_tokens_have_ended(house: House, device: Device) -> None:
    tokens = (await house.sign_in(device)).tokens
    await revoke(house, device.terminal_id)

    assert await revoked(house) == [claims_of(tokens.access_token)["sid"]]


async def test_of_a_sign_in_and_a_revocation_at_once_no_session_is_left(
    stored_house: House,
) -> None:
    device = await stored_house.device()
    sign_ins = [stored_house.sign_in(device) for _ in range(4)]
    await asyncio.gather(
        *sign_ins, revoke(stored_house, device.terminal_id), return_exceptions=True
    )

    sessions = await stored_house.records.select(SESSIONS, Where(limit=9))
    assert all(held.session.ended for held in sessions)


async def test_what_was_cut_off_before_the_sessions_ended_is_mended_by_asking_again(
    house: House, device: Device
) -> None:
    tokens = (await house.sign_in(device)).tokens

    def taken_away(state: State) -> Changed[bool]:
        before = state.find(TERMINALS, device.terminal_id)
        changed = domain.revoke(before, terminal_id=device.terminal_id, within=None)
        return Changed(answer=True, records=changed.records)

    refs = [Ref(TERMINALS, device.terminal_id)]
    await house.records.update(refs, taken_away, answer=bool, timeout_s=5)
    await revoke(house, device.terminal_id)

    assert await reason(house.refresh(tokens.refresh_token)) == "SESSION_ENDED"


async def test_who_took_it_away_and_why_is_kept_once(stored_house: House) -> None:
    terminal_id, request_id = (await stored_house.device()).terminal_id, new_id()
    for repeated in (request_id, request_id, new_id()):
        await revoke(stored_house, terminal_id, request_id=repeated)

    [act] = await stored_house.records.select(ACTS, Where(limit=9))
    assert (act.actor, act.name, act.target, act.cause) == (
        "client:tools",
        "revoke_terminal",
        terminal_id,
        "stolen",
    )


async def test_a_manager_takes_away_what_stands_in_their_shop_alone(
    house: House, device: Device
) -> None:
    not_theirs = revoke(house, device.terminal_id, metadata=ELSEWHERE)
    assert await reason(not_theirs) == "UNKNOWN_TERMINAL"
    assert await house.sign_in(device)

    assert (await revoke(house, device.terminal_id, metadata=MANAGER)).revoked


@pytest.mark.parametrize(("cause", "why"), [("gone", "UNKNOWN_TERMINAL"), ("", "INVALID_CAUSE")])
async def test_what_cannot_be_taken_away_is_told_why(house: House, cause: str, why: str) -> None:
    assert await reason(revoke(house, "no such terminal", cause=cause)) == why


async def test_a_device_comes_back_by_another_code(house: House, device: Device) -> None:
    before = device.terminal_id
    await revoke(house, before)
    device.terminal_id = (await house.enrol(device, await house.code())).terminal.terminal_id

    assert device.terminal_id != before
    assert await house.sign_in(device)
