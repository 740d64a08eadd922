"""The shelves of the catalogue and what may be said of one. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chassis.changes import Event
from chassis.errors import AppError, Kind, Violation
from services.catalog.product.domain import (
    ID_LENGTH_MAX,
    Texts,
    is_category_id,
    path_violations,
    picture_violations,
    title_violations,
)

CATEGORIES_MAX = 500
NAME_LENGTH_MAX = 128


class InvalidCategoryError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_CATEGORY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A shelf; `path` holds the ids from the top to its own.

    `place` orders them by path: a space sorts before all that ids are made of.
    """

    category_id: str
    path: tuple[str, ...]
    name: Texts
    place: str
    picture_url: str = ""
    revision: int = 0


def category_of(
    category_id: str, *, path: tuple[str, ...], name: Texts, picture_url: str = ""
) -> Category:
    return Category(
        category_id=category_id,
        path=path,
        name=name,
        place=" ".join(path),
        picture_url=picture_url,
    )


def put(before: Category | None, category: Category) -> Category:
    """`category` as it comes to stand, or `before` itself where it says the same."""
    if before is None:
        return replace(category, revision=1)
    same = replace(category, revision=before.revision) == before
    return before if same else replace(category, revision=before.revision + 1)


def category_changed(category: Category) -> Event:
    return Event("category_changed", category.category_id, category.revision, kind="category")


def check_categories(categories: Sequence[Category]) -> None:
    """Raises InvalidCategoryError, naming the first at fault."""
    if not 1 <= len(categories) <= CATEGORIES_MAX:
        raise InvalidCategoryError(
            f"1 to {CATEGORIES_MAX} categories are allowed", categories_max=CATEGORIES_MAX
        )
    seen: set[str] = set()
    for number, category in enumerate(categories):
        violations = list(category_violations(category))
        if category.category_id in seen:
            violations.append(Violation("category_id", "each category once"))
        if violations:
            raise refused(number, violations)
        seen.add(category.category_id)


def refused(number: int, violations: Sequence[Violation]) -> InvalidCategoryError:
    named = (Violation(f"categories[{number}].{v.field}", v.description) for v in violations)
    return InvalidCategoryError(
        f"category {number} of the request cannot be taken",
        violations=tuple(named),
        number=number,
    )


def category_violations(category: Category) -> Iterator[Violation]:
    if not is_category_id(category.category_id):
        yield Violation(
            "category_id", f"lower-case words joined by hyphens, at most {ID_LENGTH_MAX} characters"
        )
    yield from path_violations("path", category.path)
    if category.path[-1:] != (category.category_id,):
        yield Violation("path", "ends with the category's own id")
    yield from title_violations("name", category.name, NAME_LENGTH_MAX)
    if category.picture_url:
        yield from picture_violations("picture_url", category.picture_url)
