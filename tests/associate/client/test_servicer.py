"""Machine clients over the wire: made, renewed, and let in."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from comptoir.associate.v1 import client_service_pb2 as pb

from chassis.acts import ACTS
from chassis.config import ConfigError
from chassis.memory_records import MemoryRecords
from chassis.records import Where
from services.associate.client.bootstrap import put_bootstrap_client, secret_from_file
from services.associate.client.store import CLIENTS
from tests.associate.house import (
    OPERATORS_TOOLS,
    House,
    claims_of,
    new_id,
    reason,
    revoked,
)

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


async def revoke(
    house: House, client_id: str = "till", *, cause: str = "sold", request_id: str = ""
) -> pb.Client:
    request = pb.RevokeClientRequest(
        request_id=request_id or new_id(), client_id=client_id, cause=cause
    )
    response = await house.clients.RevokeClient(request, metadata=OPERATORS_TOOLS)
    client: pb.Client = response.client
    return client


async def page(house: House, **fields: Any) -> pb.ListClientsResponse:
    response: pb.ListClientsResponse = await house.clients.ListClients(
        pb.ListClientsRequest(**fields), metadata=OPERATORS_TOOLS
    )
    return response


async def test_clients_are_listed_by_id_page_by_page(stored_house: House) -> None:
    await put_bootstrap_client(stored_house.records, client_id="root", secret=FILE_SECRET)
    await put(stored_house, "sale.write", "stock.read", client_id="till")
    await put(stored_house, "events.read", client_id="data")
    await revoke(stored_house, "data")

    first = await page(stored_house, page_size=2)
    second = await page(stored_house, page_size=2, page_token=first.next_page_token)
    assert [*first.clients, *second.clients] == [
        pb.Client(client_id="data", scopes=["events.read"], revoked=True, revision=2),
        pb.Client(client_id="root", scopes=["client.write"], configured=True, revision=1),
        pb.Client(client_id="till", scopes=["sale.write", "stock.read"], revision=1),
    ]
    assert second.next_page_token == ""


async def test_no_list_holds_a_secret(house: House) -> None:
    secret = await put(house)
    kept = await house.records.find(CLIENTS, "till")
    assert kept is not None
    shown = (await page(house)).SerializeToString()

    assert secret.encode() not in shown and kept.secret_hash not in shown


async def test_a_revoked_client_is_let_in_no_more_and_its_tokens_are_refused(
    stored_house: House,
) -> None:
    secret = await put(stored_house)
    sid = claims_of((await issue(stored_house, secret)).access_token)["sid"]
    client = await revoke(stored_house)

    assert client.revoked
    assert await reason(issue(stored_house, secret)) == "WRONG_CREDENTIALS"
    kept = await stored_house.records.find(CLIENTS, "till")
    assert kept is not None and kept.session_id != sid


async def test_whoever_verifies_hears_that_a_clients_tokens_have_ended(house: House) -> None:
    sid = claims_of((await issue(house, await put(house))).access_token)["sid"]
    await revoke(house)

    assert await revoked(house) == [sid]


async def test_who_was_revoked_by_whom_and_why_is_kept_once(stored_house: House) -> None:
    await put(stored_house)
    request_id = new_id()
    for repeated in (request_id, request_id, new_id()):
        await revoke(stored_house, cause="left in a taxi", request_id=repeated)

    [act] = await stored_house.records.select(ACTS, Where(limit=9))
    assert (act.actor, act.name, act.target) == ("client:tools", "revoke_client", "till")
    assert act.cause == "left in a taxi"


async def test_a_revoked_client_that_is_put_again_gets_a_secret(house: House) -> None:
    old = await put(house)
    await revoke(house)
    new = await put(house)

    assert await issue(house, new)
    assert await reason(issue(house, old)) == "WRONG_CREDENTIALS"


@pytest.mark.parametrize(
    ("client_id", "cause", "why"),
    [("nobody", "gone", "UNKNOWN_CLIENT"), ("till", " ", "INVALID_CAUSE")],
)
async def test_what_cannot_be_revoked_is_told_why(
    house: House, client_id: str, cause: str, why: str
) -> None:
    await put(house)

    assert await reason(revoke(house, client_id, cause=cause)) == why
    assert not (await page(house)).clients[0].revoked


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
