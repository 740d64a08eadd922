"""Through the gateway to the real servicers of customer and catalog, on records in memory."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import grpc
import pytest
from comptoir.catalog.v1 import product_service_pb2 as product_pb
from comptoir.catalog.v1 import product_service_pb2_grpc as product_grpc
from comptoir.type.v1.text_pb2 import LocalizedText

from chassis.keys import Wrapping
from chassis.memory_records import MemoryRecords
from services.catalog.kinds import KINDS as CATALOG_KINDS
from services.catalog.product.servicer import ProductServicer
from services.catalog.replica import Replica
from services.customer.identity.servicer import IdentityServicer
from services.customer.kinds import KEY_KINDS, KINDS
from services.customer.profile.servicer import ProfileServicer
from services.customer.vault import Vault
from tests.gateway.house import House, open_gateway
from tests.gateway.neighbours import Neighbours
from tests.held_passwords import HeldPasswords, open_held

CREDENTIALS = {"email": "anna@example.com", "password": "a lamp beside the sea"}
ACCOUNT = {**CREDENTIALS, "given_name": "Anna"}


@pytest.fixture(scope="module")
def passwords() -> Iterator[HeldPasswords]:
    with open_held() as opened:
        yield opened


@pytest.fixture(scope="module")
async def town(passwords: HeldPasswords) -> AsyncIterator[House]:
    """With a real customer service and a real catalogue."""
    async with AsyncExitStack() as stack:
        products = MemoryRecords(CATALOG_KINDS)
        replica = Replica(products, products.log)

        def move_in(neighbours: Neighbours) -> None:
            customer, catalog = neighbours["customer"], neighbours["catalog"]
            people = MemoryRecords(KINDS, log=customer.log)
            vault = Vault(MemoryRecords(KEY_KINDS), Wrapping(b"w" * 32))
            identity = IdentityServicer(
                people,
                vault,
                passwords,
                customer.issuer,
                address_key=b"a" * 32,
                refresh_keys=[b"r" * 32],
            )
            customer.servicers = (identity, ProfileServicer(people, vault, address_key=bytes(32)))
            catalog.servicers = (ProductServicer(products, replica),)

        await stack.enter_async_context(replica.kept_up())
        yield await stack.enter_async_context(open_gateway(move_in, near_cache=False))


async def signed_up(town: House, email: str, **headers: str) -> Any:
    body = {**ACCOUNT, "email": email}
    answered = await town.call("POST", "/v1/customers", body, headers=headers)
    assert answered.status == 201, answered.body
    return answered.json


async def put_products(town: House, *skus: str) -> None:
    bearer = town.neighbours["associate"].issuer.sign(
        subject="erp", grants=["client:catalog.write"]
    )

    async def items() -> AsyncIterator[product_pb.ImportProductsRequest]:
        for number, sku in enumerate(skus, 1):
            title = LocalizedText(by_locale={"fr": f"Scie {sku}"})
            product = product_pb.Product(sku=sku, category_path=["tools"], title=title)
            yield product_pb.ImportProductsRequest(number=number, product=product)

    async with grpc.aio.insecure_channel(town.neighbours["catalog"].address) as channel:
        stub: product_grpc.ProductServiceAsyncStub = product_grpc.ProductServiceStub(channel)
        metadata = (("authorization", f"Bearer {bearer}"),)
        async for response in stub.ImportProducts(items(), metadata=metadata):
            assert not response.progress.rejections


async def test_who_has_signed_up_is_known(town: House) -> None:
    session = await signed_up(town, "known@example.com")
    me = await town.get("/v1/me", token=session["tokens"]["access_token"])

    assert me.json == session["profile"]
    assert me.headers["Cache-Control"] == "no-store"


async def test_the_same_key_and_body_get_the_first_answer_again(town: House) -> None:
    key, body = str(uuid4()), {**ACCOUNT, "email": "again@example.com"}
    first = await town.call("POST", "/v1/customers", body, key=key)
    again = await town.call("POST", "/v1/customers", body, key=key)

    assert again.status == 201
    assert again.json["profile"] == first.json["profile"]


async def test_the_same_key_with_another_body_is_refused(town: House) -> None:
    session = await signed_up(town, "reused@example.com")
    token, key = session["tokens"]["access_token"], str(uuid4())
    change = {"given_name": "Anna", "locale": "fr"}
    await town.call("PUT", "/v1/me", change, token=token, key=key)
    refused = await town.call("PUT", "/v1/me", {**change, "locale": "en"}, token=token, key=key)

    assert (refused.status, refused.reason) == (409, "REQUEST_ID_REUSED")


async def test_an_address_that_is_taken_is_a_conflict(town: House) -> None:
    await signed_up(town, "taken@example.com")
    refused = await town.call("POST", "/v1/customers", {**ACCOUNT, "email": "taken@example.com"})

    assert (refused.status, refused.reason) == (409, "ADDRESS_TAKEN")


async def test_a_wrong_password_and_a_wrong_address_are_one_answer(town: House) -> None:
    await signed_up(town, "right@example.com")
    wrong = [
        await town.call("POST", "/v1/sessions", {"email": email, "password": "not this one"})
        for email in ("right@example.com", "nobody@example.com")
    ]

    assert {(one.status, one.reason, one.json["detail"]) for one in wrong} == {
        (401, "WRONG_CREDENTIALS", wrong[0].json["detail"])
    }


async def test_a_flood_of_passwords_is_told_when_to_come_again(
    town: House, passwords: HeldPasswords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.places.PLACES_OF_SOURCE_MAX", 2)
    await signed_up(town, "patient@example.com")
    guess = {"email": "patient@example.com", "password": "not this one"}
    with passwords.held():
        tries = [asyncio.create_task(town.call("POST", "/v1/sessions", guess)) for _ in range(6)]
        answers = asyncio.as_completed(tries)
        refused = [await next(answers) for _ in range(4)]
    await asyncio.gather(*tries)

    told = {(one.status, one.reason, one.headers["Retry-After"]) for one in refused}
    assert told == {(429, "TOO_MANY_PASSWORDS", "1")}
    right = await town.call("POST", "/v1/sessions", {**CREDENTIALS, "email": guess["email"]})
    assert right.status == 201


async def test_a_refresh_token_of_a_page_is_good_once(town: House) -> None:
    web = {"X-Comptoir-Client": "web"}
    body = {**ACCOUNT, "email": "page@example.com"}
    opened = await town.call("POST", "/v1/customers", body, headers=web)
    cookie = {"Cookie": opened.headers["Set-Cookie"].partition(";")[0]}
    path = "/v1/sessions/refresh"
    first = await town.call("POST", path, {}, headers=cookie)
    second = await town.call("POST", path, {}, headers=cookie)

    assert first.json["tokens"]["access_token"]
    assert (second.status, second.reason) == (401, "SESSION_ENDED")


async def test_a_weak_password_is_named_as_the_field_at_fault(town: House) -> None:
    body = {**ACCOUNT, "email": "weak@example.com", "password": "short"}
    refused = await town.call("POST", "/v1/customers", body)

    assert (refused.status, refused.reason) == (400, "WEAK_PASSWORD")


async def test_pages_follow_one_another(town: House) -> None:
    await put_products(town, "SAW-1", "SAW-2", "SAW-3")
    first = (await town.get("/v1/products?page_size=2")).json
    second = (
        await town.get(f"/v1/products?page_size=2&page_token={first['next_page_token']}")
    ).json

    skus = [one["sku"] for one in (*first["products"], *second["products"])]
    assert skus == ["SAW-1", "SAW-2", "SAW-3"] and second["next_page_token"] == ""


async def test_a_page_token_of_another_query_is_refused(town: House) -> None:
    await put_products(town, "SAW-1", "SAW-2", "SAW-3")
    token = (await town.get("/v1/products?page_size=2")).json["next_page_token"]
    refused = await town.get(f"/v1/products?q=scie&page_size=2&page_token={token}")

    assert (refused.status, refused.reason) == (400, "INVALID_PAGE")


async def test_a_page_token_that_is_none_is_refused(town: House) -> None:
    refused = await town.get("/v1/products?page_token=%21%21%21%21")

    assert (refused.status, refused.reason) == (400, "INVALID_PAGE")


async def test_a_product_without_a_price_has_none_and_not_zero(town: House) -> None:
    await put_products(town, "SAW-1")
    shown = (await town.get("/v1/products/SAW-1")).json

    assert shown["price"] is None and shown["title"] == "Scie SAW-1"
