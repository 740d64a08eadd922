"""Puts the demo chain into a running suite, through the RPCs and routes everybody uses.

Every step may be repeated. A mark in the suite's folder says which demo went in whole, so
that later starts need not send it again.
"""

import hashlib
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import grpc
from comptoir.associate.v1 import terminal_service_pb2 as terminal_pb
from comptoir.associate.v1.staff_service_pb2_grpc import StaffServiceStub
from comptoir.associate.v1.terminal_service_pb2_grpc import TerminalServiceStub
from comptoir.catalog.v1 import price_service_pb2 as price_pb
from comptoir.catalog.v1 import product_service_pb2 as product_pb
from comptoir.catalog.v1 import review_service_pb2 as review_pb
from comptoir.catalog.v1.price_service_pb2_grpc import PriceServiceStub
from comptoir.catalog.v1.product_service_pb2_grpc import ProductServiceStub
from comptoir.catalog.v1.review_service_pb2_grpc import ReviewServiceStub
from comptoir.collect.v1 import locker_service_pb2 as locker_pb
from comptoir.collect.v1 import point_service_pb2 as point_pb
from comptoir.collect.v1.locker_service_pb2_grpc import LockerServiceStub
from comptoir.collect.v1.point_service_pb2_grpc import PointServiceStub
from comptoir.customer.v1 import history_service_pb2 as history_pb
from comptoir.customer.v1.history_service_pb2_grpc import HistoryServiceStub
from comptoir.inventory.v1 import location_service_pb2 as location_pb
from comptoir.inventory.v1.location_service_pb2_grpc import LocationServiceStub
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from deploy.local.demo import chain, families
from deploy.local.demo.clients import put_clients, read_secret
from deploy.local.demo.sending import (
    AGAIN,
    CALL_S,
    Bearer,
    DemoError,
    Stream,
    send,
    sign_in,
    step,
)
from deploy.local.panel import Accounts
from deploy.local.suite import BOOTSTRAP_CLIENT, ROOT, Suite

DEMO_LOCATION = "paris-bastille"
TERMINAL_LABEL = "Comptoir 1"


async def loaded(suite: Suite) -> Accounts:
    """The suite with the demo chain in it. Raises DemoError, saying what was refused."""
    try:
        return await put_in(suite)
    except DemoError as error:
        raise DemoError(f"{error}\nThe services' logs are in {suite.folder}") from error


def nobody(suite: Suite) -> Accounts:
    """Of a suite without the demo chain: the client that makes all others."""
    return Accounts(
        customers=(),
        staff=(),
        terminal_code="",
        clients={BOOTSTRAP_CLIENT: read_secret(suite.secrets, BOOTSTRAP_CLIENT)},
        cabinets={},
    )


async def put_in(suite: Suite) -> Accounts:
    async with AsyncExitStack() as stack:
        channels = {
            name: await stack.enter_async_context(grpc.aio.insecure_channel(suite.address(name)))
            for name in ("catalog", "inventory", "customer", "collect", "associate")
        }
        with step("accounts of clients"):
            clients = await put_clients(suite.secrets, channels["associate"])
            bearer = await sign_in(channels["associate"], "importer", clients["importer"])
        if not is_loaded(suite):
            await load_goods(channels, bearer)
            await load_people(suite, channels, bearer)
            mark_loaded(suite)
        with step("codes to enrol with"):
            return await accounts_of(channels, clients)


async def accounts_of(channels: dict[str, grpc.aio.Channel], clients: dict[str, str]) -> Accounts:
    installer = await sign_in(channels["associate"], "installer", clients["installer"])
    return Accounts(
        customers=tuple(
            {"email": c["email"], "password": c["pass_phrase"], "name": c["name"]}
            for c in chain.chain()["customers"]
        ),
        staff=tuple(chain.chain()["staff"]),
        terminal_code=await terminal_code(channels["associate"], installer),
        clients=clients,
        cabinets=await cabinet_codes(channels["collect"], installer),
    )


async def load_goods(channels: dict[str, grpc.aio.Channel], bearer: Bearer) -> None:
    with step("categories"):
        await ProductServiceStub(channels["catalog"]).PutCategories(
            product_pb.PutCategoriesRequest(categories=families.categories()),
            metadata=bearer.metadata,
            timeout=CALL_S,
        )
    for stream in goods(catalog=channels["catalog"], inventory=channels["inventory"]):
        await send(stream, bearer)


def goods(*, catalog: grpc.aio.Channel, inventory: grpc.aio.Channel) -> tuple[Stream, ...]:
    product, price = product_pb.ImportProductsRequest, price_pb.ImportPricesRequest
    review, location = review_pb.ImportReviewsRequest, location_pb.ImportLocationsRequest
    return (
        Stream(
            "products",
            ProductServiceStub(catalog).ImportProducts,
            (product(product=item) for item in families.products()),
        ),
        Stream(
            "prices",
            PriceServiceStub(catalog).ImportPrices,
            (price(interval=item) for item in families.prices()),
        ),
        Stream(
            "reviews",
            ReviewServiceStub(catalog).ImportReviews,
            (review(review=item) for item in families.reviews()),
        ),
        Stream(
            "locations",
            LocationServiceStub(inventory).ImportLocations,
            (location(location=item) for item in chain.locations()),
        ),
        Stream(
            "stock",
            StockServiceStub(inventory).ImportStock,
            families.stock(chain.location_ids()),
        ),
    )


async def load_people(suite: Suite, channels: dict[str, grpc.aio.Channel], bearer: Bearer) -> None:
    point, purchase = point_pb.ImportPointsRequest, history_pb.ImportPurchasesRequest
    points = (point(point=item) for item in chain.points())
    importing_points = PointServiceStub(channels["collect"]).ImportPoints
    await send(Stream("pick-up points", importing_points, points), bearer)
    importing_staff = StaffServiceStub(channels["associate"]).ImportStaff
    await send(Stream("staff", importing_staff, chain.staff()), bearer)
    past = [purchase(purchase=item) for item in await signed_up(suite)]
    importing_past = HistoryServiceStub(channels["customer"]).ImportPurchases
    await send(Stream("purchases", importing_past, past), bearer)


async def signed_up(suite: Suite) -> list[history_pb.Purchase]:
    """Gives every customer an account; what they bought before."""
    priced = [
        (interval.sku, interval.amount.minor)
        for interval in families.prices()
        if interval.kind == price_pb.PRICE_KIND_REGULAR
    ]
    limit = aiohttp.ClientTimeout(total=CALL_S)
    with step("customers"):
        async with aiohttp.ClientSession(suite.url, timeout=limit) as http:
            return [
                purchase
                for customer in chain.chain()["customers"]
                for purchase in chain.purchases(customer, await sign_up(http, customer), priced)
            ]


async def sign_up(http: aiohttp.ClientSession, customer: dict[str, Any]) -> str:
    """The customer's id; theirs already where the demo was loaded before."""
    given_name, _, family_name = customer["name"].partition(" ")
    credentials = {"email": customer["email"], "password": customer["pass_phrase"]}
    person = {"given_name": given_name, "family_name": family_name, "locale": customer["locale"]}
    status, body = await post(http, "/v1/customers", {**credentials, **person})
    if status == 409:
        status, body = await post(http, "/v1/sessions", credentials)
    if status not in (200, 201):
        why = body.get("detail") or status
        raise DemoError(f"the demo chain: {customer['name']} was not let in ({why}); {AGAIN}")
    customer_id: str = body["profile"]["customer_id"]
    return customer_id


async def post(
    http: aiohttp.ClientSession, path: str, body: dict[str, Any]
) -> tuple[int, dict[str, Any]]:
    headers = {"Idempotency-Key": str(uuid4())}
    async with http.post(path, json=body, headers=headers) as response:
        return response.status, await response.json(content_type=None)


async def terminal_code(channel: grpc.aio.Channel, bearer: Bearer) -> str:
    request = terminal_pb.CreateEnrolmentCodeRequest(
        request_id=str(uuid4()), location_id=DEMO_LOCATION, label=TERMINAL_LABEL
    )
    stub = TerminalServiceStub(channel)
    answer = await stub.CreateEnrolmentCode(request, metadata=bearer.metadata, timeout=CALL_S)
    return str(answer.code)


async def cabinet_codes(channel: grpc.aio.Channel, bearer: Bearer) -> dict[str, str]:
    """A code to enrol each cabinet with, new at every start: one is good for a day.

    A cabinet that is enrolled goes on with the key it has, for as long as nobody brings the code.
    """
    stub, found = LockerServiceStub(channel), {}
    for cabinet_id in chain.cabinet_ids():
        request = locker_pb.CreateCabinetCodeRequest(
            request_id=str(uuid4()), cabinet_id=cabinet_id, keeps_key=True
        )
        answer = await stub.CreateCabinetCode(request, metadata=bearer.metadata, timeout=CALL_S)
        found[cabinet_id] = answer.code
    return found


def is_loaded(suite: Suite) -> bool:
    file = mark_of(suite)
    return file.exists() and json.loads(file.read_text()) == fingerprint(suite)


def mark_loaded(suite: Suite) -> None:
    mark_of(suite).write_text(json.dumps(fingerprint(suite)))


def mark_of(suite: Suite) -> Path:
    return suite.folder / "demo.json"


def fingerprint(suite: Suite) -> dict[str, str]:
    """Which demo, into which engine."""
    digest = hashlib.sha256()
    for file in sorted((ROOT / "deploy" / "local" / "demo").rglob("*.*")):
        if file.suffix in (".yaml", ".py"):
            digest.update(file.read_bytes())
    return {"demo": digest.hexdigest(), "mongo": suite.engines.mongo_uri}
