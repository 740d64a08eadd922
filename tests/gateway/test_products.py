"""How products are written in JSON."""

from datetime import UTC, datetime, timedelta

from comptoir.type.v1.text_pb2 import LocalizedText

from services.gateway.mobile.products import Described
from tests.gateway import given

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def test_texts_are_in_the_language_asked_for_else_in_the_retailers() -> None:
    shown = Described().view(given.view(), None, "en")

    assert (shown.title, shown.facts[2].value) == ("Drill", "10 mm")


def test_a_text_in_another_language_is_better_than_none() -> None:
    view = given.view()
    view.product.title.CopyFrom(LocalizedText(by_locale={"de": "Bohrmaschine"}))

    assert Described().view(view, None, "fr").title == "Bohrmaschine"


def test_facts_keep_their_type() -> None:
    shown = Described().view(given.view(), None, "fr")

    assert [fact.value for fact in shown.facts] == [12.0, False, "10 mm"]


def test_without_a_stock_unit_it_is_counted_in_pieces() -> None:
    unit = Described().view(given.view(), None, "fr").stock_unit

    assert (unit.unit, unit.step, unit.decimals) == ("piece", 1, 0)


def test_what_was_described_is_found_by_content_and_not_by_revision() -> None:
    """After a restore, one revision may name two contents."""
    described, restored = Described(), given.view()
    restored.product.brand = "Ostrec"
    before = described.view(given.view(), None, "fr")
    after = described.view(restored, None, "fr")

    assert (before.brand, after.brand) == ("Lurval", "Ostrec")


def test_price_and_stock_are_never_those_of_another_time() -> None:
    described = Described()
    described.view(given.view(price_minor=6490), given.availability(quantity=3), "fr")
    shown = described.view(given.view(price_minor=5990), given.availability(quantity=2), "fr")

    assert shown.price is not None and shown.price.amount.minor == 5990
    assert shown.availability is not None and shown.availability.available_quantity == 2


def test_a_view_is_valid_until_the_first_of_its_parts_changes() -> None:
    view, stock = given.view(), given.availability()
    view.valid_until_time.CopyFrom(given.stamp(NOON + timedelta(hours=12)))
    stock.valid_until_time.CopyFrom(given.stamp(NOON + timedelta(microseconds=5)))

    shown = Described().view(view, stock, "fr")
    assert shown.valid_until_time == NOON + timedelta(microseconds=5)


def test_what_is_described_is_bounded() -> None:
    described = Described(kept_max=2)
    for number in range(5):
        described.view(given.view(f"S-{number}"), None, "fr")

    assert len(described) == 2
