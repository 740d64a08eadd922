"""Badge and PIN on a terminal over the wire, right, wrong and guessed."""

import asyncio
from datetime import timedelta

import pytest
from comptoir.associate.v1 import staff_service_pb2 as staff_pb
from comptoir.associate.v1 import terminal_service_pb2 as pb

from chassis.memory_records import MemoryRecords
from chassis.requests import request_from_pb
from tests.associate.house import (
    Device,
    House,
    claims_of,
    listed,
    new_id,
    reason,
)

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
OPERATOR = (staff_pb.STAFF_ROLE_OPERATOR,)


async def test_badge_and_pin_on_a_terminal_open_a_session(house: House, device: Device) -> None:
    signed_in = await house.sign_in(device)

    assert signed_in.member.badge == "B-1001"
    assert signed_in.terminal.terminal_id == device.terminal_id


async def test_the_access_token_acts_where_the_terminal_stands(
    house: House, device: Device
) -> None:
    await house.take_in(listed("B-2", location_ids=("lille-2", "lyon-1")))
    claims = claims_of((await house.sign_in(device, badge="B-2")).tokens.access_token)

    assert claims["locations"] == ["lyon-1"]
    assert claims["terminal"] == device.terminal_id
    assert claims["grants"] == ["staff:associate"]


async def test_an_operator_without_locations_signs_in_everywhere(
    house: House, device: Device
) -> None:
    await house.take_in(listed("B-9", roles=OPERATOR, location_ids=()))

    assert (await house.sign_in(device, badge="B-9")).member.badge == "B-9"


async def test_a_shift_ends_12_hours_after_sign_in(house: House, device: Device) -> None:
    tokens = (await house.sign_in(device)).tokens

    assert tokens.refresh_expire_time.ToDatetime(house.clock.now.tzinfo) == (
        house.clock.now + timedelta(hours=12)
    )


@pytest.mark.parametrize(
    "wrong",
    [{"pin": "000000"}, {"badge": "B-none"}, {"badge": "B-lille"}, {"badge": "B-gone"}],
    ids=["pin", "badge", "location", "inactive"],
)
async def test_whatever_is_wrong_the_answer_is_one(
    house: House, device: Device, wrong: dict[str, str]
) -> None:
    await house.take_in(
        listed("B-lille", location_ids=("lille-2",)), listed("B-gone", active=False)
    )

    assert await reason(house.sign_in(device, **wrong)) == "WRONG_CREDENTIALS"


async def test_another_terminals_key_is_no_proof(house: House, device: Device) -> None:
    impostor = Device(terminal_id=device.terminal_id)

    assert await reason(house.sign_in(impostor)) == "WRONG_CREDENTIALS"


async def test_a_terminal_that_is_not_enrolled_is_refused(house: House) -> None:
    assert await reason(house.sign_in(Device(new_id()))) == "WRONG_CREDENTIALS"


@pytest.mark.parametrize("size", [0, 63, 65])
async def test_a_signature_of_another_size_is_wrong(
    house: House, device: Device, size: int
) -> None:
    request = await house.sign_in_request(device)
    request.signature = bytes(size)

    assert await reason(house.send(request)) == "WRONG_CREDENTIALS"


async def test_a_challenge_of_another_terminal_is_wrong(house: House, device: Device) -> None:
    request = await house.sign_in_request(device)
    request.challenge = await house.challenge(new_id())
    request.signature = device.sign(request.challenge)

    assert await reason(house.send(request)) == "WRONG_CREDENTIALS"


async def test_a_challenge_is_good_for_a_minute(house: House, device: Device) -> None:
    request = await house.sign_in_request(device)
    house.clock.move(MINUTE + SECOND)

    assert await reason(house.send(request)) == "WRONG_CREDENTIALS"


async def test_a_challenge_is_good_for_one_sign_in(house: House, device: Device) -> None:
    request = await house.sign_in_request(device)
    await house.send(request)
    request.request_id = new_id()

    assert await reason(house.send(request)) == "WRONG_CREDENTIALS"


async def test_of_many_with_one_challenge_one_signs_in(stored_house: House) -> None:
    request = await stored_house.sign_in_request(await stored_house.device())
    requests = [pb.SignInRequest() for _ in range(6)]
    for copy in requests:
        copy.CopyFrom(request)
        copy.request_id = new_id()
    outcomes = await asyncio.gather(
        *(stored_house.send(copy) for copy in requests), return_exceptions=True
    )

    assert sum(isinstance(o, pb.SignInResponse) for o in outcomes) == 1


async def test_a_repeat_gets_the_same_session(stored_house: House) -> None:
    request = await stored_house.sign_in_request(await stored_house.device())
    first, again = [await stored_house.send(request) for _ in range(2)]

    assert first.tokens.refresh_token == again.tokens.refresh_token


async def test_a_repeat_with_another_pin_is_no_repeat(house: House, device: Device) -> None:
    request = await house.sign_in_request(device)
    await house.send(request)
    request.pin = "000000"

    assert await reason(house.send(request)) == "WRONG_CREDENTIALS"


async def guess(house: House, device: Device, badge: str = "B-1001") -> str:
    return await reason(house.sign_in(device, badge=badge, pin="000000"))


async def test_the_sixth_guess_has_to_wait_even_with_the_right_pin(
    house: House, device: Device
) -> None:
    assert [await guess(house, device) for _ in range(5)] == ["WRONG_CREDENTIALS"] * 5

    assert await reason(house.sign_in(device)) == "TOO_MANY_ATTEMPTS"


async def test_a_badge_that_is_none_slows_down_alike(house: House, device: Device) -> None:
    guesses = [await guess(house, device, "B-none") for _ in range(6)]

    assert guesses == ["WRONG_CREDENTIALS"] * 5 + ["TOO_MANY_ATTEMPTS"]


async def test_after_the_delay_the_right_pin_is_let_in(house: House, device: Device) -> None:
    for _ in range(5):
        await guess(house, device)
    house.clock.move(30 * SECOND)

    assert await house.sign_in(device)


async def test_a_sign_in_forgets_the_guesses(house: House, device: Device) -> None:
    for _ in range(4):
        await guess(house, device)
    await house.sign_in(device)

    assert await guess(house, device) == "WRONG_CREDENTIALS"
    assert await house.sign_in(device)


async def test_guesses_at_once_each_count(stored_house: House) -> None:
    """On two terminals: of one, so many at once are not looked at."""
    devices = [await stored_house.device() for _ in range(2)] * 6
    requests = [await stored_house.sign_in_request(each, pin="000000") for each in devices]
    reasons = await asyncio.gather(*(reason(stored_house.send(r)) for r in requests))

    assert sorted(reasons) == ["TOO_MANY_ATTEMPTS"] * 7 + ["WRONG_CREDENTIALS"] * 5


async def test_a_repeat_is_no_further_guess(house: House, device: Device) -> None:
    request = await house.sign_in_request(device, pin="000000")

    reasons = [await reason(house.send(request)) for _ in range(7)]

    assert reasons == ["WRONG_CREDENTIALS"] * 7
    assert await house.sign_in(device)


async def test_who_has_no_terminal_locks_nobody_out(house: House, device: Device) -> None:
    for _ in range(7):
        await guess(house, Device(device.terminal_id))

    assert await house.sign_in(device)


async def test_nothing_kept_holds_a_pin_a_code_or_a_token(house: House) -> None:
    code, device = await house.code(), Device()
    device.terminal_id = (await house.enrol(device, code)).terminal.terminal_id
    tokens = (await house.sign_in(device)).tokens
    assert isinstance(house.records, MemoryRecords)

    kept = repr(vars(house.records))

    for secret in ("314159", code, tokens.refresh_token, tokens.access_token):
        assert secret not in kept


async def test_the_hash_kept_of_a_request_does_not_tell_the_pin(
    house: House, device: Device
) -> None:
    request = await house.sign_in_request(device)
    await house.send(request)
    assert isinstance(house.records, MemoryRecords)

    plain = request_from_pb(request, subject="gateway", method="SignIn").body_hash

    assert repr(plain) not in repr(vars(house.records))
