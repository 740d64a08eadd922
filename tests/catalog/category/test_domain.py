"""What may be said of a category."""

import pytest

from services.catalog.category.domain import (
    CATEGORIES_MAX,
    Category,
    InvalidCategoryError,
    category_of,
    check_categories,
    put,
)


def category(category_id: str = "drills", **said: object) -> Category:
    given: dict[str, object] = {"path": ("tools", category_id), "name": {"fr": "Perceuses"}}
    return category_of(category_id, **given | said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (category("Drills"), "categories[1].category_id"),
        (category(path=("tools", "saws")), "categories[1].path"),
        (category(path=()), "categories[1].path"),
        (category(name={}), "categories[1].name"),
        (category(picture_url="ftp://x"), "categories[1].picture_url"),
        (category("saws"), "categories[1].category_id"),
    ],
)
def test_the_first_at_fault_is_named(wrong: Category, field: str) -> None:
    with pytest.raises(InvalidCategoryError) as caught:
        check_categories([category("saws"), wrong, category("")])

    assert caught.value.violations[0].field == field


@pytest.mark.parametrize("count", [0, CATEGORIES_MAX + 1])
def test_some_are_put_and_not_without_end(count: int) -> None:
    with pytest.raises(InvalidCategoryError):
        check_categories([category(f"c-{number}") for number in range(count)])


def test_the_order_is_that_of_the_paths() -> None:
    paths = [("tools", "drills"), ("tools",), ("tools-2",), ("audio",), ("tools", "drills", "sds")]
    places = {path: category(path[-1], path=path).place for path in paths}

    assert sorted(paths, key=places.__getitem__) == sorted(paths)


def test_a_category_that_says_the_same_stays_as_it_is() -> None:
    before = put(None, category())

    assert put(before, category()) is before
    assert put(before, category(name={"en": "Drills"})).revision == 2
