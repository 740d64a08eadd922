"""How reviews and ratings are kept, and written together."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chassis.changes import Changed
from chassis.importing import Outcome, put_beside
from chassis.records import Index, Key, Kind, Records, Ref, State, Where
from services.catalog.review.domain import Rating, Review, put, rated, rating_changed

NEWEST_FIRST = ("publish_time", "_id")

REVIEWS: Kind[Review] = Kind(
    type=Review,
    collection="reviews",
    key=lambda review: review.review_id,
    indexes=(Index(fields=("sku", *NEWEST_FIRST), descending=frozenset(NEWEST_FIRST)),),
)
RATINGS: Kind[Rating] = Kind(type=Rating, collection="ratings", key=lambda rating: rating.sku)


async def newest_reviews(
    records: Records, sku: str, *, limit: int, after: tuple[datetime, str] | None
) -> list[Review]:
    """Of that sku, behind the one of that publish time and id."""
    where = Where(
        limit=limit, equal={"sku": sku}, order="publish_time", descending=True, after=after
    )
    return await records.select(REVIEWS, where)


async def put_reviews(
    records: Records, reviews: Sequence[Review], *, timeout_s: float
) -> list[Outcome]:
    """Put each review under its id, and into the rating of its product in the same write."""
    return await put_beside(
        records,
        REVIEWS,
        reviews,
        key=lambda review: review.review_id,
        put=put,
        left=reviews_and_ratings,
        beside=lambda review: [Ref(RATINGS, review.sku)],
        timeout_s=timeout_s,
    )


def reviews_and_ratings(
    state: State, before: Mapping[Key, Review], now: Mapping[Key, Review]
) -> Changed[None]:
    """The reviews as they are now, with the ratings that they change."""
    ratings: dict[str, Rating] = {}
    for at, review in now.items():
        rating = ratings.get(review.sku) or rating_in(state, review.sku)
        ratings[review.sku] = rated(rating, before=before.get(at), after=review)
    changed = [r for r in ratings.values() if r.revision > rating_in(state, r.sku).revision]
    return Changed(
        answer=None,
        records=(*now.values(), *changed),
        events=tuple(rating_changed(rating) for rating in changed),
    )


def rating_in(state: State, sku: str) -> Rating:
    return state.find(RATINGS, sku) or Rating(sku=sku)
