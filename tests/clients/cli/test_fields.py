"""Each field of our own formats is read as what it is, or refused with what to do."""

from datetime import UTC, datetime

import pytest
from comptoir.catalog.v1 import price_service_pb2 as price_pb
from comptoir.catalog.v1 import product_service_pb2 as pb
from comptoir.inventory.v1 import location_service_pb2 as location_pb

from clients.cli import bestbuy, places, retail_demo_store
from clients.cli.entries import Entry, Note, Refusal, RefusedError, once
from clients.cli.products import SINCE_EVER, Goods, goods_from

LAMP = {"sku": "LAMP", "category": "home/lamps", "title.fr": "Lampe"}
PRICED = {**LAMP, "price": "12.90", "currency": "EUR", "vat_percent": "5.5"}
DEMO = {
    "id": "1",
    "name": "Nuts",
    "category": "food service",
    "style": "nuts/seeds",
    "description": "Nuts.",
    "price": "129.99",
    "current_stock": "15",
}
STORE = {
    "id": "1000",
    "name": " Mall ",
    "address": "1 Main St",
    "address2": "Ste 2",
    "city": "Boston",
    "state": "MA",
    "zip": "2128",
    "location": {"lat": "42.36", "lon": "-71.02"},
    "hours": "Mon: 10-9",
}


def goods(record: dict[str, str]) -> Goods:
    found, _ = goods_from(record)
    return found


def price_of(**given: str) -> price_pb.PriceInterval:
    return goods({**PRICED, **given}).prices[0]


def test_a_price_is_whole_minor_units_of_its_currency() -> None:
    assert [price_of().amount.minor, price_of(currency="JPY", price="1290").amount.minor] == [
        1290,
        1290,
    ]


def test_a_price_of_ten_cents_is_exact() -> None:
    assert price_of(price="0.10").amount.minor == 10


def test_a_price_without_a_date_holds_since_ever() -> None:
    assert price_of().start_time.ToDatetime(UTC) == SINCE_EVER


def test_a_reduction_is_a_price_of_its_own() -> None:
    record = {**PRICED, "reduced_price": "9.90", "reduced_from": "2026-12-01T00:00:00+01:00"}
    reduced = goods(record).prices[1]

    assert reduced.kind == price_pb.PRICE_KIND_REDUCED
    assert reduced.start_time.ToDatetime(UTC) == datetime(2026, 11, 30, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", "12,90"),
        ("price", "1e9"),
        ("price", "12.905"),
        ("price", ""),
        ("currency", ""),
        ("vat_percent", "120"),
        ("vat_percent", ""),
        ("price_from", "2026-12-01"),
        ("price_from", "tomorrow"),
        ("price_from", "0001-01-01T00:00:00+01:00"),
        ("price_until", "9999-12-31T23:59:59-01:00"),
        ("parcel_size", "XXL"),
        ("stock_step", "a"),
        ("stock_decimals", "99999999999"),
        ("fact.power", "strong"),
        ("fact.power.unit", "W"),
        ("titel.fr", "Lampe"),
        ("sku", ""),
        ("category", ""),
    ],
)
def test_a_field_that_is_not_as_it_must_be_is_named(field: str, value: str) -> None:
    record = {**PRICED, "stock_unit": "piece", field: value}
    if field == "price" and not value:
        record["reduced_price"] = "x"
    with pytest.raises(RefusedError):
        goods(record)


def test_facts_are_numbers_flags_or_texts() -> None:
    facts = goods(
        {
            **LAMP,
            "fact.power": "7.5",
            "fact.power.unit": "W",
            "fact.power.name.fr": "Puissance",
            "fact.dimmable": "true",
            "fact.colour.fr": "rouge",
        }
    ).product.facts

    assert [fact.WhichOneof("value") for fact in facts] == ["number", "flag", "text"]
    assert (facts[0].number, facts[0].unit, facts[0].name.by_locale["fr"]) == (
        7.5,
        "W",
        "Puissance",
    )


def test_shelves_are_named_after_their_ids_in_the_language_of_the_title() -> None:
    assert [(s.category_id, list(s.path), dict(s.name.by_locale)) for s in goods(LAMP).shelves] == [
        ("home", ["home"], {"fr": "Home"}),
        ("lamps", ["home", "lamps"], {"fr": "Lamps"}),
    ]


def test_hours_may_break_at_noon_and_end_after_midnight() -> None:
    location, _ = places.location_from(
        {
            **{"location_id": "a", "name": "A", "country": "FR", "time_zone": "Europe/Paris"},
            "hours.mon": "09:00-12:30 14:00-19:00",
            "hours.sat": "18:00-02:00",
        }
    )

    assert [(h.weekday, h.opens_minute, h.closes_minute) for h in location.opening_hours] == [
        (1, 540, 750),
        (1, 840, 1140),
        (6, 1080, 1560),
    ]


def test_coordinates_come_in_pairs() -> None:
    with pytest.raises(RefusedError, match="longitude"):
        places.location_from(
            {"location_id": "a", "name": "A", "country": "FR", "time_zone": "UTC", "latitude": "1"}
        )


def test_a_second_entry_of_one_key_is_refused_and_names_the_first() -> None:
    entries = list(once([Entry(1, "a"), Entry(5, "b"), Entry(9, "a")], lambda value: value))

    assert entries[2] == Refusal(9, Note("DUPLICATE", "the same as 1: leave one of them out"))


def test_demo_products_cost_euros_with_vat_of_twenty_percent() -> None:
    found, _ = retail_demo_store.goods_from(DEMO)
    price = found.prices[0]

    assert (price.amount.minor, price.amount.currency, price.vat_basis_points) == (
        12999,
        "EUR",
        2000,
    )


def test_a_demo_style_is_a_shelf_below_its_category() -> None:
    found, _ = retail_demo_store.goods_from(DEMO)

    assert list(found.product.category_path) == ["food-service", "food-service-nuts-seeds"]
    assert found.shelves[1].name.by_locale["en"] == "Nuts/seeds"


@pytest.mark.parametrize("field", ["id", "name", "category", "style", "price"])
def test_a_demo_product_that_lacks_something_is_refused(field: str) -> None:
    with pytest.raises(RefusedError, match=field):
        retail_demo_store.goods_from({**DEMO, field: ""})


def test_a_store_keeps_its_state_with_its_city_and_gets_back_its_postcode() -> None:
    location, notes = bestbuy.location_from(STORE)

    assert notes == ()
    assert location.address == location_pb.Address(
        street="1 Main St, Ste 2", postcode="02128", city="Boston, MA", country="US"
    )


def test_a_store_whose_hours_cannot_be_read_comes_in_without_them_and_is_told_of() -> None:
    location, notes = bestbuy.location_from({**STORE, "hours": "Mon: 10-9; Tue: 12-11:59"})

    assert not location.opening_hours
    assert [note.reason for note in notes] == ["HOURS_NOT_READ"]


def test_a_store_in_puerto_rico_is_not_in_the_united_states_postal_country() -> None:
    location, _ = bestbuy.location_from(
        {**STORE, "state": "PR", "location": {"lat": "18.4", "lon": "-66"}}
    )

    assert (location.address.country, location.time_zone) == ("PR", "America/Puerto_Rico")


@pytest.mark.parametrize(
    "broken", [{"state": "ZZ"}, {"location": None}, {"location": {"lat": "x", "lon": "1"}}]
)
def test_a_store_that_cannot_be_placed_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(RefusedError):
        bestbuy.location_from({**STORE, **broken})


def test_a_size_that_is_not_said_is_not_known() -> None:
    assert goods(LAMP).product.parcel_size == pb.PARCEL_SIZE_UNSPECIFIED
