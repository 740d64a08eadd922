"""The journey on data nobody on this project wrote: 2,465 products, 1,565 shops, 5,250 people.

COMPTOIR_SHOPS_COUNT says how many shops get stock: 200 make 493,000 rows.
"""

import asyncio
import gzip
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import pytest
from comptoir.associate.v1 import staff_service_pb2 as staff_pb
from comptoir.associate.v1.staff_service_pb2_grpc import StaffServiceStub
from comptoir.collect.v1 import point_service_pb2 as point_pb
from comptoir.collect.v1.point_service_pb2_grpc import PointServiceStub

from chassis.mongo import connect
from tests.machines import enrolment_code, signed_in
from tests.people import Person, associate
from tests.shopping import ordered, picked_and_staged
from tests.suite import ROOT, Stack

DATA = Path(os.environ.get("COMPTOIR_SHARED_DATA", ROOT.parent / "shared" / "data"))
PRODUCTS, SHOPS = DATA / "products.yaml", DATA / "stores.json"
PEOPLE = DATA / "users.json.gz"
BADGE, PIN = "REAL-1", "135790"
SHOPS_COUNT = int(os.environ.get("COMPTOIR_SHOPS_COUNT", "8"))
PRODUCTS_COUNT = 2465
IMPORT_S = 900.0

pytestmark = pytest.mark.skipif(
    not PRODUCTS.exists() or not SHOPS.exists(), reason=f"there is no real data in {DATA}"
)


async def imported(stack: Stack, kind: str, file: Path, *options: str) -> tuple[int, str]:
    """Exit code and words of one run of the CLI, as another team's engineer would run it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "clients.cli", "import", kind, str(file)),
        *("--panel", str(stack.folder / "panel.json"), *options),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await asyncio.wait_for(process.communicate(), IMPORT_S)
    assert process.returncode is not None
    return process.returncode, out.decode()


@pytest.fixture(scope="module")
async def filled(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """The running suite with the real data in it."""
    people = tmp_path_factory.mktemp("people") / "users.json"
    people.write_bytes(gzip.decompress(PEOPLE.read_bytes()))
    for kind, file, options in (
        ("products", PRODUCTS, ()),
        ("locations", SHOPS, ()),
        ("customers", people, ()),
        ("stock", PRODUCTS, ("--locations-from", str(SHOPS), "--count", str(SHOPS_COUNT))),
    ):
        code, said = await imported(stack, kind, file, *options)
        assert code in (0, 1), said
    return stack


@pytest.fixture(scope="module")
async def shop(filled: Stack) -> AsyncIterator[dict[str, Any]]:
    """One of the shops with stock, with a counter and somebody to stand behind it."""
    async with aiohttp.ClientSession(filled.url) as http:
        visitor = Person(http)
        page = (await visitor.get("/v1/locations", near="44.85466,-93.24565", kind="shop")).ok()
        location = page["locations"][0]
    location_id = location["location_id"]
    importer = await signed_in(filled, "importer")
    async with (
        grpc.aio.insecure_channel(filled.address("collect")) as collect,
        grpc.aio.insecure_channel(filled.address("associate")) as staff,
    ):
        point = point_pb.Point(
            point_id=f"{location_id}-counter",
            location_id=location_id,
            kind=point_pb.POINT_KIND_COUNTER,
        )
        member = staff_pb.StaffMember(
            badge=BADGE,
            display_name="Rae",
            roles=[staff_pb.STAFF_ROLE_ASSOCIATE],
            location_ids=[location_id],
            active=True,
        )
        put_point = point_pb.ImportPointsRequest(number=1, point=point)
        put_staff = staff_pb.ImportStaffRequest(number=1, member=member, pin=PIN)
        await all_in(PointServiceStub(collect).ImportPoints(iter([put_point]), metadata=importer))
        await all_in(StaffServiceStub(staff).ImportStaff(iter([put_staff]), metadata=importer))
    yield {**location, "point_id": point.point_id}


async def all_in(answers: Any) -> None:
    async for answer in answers:
        assert not answer.progress.rejections, answer


async def test_the_second_run_writes_nothing(filled: Stack) -> None:
    for kind, file in (("products", PRODUCTS), ("locations", SHOPS)):
        _, said = await imported(filled, kind, file)

        assert " 0 written" in said, said


async def test_in_every_shop_the_sum_of_the_movements_is_the_stock(filled: Stack) -> None:
    ours: dict[str, Any] = {"$match": {"location_id": {"$regex": "^bestbuy-"}}}
    on_hand = {"_id": "$location_id", "rows": {"$sum": 1}, "units": {"$sum": "$on.sellable"}}
    went_in = {"$cond": [{"$eq": ["$target", "sellable"]}, "$quantity", 0]}
    went_out = {"$cond": [{"$eq": ["$source", "sellable"]}, "$quantity", 0]}
    moved = {"_id": "$location_id", "units": {"$sum": {"$subtract": [went_in, went_out]}}}
    uri = re.sub(r"timeoutMS=\d+", "timeoutMS=120000", filled.panel["mongo_uri"])
    async with connect(uri, "comptoir_inventory") as database:
        rows = await database.aggregate("stock", [ours, {"$group": on_hand}])
        sums = await database.aggregate("movements", [ours, {"$group": moved}])

    assert [row["rows"] for row in rows] == [PRODUCTS_COUNT] * SHOPS_COUNT
    assert {row["_id"]: row["units"] for row in rows} == {s["_id"]: s["units"] for s in sums}


async def test_the_journey_passes_on_real_products_and_shops(
    filled: Stack, shop: dict[str, Any], buyer: Person
) -> None:
    location_id, point_id = shop["location_id"], shop["point_id"]
    found = await buyer.get("/v1/products", q="backpack", locale="en", location_id=location_id)
    product = next(p for p in found.ok()["products"] if p["availability"]["available_quantity"] > 0)
    lines = [{"sku": product["sku"], "quantity": 1}]

    order = await ordered(buyer, lines, point_id=point_id, location_id=location_id)
    code = await enrolment_code(filled, location_id)
    seller = await associate(buyer.http, code=code, badge=BADGE, pin=PIN)
    await picked_and_staged(seller, order)
    shown = (await buyer.get(f"/v1/orders/{order['order_id']}/code")).ok()["code"]
    path = f"/v1/terminal/orders/{order['order_id']}/hand-over"
    collected = (await seller.post(path, {"code": shown, "paid_at_counter": True})).ok()

    assert collected["state"] == "collected"
    assert collected["total"] == product["price"]["amount"]
