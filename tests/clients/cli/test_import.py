"""The command line as people run it: what it says, what it exits with, what it leaves."""

import json

from clients.cli.report import SHOWN_MAX
from services.catalog.category.store import CATEGORIES
from services.catalog.price.store import PRICES
from services.catalog.product.store import PRODUCTS
from services.inventory.location.store import LOCATIONS
from tests.clients.shop import Shop

COLUMNS = "sku,category,title.fr,price,currency,vat_percent\n"
LAMP = "LAMP,home/lamps,Lampe,12.90,EUR,20\n"
LYON = '{"location_id":"lyon","name":"Lyon","country":"FR","time_zone":"Europe/Paris"}\n'


async def test_all_in_is_zero_and_again_writes_nothing(house: Shop) -> None:
    file = house.file("goods.csv", COLUMNS + LAMP)
    first, second = await house.cli("products", file), await house.cli("products", file)

    assert (first.code, second.code) == (0, 0)
    assert first.out == (
        "products: 1 read, 1 written, 0 unchanged, 0 rejected\n"
        "prices: 1 read, 1 written, 0 unchanged, 0 rejected\n"
        "categories: 2 read, 2 written, 0 unchanged, 0 rejected\n"
    )
    assert second.out.count(" 0 written, ") == 3


async def test_bad_lines_are_told_with_number_and_reason_and_the_rest_goes_in(house: Shop) -> None:
    rows = (
        "A B,home,Espace,1,EUR,20\n"  # The service refuses the sku.
        "CUP,home,Tasse,1.999,EUR,20\n"  # We refuse the price.
        "POT,home,Pot,0,EUR,20\n"  # The service refuses the price alone.
        "LAMP,home,Lampe,1,EUR,20\n"
    )
    ended = await house.cli("products", house.file("goods.csv", COLUMNS + LAMP + rows))

    assert ended.code == 1
    assert "line 3 rejected: INVALID_PRODUCT: " in ended.err
    assert "line 4 rejected: INVALID_FIELD: price: EUR has 2 digits" in ended.err
    assert "line 5 rejected: INVALID_PRICE: " in ended.err
    assert "line 6 rejected: DUPLICATE: the same as 2" in ended.err
    assert ended.out.startswith("products: 5 read, 2 written, 0 unchanged, 3 rejected\n")
    assert set(await house.catalog.find_many(PRODUCTS, ["LAMP", "POT", "CUP"])) == {"LAMP", "POT"}


async def test_what_is_rejected_gets_neither_price_nor_shelf(house: Shop) -> None:
    row = "A B,Nowhere,Espace,1,EUR,20\n"
    await house.cli("products", house.file("goods.csv", COLUMNS + row))

    assert await house.catalog.find(PRICES, "A B") is None
    assert await house.catalog.find(CATEGORIES, "Nowhere") is None


async def test_a_shelf_that_stands_keeps_its_name(house: Shop) -> None:
    await house.cli("products", house.file("goods.csv", COLUMNS + LAMP))
    english = COLUMNS.replace("title.fr", "title.en")
    await house.cli("products", house.file("more.csv", english + "CUP,home,Cup,1,EUR,20\n"))
    home = await house.catalog.find(CATEGORIES, "home")

    assert home is not None
    assert home.name == {"fr": "Home"}


async def test_locations_and_their_stock_come_from_our_own_formats(house: Shop) -> None:
    places = await house.cli("locations", house.file("places.jsonl", LYON))
    stock = "location_id;sku;sellable_quantity\nlyon;LAMP;7\nnice;LAMP;7\n"
    levels = await house.cli("stock", house.file("stock.csv", stock))

    assert (places.code, levels.code) == (0, 1)
    assert await house.inventory.find(LOCATIONS, "lyon") is not None
    assert "line 3 rejected: UNKNOWN_LOCATION" in levels.err
    assert levels.out == "stock: 2 read, 1 written, 0 unchanged, 1 rejected\n"


async def test_customers_come_once_and_one_address_may_be_two(house: Shop) -> None:
    head = "source_id,email,given_name,family_name,locale\n"
    rows = "1,ann@example.com,Ann,,en\n2,ann@example.com,Anne,,fr\n3,nobody,Bob,,en\n1,,Al,,en\n"
    file = house.file("people.csv", head + rows)
    first, second = await house.cli("customers", file), await house.cli("customers", file)

    assert first.out == "customers: 4 read, 2 written, 0 unchanged, 2 rejected\n"
    assert second.out == "customers: 4 read, 0 written, 2 unchanged, 2 rejected\n"
    assert "line 4 rejected: INVALID_ADDRESS" in first.err
    assert "line 5 rejected: DUPLICATE: the same as 2" in first.err
    assert "nobody" not in first.err


async def test_many_bad_lines_are_told_in_bounds_and_all_kept(house: Shop) -> None:
    file = house.file("bad.jsonl", LYON + '{"location_id": \n' * 100_000)
    rejects = house.folder / "rejects.jsonl"
    ended = await house.cli("locations", file, "--rejects", rejects)
    kept = rejects.read_text().splitlines()

    assert ended.code == 1
    assert len(ended.err.splitlines()) == SHOWN_MAX + 1
    assert "… and 99980 more rejected, all in" in ended.err
    assert ended.out == "locations: 100001 read, 1 written, 0 unchanged, 100000 rejected\n"
    assert len(kept) == 100_000
    assert json.loads(kept[-1]) == {
        "line": 100_001,
        "what": "rejected",
        "reason": "NOT_JSON",
        "message": "write one whole JSON object a line",
    }


async def test_what_a_file_says_cannot_move_the_terminal(house: Shop) -> None:
    file = house.file("places.jsonl", json.dumps({"\x1b[2J[red]": "x"}) + "\n")
    ended = await house.cli("locations", file, "--format", "jsonl")

    assert "\x1b" not in ended.err


async def test_an_empty_file_is_two(house: Shop) -> None:
    ended = await house.cli("products", house.file("empty", ""))

    assert (ended.code, ended.out) == (2, "")
    assert "is empty: there is nothing to import" in ended.err


async def test_a_missing_column_is_two_and_says_which_there_are(house: Shop) -> None:
    ended = await house.cli("products", house.file("goods.csv", "sku,title.fr\nA,B\n"))

    assert ended.code == 2
    assert "it has no column category" in ended.err
    assert "vat_percent" in ended.err


async def test_a_truncated_document_is_two_and_nothing_goes_in(house: Shop) -> None:
    file = house.file("stores.json", '[{"hours": "Mon: 10-9", "location": {"lat": 1')
    ended = await house.cli("locations", file)

    assert (ended.code, ended.out) == (2, "")
    assert "is not whole JSON" in ended.err
    assert "was it cut off?" in ended.err


async def test_a_document_of_another_kind_is_told_apart(house: Shop) -> None:
    file = house.file("stores.json", '[{"hours": "Mon: 10-9", "location": {"lat": 1}}]')
    ended = await house.cli("products", file)

    assert ended.code == 2
    assert "bestbuy holds something else" in ended.err


async def test_nobody_there_is_two(house: Shop) -> None:
    file = house.file("places.jsonl", LYON)
    ended = await house.cli("locations", file, "--inventory", "127.0.0.1:9")

    assert ended.code == 2
    assert "is it running" in ended.err
    assert "Traceback" not in ended.err


async def test_a_wrong_secret_is_two(house: Shop) -> None:
    file, secret = house.file("places.jsonl", LYON), house.file("secret", "wrong")
    ended = await house.cli("locations", file, "--secret-file", secret)

    assert ended.code == 2
    assert "signing in as importer: WRONG_CREDENTIALS" in ended.err


async def test_stock_of_a_file_without_locations_wants_some(house: Shop) -> None:
    file = house.file("goods.yaml", "- id: a\n  current_stock: 3\n")
    ended = await house.cli("stock", file)

    assert ended.code == 2
    assert "give --location or --locations-from" in ended.err
