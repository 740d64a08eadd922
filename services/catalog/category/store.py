"""How categories are kept and paged."""

from chassis.records import Index, Kind, Records, Where
from services.catalog.category.domain import Category

CATEGORIES: Kind[Category] = Kind(
    type=Category,
    collection="categories",
    key=lambda category: category.category_id,
    indexes=(Index(fields=("place", "_id")),),
)


async def categories_after(records: Records, place: str, limit: int) -> list[Category]:
    """Ordered by path, behind `place`; from the first if it is empty."""
    after = (place, place.rpartition(" ")[2]) if place else None
    return await records.select(CATEGORIES, Where(limit=limit, order="place", after=after))
