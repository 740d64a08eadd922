"""The journey on data nobody on this project wrote: 2,465 products, 1,565 shops, 5,250 people.

COMPTOIR_SHOPS_COUNT says how many shops get stock: `make test-large` takes 200, 493,000 rows.
Where the data are not there, a small sample in their formats goes the same way.
"""

import logging
import os
import re
import time
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

from chassis.mongo import Database, connect
from tests.clients.programs import begun
from tests.e2e.data_sets import DATA, DataSet, is_real_there, real, sample
from tests.machines import enrolment_code, signed_in
from tests.people import Person, associate
from tests.shopping import ordered, picked_and_staged
from tests.suite import Stack

log = logging.getLogger(__name__)

BADGE, PIN = "REAL-1", "135790"
SHOPS_COUNT = int(os.environ.get("COMPTOIR_SHOPS_COUNT", "3"))
LARGE_COUNT = 200
IMPORT_S = 900.0


async def imported(stack: Stack, kind: str, file: Path, *options: str) -> tuple[int, str]:
    """Exit code and words of one run of the CLI, as another team's engineer would run it."""
    panel = ("--panel", stack.folder / "panel.json")
    async with begun("clients.cli", "import", kind, file, *panel, *options) as program:
        ended = await program.ended(timeout_s=IMPORT_S)
    return ended.code, ended.out + ended.err


@pytest.fixture(scope="module", params=["real", "sample"])
def data(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    """One of the two; the other is skipped, and says why."""
    folder: Path = tmp_path_factory.mktemp("data")
    if request.param == "real":
        if not is_real_there():
            pytest.skip(f"the real data are not in {DATA} (COMPTOIR_SHARED_DATA)")
        return real(folder, stocked_count=SHOPS_COUNT)
    if is_real_there():
        pytest.skip("the real data are there")
    return sample(folder)


async def all_imported(stack: Stack, data: DataSet) -> dict[str, str]:
    """What was said of each kind. Times go to the log, for docs/import.md."""
    spread = ("--locations-from", str(data.shops), "--count", str(data.stocked_count))
    said = {}
    for kind, file, options in (
        ("products", data.products, ()),
        ("locations", data.shops, ()),
        ("customers", data.people, ()),
        ("stock", data.products, spread),
    ):
        began_s = time.monotonic()
        code, said[kind] = await imported(stack, kind, file, *options)
        assert code == 0, said[kind]
        log.info("%s: %.1f s", kind, time.monotonic() - began_s)
    return said


@pytest.fixture(scope="module")
async def filled(stack: Stack, data: DataSet) -> Stack:
    """The running suite with the data in it."""
    for kind, said in (await all_imported(stack, data)).items():
        assert f"{kind}: {data.counts[kind]} read" in said
        assert " 0 rejected" in said
    return stack


@pytest.fixture(scope="module")
async def shop(filled: Stack, data: DataSet) -> AsyncIterator[dict[str, Any]]:
    """One of the shops with stock, with a counter and somebody to stand behind it."""
    async with aiohttp.ClientSession(filled.url) as http:
        visitor = Person(http)
        page = (await visitor.get("/v1/locations", near=data.near, kind="shop")).ok()
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


@pytest.mark.skipif(
    is_real_there() and SHOPS_COUNT < LARGE_COUNT,
    reason="tests/clients/cli/test_real_data.py says it of fewer shops",
)
async def test_the_second_run_writes_nothing(filled: Stack, data: DataSet) -> None:
    for kind, said in (await all_imported(filled, data)).items():
        count = data.counts[kind]

        assert f"{kind}: {count} read, 0 written, {count} unchanged, 0 rejected" in said


async def test_of_each_article_in_each_shop_the_movements_sum_up_to_the_stock(
    filled: Stack, data: DataSet
) -> None:
    went_in = {"$cond": [{"$eq": ["$target", "sellable"]}, "$quantity", 0]}
    went_out = {"$cond": [{"$eq": ["$source", "sellable"]}, "$quantity", 0]}
    moved = {"$group": {"_id": "$sku", "units": {"$sum": {"$subtract": [went_in, went_out]}}}}
    row = {"$project": {"_id": "$sku", "units": "$on.sellable"}}
    uri = re.sub(r"timeoutMS=\d+", "timeoutMS=120000", filled.panel["mongo_uri"])
    async with connect(uri, "comptoir_inventory") as database:
        shops = await stocked(database, data)
        for location_id in shops:
            there: dict[str, Any] = {"$match": {"location_id": location_id}}
            rows = units_by_sku(await database.aggregate("stock", [there, row]))
            sums = units_by_sku(await database.aggregate("movements", [there, moved]))

            assert len(rows) == data.products_count, location_id
            assert rows == sums, location_id

    assert len(shops) == data.stocked_count


async def stocked(database: Database, data: DataSet) -> list[str]:
    """The shops of the data that have rows."""
    ours: dict[str, Any] = {"$match": {"location_id": {"$regex": f"^{data.begins}"}}}
    found = await database.aggregate("stock", [ours, {"$group": {"_id": "$location_id"}}])
    return [each["_id"] for each in found]


def units_by_sku(found: list[dict[str, Any]]) -> dict[str, int]:
    return {each["_id"]: each["units"] for each in found}


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
