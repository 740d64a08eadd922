"""What may be said of a product, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.product.domain import (
    FACTS_MAX,
    SKUS_MAX,
    Fact,
    InvalidProductError,
    InvalidSkusError,
    Product,
    StockUnit,
    check_product,
    check_skus,
    is_gtin,
    put,
    text_in,
)

DRILL = Product(sku="PER-1801", category_path=("tools", "drills"), title={"fr": "Perceuse"})
VOLTAGE = Fact(key="battery_voltage", value=18.0, unit="V")


def fields_at_fault(product: Product) -> list[str]:
    with pytest.raises(InvalidProductError) as caught:
        check_product(product)
    return [violation.field for violation in caught.value.violations]


def test_a_product_needs_a_sku_a_category_and_a_title() -> None:
    check_product(DRILL)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sku": ""}, "sku"),
        ({"sku": "PER 1801"}, "sku"),
        ({"sku": "PER\n1801"}, "sku"),
        ({"sku": "x" * 65}, "sku"),
        ({"gtin": "3760004118016"}, "gtin"),
        ({"gtin": "376000411801A"}, "gtin"),
        ({"family": "two words"}, "family"),
        ({"category_path": ()}, "category_path"),
        ({"category_path": tuple("abcdefg")}, "category_path"),
        ({"category_path": ("tools", "tools")}, "category_path"),
        ({"category_path": ("Power Tools",)}, "category_path"),
        ({"brand": "x" * 129}, "brand"),
        ({"title": {}}, "title"),
        ({"title": {"fr": " "}}, "title"),
        ({"title": {"français": "Perceuse"}}, "title"),
        ({"title": {"fr": "x" * 301}}, "title"),
        ({"description": {"fr": "x" * 10_001}}, "description"),
        ({"picture_urls": ("/a.svg",) * 21}, "picture_urls"),
        ({"picture_urls": ("javascript:alert(1)",)}, "picture_urls[0]"),
        ({"picture_urls": ("//elsewhere/a.svg",)}, "picture_urls[0]"),
        ({"facts": (VOLTAGE,) * (FACTS_MAX + 1)}, "facts"),
        ({"facts": (VOLTAGE, VOLTAGE)}, "facts"),
        ({"facts": (replace(VOLTAGE, key="Voltage"),)}, "facts[0].key"),
        ({"facts": (replace(VOLTAGE, value=None),)}, "facts[0].value"),
        ({"facts": (replace(VOLTAGE, value=float("nan")),)}, "facts[0].number"),
        ({"facts": (replace(VOLTAGE, value={"fr": ""}),)}, "facts[0].text"),
        ({"facts": (replace(VOLTAGE, unit="x" * 17),)}, "facts[0].unit"),
        (
            {"facts": (replace(VOLTAGE, as_of_time=datetime.max.replace(tzinfo=UTC)),)},
            "facts[0].as_of_time",
        ),
        ({"stock_unit": StockUnit(unit="metre")}, "stock_unit.unit"),
        ({"stock_unit": StockUnit(step=0)}, "stock_unit.step"),
        ({"stock_unit": StockUnit(decimals=7)}, "stock_unit.decimals"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(change: dict[str, object], field: str) -> None:
    assert fields_at_fault(replace(DRILL, **change)) == [field]  # type: ignore[arg-type]


def test_every_field_at_fault_is_named() -> None:
    assert fields_at_fault(replace(DRILL, sku="", title={})) == ["sku", "title"]


@pytest.mark.parametrize("value", [0.0, -1.5, True, False, {"fr": "13 mm"}])
def test_a_fact_is_a_number_a_text_or_a_flag(value: bool | float | dict[str, str]) -> None:
    check_product(replace(DRILL, facts=(replace(VOLTAGE, value=value),)))


@pytest.mark.parametrize("gtin", ["96385074", "036000291452", "3760004118015", "00012345600012"])
def test_gtins_of_each_length_have_their_check_digit(gtin: str) -> None:
    assert is_gtin(gtin)


@given(st.integers(0, 10**12 - 1), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_makes_no_gtin(number: int, place: int, by: int) -> None:
    body = f"{number:012}"
    gtin = next(body + str(digit) for digit in range(10) if is_gtin(body + str(digit)))
    wrong = str((int(gtin[place]) + by) % 10)

    assert not is_gtin(gtin[:place] + wrong + gtin[place + 1 :])


def test_a_new_product_has_revision_one() -> None:
    assert put(None, DRILL).revision == 1


def test_a_product_that_says_the_same_stays_as_it_is() -> None:
    before = replace(DRILL, revision=7)

    assert put(before, DRILL) is before


def test_each_change_raises_the_revision() -> None:
    after = put(replace(DRILL, revision=7), replace(DRILL, brand="Varenne"))

    assert (after.brand, after.revision) == ("Varenne", 8)


def test_a_reader_takes_its_own_language_else_the_default_else_any() -> None:
    texts = {"fr": "Scie", "en": "Saw", "de": "Säge"}

    assert [text_in(texts, locale) for locale in ("en", "en-GB", "it")] == ["Saw", "Saw", "Scie"]
    assert text_in({"en": "Saw", "de": "Säge"}, "it") == "Säge"
    assert text_in({}, "fr") == ""


@pytest.mark.parametrize("skus", [[], ["a", "a"], [str(n) for n in range(SKUS_MAX + 1)]])
def test_skus_are_asked_for_once_each_and_not_without_end(skus: list[str]) -> None:
    with pytest.raises(InvalidSkusError):
        check_skus(skus)
