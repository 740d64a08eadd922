"""An encoded page, against the price that its intervals make at every place and instant."""

import tracemalloc
from datetime import datetime

from comptoir.catalog.v1 import product_service_pb2 as pb
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.price.domain import Prices, changes_at, price_at
from services.catalog.price.messages import price_to_pb
from services.catalog.view.page import Page
from services.catalog.wire import time_to_pb
from tests.catalog.price.test_domain import HORIZON_DAYS, day, histories, interval, prices_of

FACTS = pb.ProductView(product=pb.Product(sku="LAMP", revision=7))

instants = st.integers(0, HORIZON_DAYS + 8).map(day)
asked = st.lists(
    st.tuples(st.sampled_from(["", "lyon", "lille", "nantes"]), instants), min_size=1, max_size=12
)


def page_of(prices: Prices | None) -> Page:
    return Page(FACTS.SerializeToString(), prices)


def shown(page: Page, location_id: str, now: datetime) -> pb.ProductView:
    return pb.ProductView.FromString(page.at(location_id, now))


def expected(prices: Prices, location_id: str, now: datetime) -> pb.ProductView:
    view = pb.ProductView()
    view.CopyFrom(FACTS)
    if (price := price_at(prices, location_id=location_id, now=now)) is not None:
        view.price.CopyFrom(price_to_pb(price))
    if (until_time := changes_at(prices, location_id=location_id, now=now)) is not None:
        view.valid_until_time.CopyFrom(time_to_pb(until_time))
    return view


@given(histories, asked)
def test_a_page_has_the_price_of_each_place_and_instant_in_whatever_order_they_are_asked_for(
    history: list[object], asked: list[tuple[str, datetime]]
) -> None:
    prices = prices_of(*history)  # type: ignore[arg-type]
    page = page_of(prices)

    for location_id, now in asked:
        assert shown(page, location_id, now) == expected(prices, location_id, now)


def test_what_has_no_price_is_shown_without() -> None:
    assert shown(page_of(None), "lyon", day(0)) == FACTS


def test_places_without_prices_of_their_own_share_those_of_the_chain() -> None:
    page = page_of(prices_of(interval(100, 0), interval(90, 0, location_id="lyon")))
    chain, nantes, lyon = [page.at(where, day(1)) for where in ("", "nantes", "lyon")]

    assert nantes == chain != lyon
    assert len(page) == 2


def test_a_place_with_prices_of_its_own_keeps_no_facts_again() -> None:
    shops, facts = [f"shop-{number}" for number in range(20)], bytes(1 << 20)
    page = Page(facts, prices_of(*(interval(90, 0, location_id=shop) for shop in shops)))
    tracemalloc.start()
    try:
        for shop in shops:
            page.at(shop, day(1))
        kept_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept_bytes < len(facts)
