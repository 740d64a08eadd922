"""How products are written in JSON."""

from datetime import UTC, datetime, timedelta

from comptoir.type.v1.text_pb2 import LocalizedText

from services.gateway.mobile.products import LOCALES_MAX, Described, Descriptions
from tests.gateway import given

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def test_texts_are_in_the_language_asked_for_else_in_the_retailers() -> None:
    shown = Described(given.view()).shown(None, "en")

    assert (shown.title, shown.facts[2].value) == ("Drill", "10 mm")


def test_a_text_in_another_language_is_better_than_none() -> None:
    view = given.view()
    view.product.title.CopyFrom(LocalizedText(by_locale={"de": "Bohrmaschine"}))

    shown = Described(view).shown(None, "fr")
    assert (shown.title, shown.locale) == ("Bohrmaschine", "de")


def test_a_title_says_in_which_language_it_is() -> None:
    view = given.view()
    assert Described(view).shown(None, "en").locale == "en"
    del view.product.title.by_locale["en"]
    assert Described(view).shown(None, "en").locale == "fr"


def test_facts_keep_their_type() -> None:
    shown = Described(given.view()).shown(None, "fr")

    assert [fact.value for fact in shown.facts] == [12.0, False, "10 mm"]


def test_without_a_stock_unit_it_is_counted_in_pieces() -> None:
    unit = Described(given.view()).shown(None, "fr").stock_unit

    assert (unit.unit, unit.step, unit.decimals) == ("piece", 1, 0)


def test_what_was_described_is_found_by_content_and_not_by_revision() -> None:
    """After a restore, one revision may name two contents."""
    descriptions, restored = Descriptions(), given.view()
    restored.product.brand = "Ostrec"
    before, again, after = [
        descriptions.of(view.SerializeToString()) for view in (given.view(), given.view(), restored)
    ]

    assert before is again
    assert [each.shown(None, "fr").brand for each in (before, after)] == ["Lurval", "Ostrec"]


def test_stock_is_never_that_of_another_time() -> None:
    described = Described(given.view())
    before = described.shown(given.availability(quantity=3), "fr")
    after, without = (
        described.shown(given.availability(quantity=2), "fr"),
        described.shown(None, "fr"),
    )

    assert before.availability is not None and before.availability.available_quantity == 3
    assert after.availability is not None and after.availability.available_quantity == 2
    assert without.availability is None


def test_a_view_is_valid_until_the_first_of_its_parts_changes() -> None:
    view, stock = given.view(), given.availability()
    view.valid_until_time.CopyFrom(given.stamp(NOON + timedelta(hours=12)))
    stock.valid_until_time.CopyFrom(given.stamp(NOON + timedelta(microseconds=5)))

    shown = Described(view).shown(stock, "fr")
    assert shown.valid_until_time == NOON + timedelta(microseconds=5)


def test_what_is_described_is_bounded() -> None:
    descriptions = Descriptions(kept_max=2)
    for number in range(5):
        descriptions.of(given.view(f"S-{number}").SerializeToString())

    assert len(descriptions) <= 2


def test_asking_in_ever_new_languages_fills_no_memory() -> None:
    described = Described(given.view())
    titles = {described.shown(None, f"x-{number}").title for number in range(5 * LOCALES_MAX)}

    assert titles == {described.shown(None, "fr").title}
    assert len(described) <= LOCALES_MAX
