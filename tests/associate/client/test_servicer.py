"""Machine clients over the wire: made, renewed, and let in."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from comptoir.associate.v1 import client_service_pb2 as pb

from chassis.config import ConfigError
from chassis.memory_records import MemoryRecords
from services.associate.client.bootstrap import put_bootstrap_client, secret_from_file
from tests.associate.house import OPERATORS_TOOLS, House, claims_of, new_id, reason

FILE_SECRET = "f" * 40


async def put(
    house: House, *scopes: str, client_id: str = "till", renew: bool = False, request_id: str = ""
) -> str:
    request = pb.PutClientRequest(
        request_id=request_id or new_id(),
        client_id=client_id,
        scopes=scopes or ("stock.read",),
        renew_secret=renew,
    )
    response = await house.clients.PutClient(request, metadata=OPERATORS_TOOLS)
    return str(response.secret)


async def issue(house: House, secret: str, client_id: str = "till") -> pb.IssueTokenResponse:
    response: pb.IssueTokenResponse = await house.clients.IssueToken(
        pb.IssueTokenRequest(client_id=client_id, secret=secret)
    )
    return response


async def test_a_new_client_gets_a_secret_that_lets_it_in(house: House) -> None:
    secret = await put(house, "stock.read", "sale.write")
    claims = claims_of((await issue(house, secret)).access_token)

    assert claims["grants"] == ["client:sale.write", "client:stock.read"]


async def test_a_client_is_never_taken_for_a_service_of_its_name(house: House) -> None:
    token = await issue(house, await put(house, client_id="gateway"), "gateway")

    assert claims_of(token.access_token)["sub"] == "client:gateway"


async def test_a_token_says_when_it_expires(house: House) -> None:
    token = await issue(house, await put(house))

    assert token.access_expire_time.seconds == claims_of(token.access_token)["exp"]


async def test_the_request_that_made_a_secret_sees_it_again(stored_house: House) -> None:
    request_id = new_id()

    assert await put(stored_house, request_id=request_id) == await put(
        stored_house, request_id=request_id
    )


async def test_no_other_request_sees_it(house: House) -> None:
    secret = await put(house)

    assert (await put(house), await put(house, "sale.write")) == ("", "")
    assert await issue(house, secret)


async def test_a_new_secret_ends_the_old_one(house: House) -> None:
    old = await put(house)
    new = await put(house, renew=True)

    assert await issue(house, new)
    assert await reason(issue(house, old)) == "WRONG_CREDENTIALS"


async def test_other_scopes_are_in_the_next_token(house: House) -> None:
    secret = await put(house, "stock.read")
    await put(house, "sale.write")

    claims = claims_of((await issue(house, secret)).access_token)
    assert claims["grants"] == ["client:sale.write"]


async def test_made_by_many_at_once_a_client_has_one_secret(stored_house: House) -> None:
    secrets = await asyncio.gather(*(put(stored_house) for _ in range(10)))

    assert sum(map(bool, secrets)) == 1


async def test_a_scope_that_opens_nothing_is_refused(house: House) -> None:
    assert await reason(put(house, "stock.rad")) == "INVALID_CLIENT"


async def test_a_wrong_id_and_a_wrong_secret_are_one_answer(house: House) -> None:
    secret = await put(house)

    assert await reason(issue(house, "wrong")) == "WRONG_CREDENTIALS"
    assert await reason(issue(house, secret, "nobody")) == "WRONG_CREDENTIALS"


@pytest.mark.parametrize("client_id", ["till", "nobody"])
async def test_wrong_secrets_at_once_each_count_for_known_ids_and_others(
    stored_house: House, client_id: str
) -> None:
    await put(stored_house)
    reasons = await asyncio.gather(
        *(reason(issue(stored_house, "wrong", client_id)) for _ in range(10))
    )

    assert sorted(reasons) == ["TOO_MANY_ATTEMPTS"] * 5 + ["WRONG_CREDENTIALS"] * 5


async def test_strangers_cannot_lock_a_client_out(house: House) -> None:
    secret = await put(house)
    for _ in range(6):
        await reason(issue(house, "wrong"))

    assert await issue(house, secret)


async def test_the_right_secret_forgets_the_wrong_ones(house: House) -> None:
    secret = await put(house)
    for _ in range(5):
        await reason(issue(house, "wrong"))
    await issue(house, secret)

    assert await reason(issue(house, "wrong")) == "WRONG_CREDENTIALS"


async def test_a_token_is_good_for_10_minutes(house: House) -> None:
    token = await issue(house, await put(house))

    expire_time = token.access_expire_time.ToDatetime(house.clock.now.tzinfo)
    assert expire_time - house.clock.now == timedelta(minutes=10)


async def test_the_configurations_client_is_put_once(stored_house: House) -> None:
    changed = [
        await put_bootstrap_client(stored_house.records, client_id="root", secret=FILE_SECRET)
        for _ in range(2)
    ]
    claims = claims_of((await issue(stored_house, FILE_SECRET, "root")).access_token)

    assert changed == [True, False]
    assert claims["grants"] == ["client:client.write"]


async def test_a_new_secret_in_the_file_replaces_the_old_one(house: House) -> None:
    for secret in (FILE_SECRET, "g" * 40):
        await put_bootstrap_client(house.records, client_id="root", secret=secret)

    assert await issue(house, "g" * 40, "root")
    assert await reason(issue(house, FILE_SECRET, "root")) == "WRONG_CREDENTIALS"


async def test_a_bootstrap_id_that_is_none_stops_the_start(house: House) -> None:
    with pytest.raises(ConfigError):
        await put_bootstrap_client(house.records, client_id="Root", secret=FILE_SECRET)


def test_a_secret_too_short_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("short\n")

    with pytest.raises(ConfigError):
        secret_from_file(path)


def test_a_secret_is_read_without_its_line_end(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(FILE_SECRET + "\n")

    assert secret_from_file(path) == FILE_SECRET


async def test_no_secret_is_kept(house: House) -> None:
    secret = await put(house)
    assert isinstance(house.records, MemoryRecords)

    assert secret not in repr(vars(house.records))
