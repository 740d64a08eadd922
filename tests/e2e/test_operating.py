"""What an operator types against the running suite, as docs/operations.md says."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import grpc
import pytest
from comptoir.type.v1 import parked_event_service_pb2 as pb
from comptoir.type.v1.parked_event_service_pb2_grpc import ParkedEventServiceStub

from deploy.local.demo.sending import sign_in
from tests.bursts import standing_still
from tests.clients.programs import Ended, run
from tests.people import PASSWORD, Person, customer
from tests.shopping import DRILL, SAW, SHOP, ordered
from tests.suite import Stack
from tests.waiting import until

CONSUMERS = {"collect": "locations", "customer": "collected_orders"}


async def cli(stack: Stack, *arguments: str) -> Ended:
    return await run("clients.cli", *arguments, "--panel", stack.folder / "panel.json")


async def test_a_shops_books_are_proven(stack: Stack) -> None:
    """What everybody sells from, while they do."""
    ended = await cli(stack, "verify", SHOP, "--sku", DRILL, "--sku", SAW)
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == f"{SHOP}: 2 rows, 0 not what their ledger says\n"


async def test_nothing_is_stuck_and_nothing_is_parked(stack: Stack) -> None:
    for arguments, words in (
        (("orders", "stuck"), "0 stuck\n"),
        (("orders", "residues"), "0 to settle\n"),
        (("events", "parked", "--service", "collect"), "0 parked\n"),
        (("events", "parked", "--service", "catalog"), "0 parked\n"),
    ):
        ended = await cli(stack, *arguments)
        assert (ended.code, ended.out, ended.err) == (0, "", words)


async def test_an_order_whose_step_fails_is_listed_until_its_peer_is_back(
    stack: Stack, buyer: Person
) -> None:
    order_id = (await ordered(buyer, [{"sku": SAW, "quantity": 1}]))["order_id"]
    listed: list[dict[str, Any]] = []

    async def is_listed() -> bool:
        ended = await cli(stack, "orders", "stuck", "--tries", "1", "--json")
        rows = [json.loads(line) for line in ended.out.splitlines()]
        assert ended.code == (1 if rows else 0), ended.err
        listed[:] = [row for row in rows if row["order_id"] == order_id]
        return bool(listed)

    async def is_done() -> bool:
        return not await is_listed()

    with standing_still(stack, "inventory"):
        await buyer.call("POST", f"/v1/orders/{order_id}/cancel", body={}, key=str(uuid4()))
        await until(is_listed, timeout_s=60)
        (row,) = listed
    await until(is_done, timeout_s=60)

    assert (row["state"], row["steps"]) == ("cancelled", ["unreserve"])
    assert row["tries"] >= 1 and row["reason"]


async def test_a_customer_who_asks_for_it_is_erased(
    stack: Stack, http: aiohttp.ClientSession
) -> None:
    anna = await customer(http)
    email = str((await anna.get("/v1/me")).ok()["email"])
    found = await cli(stack, "customers", "find", "--email", email, "--json")
    row = json.loads(found.out)
    assert row["account"] is True

    erased = await cli(stack, "customers", "erase", row["customer"], "--cause", "letter 7")

    assert erased.code == 0, erased.err
    again = await cli(stack, "customers", "find", "--email", email)
    assert (again.code, again.out, again.err) == (0, "", "0 found\n")

    async def is_out() -> bool:
        return (await anna.get("/v1/me")).status == 401

    await until(is_out)  # Their access token outlives the session by seconds.
    account = {"email": email, "password": PASSWORD}
    assert (await Person(http).post("/v1/sessions", account)).reason == "WRONG_CREDENTIALS"
    acts = await cli(stack, "acts", "--service", "customer", "--json")
    kept = [json.loads(line) for line in acts.out.splitlines()]
    assert ("erase_customer", row["customer"]) in {(act["act"], act["target"]) for act in kept}


@pytest.mark.parametrize("service", CONSUMERS)
async def test_each_service_retries_for_its_consumer_and_keeps_no_act_of_nothing(
    stack: Stack, service: str
) -> None:
    async with (
        grpc.aio.insecure_channel(f"127.0.0.1:{stack.panel['ports'][service]}") as channel,
        grpc.aio.insecure_channel(f"127.0.0.1:{stack.panel['ports']['associate']}") as associate,
    ):
        bearer = await sign_in(associate, "operator", stack.panel["clients"]["operator"])
        key = str(uuid4())
        request = pb.RetryParkedEventsRequest(
            request_id=str(uuid4()), consumer=CONSUMERS[service], key=key
        )
        stub = ParkedEventServiceStub(channel)
        answer = await stub.RetryParkedEvents(request, metadata=bearer.metadata)
    listed = await cli(stack, "acts", "--service", service, "--json")
    acts = [json.loads(line) for line in listed.out.splitlines()]

    assert (answer.taken_count, answer.parked_count) == (0, 0)
    assert {"key": key} not in [act["detail"] for act in acts]


async def test_who_does_not_sign_in_keeps_the_terminal_and_gets_no_token(
    stack: Stack, tmp_path: Path
) -> None:
    made = await cli(stack, "terminals", "code", SHOP, "--label", "Laptop", "--json")
    (row,) = map(json.loads, made.out.splitlines())
    device, token = tmp_path / "laptop.terminal", tmp_path / "token"
    pin = tmp_path / "pin"
    pin.write_text("000000")
    who = ("--gateway", stack.url, "--badge", "nobody", "--pin-file", pin)
    where = ("--terminal", device, "--to", token)

    refused = await run("clients.cli", "token", "staff", *who, *where, "--code", row["code"])

    assert (refused.code, refused.out) == (2, "")
    assert "WRONG_CREDENTIALS" in refused.err
    assert device.stat().st_mode & 0o777 == 0o600
    assert not token.exists()
    again = await run("clients.cli", "token", "staff", *who, *where, "--code", row["code"])
    assert "leave --code out" in again.err


async def test_a_token_that_is_none_says_how_to_get_the_next(stack: Stack, tmp_path: Path) -> None:
    ended = tmp_path / "token"
    ended.write_text("ended")

    refused = await cli(stack, "orders", "stuck", "--token-file", str(ended))

    assert refused.code == 2
    assert "ends after 10 minutes" in refused.err
