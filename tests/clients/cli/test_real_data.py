"""Data that nobody here wrote go in whole, and a second time change nothing."""

import gzip

from tests.clients.shop import DATA, Shop, needs_data

pytestmark = needs_data

USERS = DATA / "users.json.gz"
PRODUCTS, STORES = DATA / "products.yaml", DATA / "stores.json"


async def test_every_product_goes_in_and_again_writes_nothing(house: Shop) -> None:
    first = await house.cli("products", PRODUCTS)
    second = await house.cli("products", PRODUCTS)

    assert (first.code, first.err) == (0, "")
    assert first.out.splitlines() == [
        "products: 2465 read, 2465 written, 0 unchanged, 0 rejected",
        "prices: 2465 read, 2465 written, 0 unchanged, 0 rejected",
        "categories: 105 read, 105 written, 0 unchanged, 0 rejected",
    ]
    assert second.code == 0
    assert second.out.count(" 0 written, ") == 3


async def test_every_shop_goes_in_and_again_writes_nothing(house: Shop) -> None:
    first = await house.cli("locations", STORES)
    second = await house.cli("locations", STORES)

    assert first.code == 0
    assert first.out.splitlines() == [
        "locations: 1565 read, 1565 written, 0 unchanged, 0 rejected",
        "2 in with a note, see above",
    ]
    assert "HOURS_NOT_READ: '12-11:59' may begin at noon or at midnight" in first.err
    assert "COORDINATES_DOUBTED: longitude -79.830226 is not in AR" in first.err
    assert second.out.startswith("locations: 1565 read, 0 written, 1565 unchanged, 0 rejected")


async def test_stock_goes_to_the_first_shops_of_a_file_and_again_writes_nothing(
    house: Shop,
) -> None:
    await house.cli("locations", STORES)
    arguments = ("stock", PRODUCTS, "--locations-from", STORES, "--count", "2")
    first = await house.cli(*arguments)
    second = await house.cli(*arguments)

    assert (first.code, first.out) == (
        0,
        "stock: 4930 read, 4930 written, 0 unchanged, 0 rejected\n",
    )
    assert second.out == "stock: 4930 read, 0 written, 4930 unchanged, 0 rejected\n"


async def test_every_customer_goes_in_though_addresses_come_twice(house: Shop) -> None:
    file = house.file("users.json", gzip.decompress(USERS.read_bytes()))
    first = await house.cli("customers", file)
    second = await house.cli("customers", file)

    assert (first.code, first.err) == (0, "")
    assert first.out == "customers: 5250 read, 5250 written, 0 unchanged, 0 rejected\n"
    assert second.out == "customers: 5250 read, 0 written, 5250 unchanged, 0 rejected\n"
