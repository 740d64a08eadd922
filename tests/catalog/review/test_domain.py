"""What reviews add up to, whatever becomes of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.review.domain import (
    InvalidReviewError,
    Rating,
    Review,
    put,
    rated,
    review_of,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
REVIEW = Review(
    review_id="r-1",
    sku="LAMP",
    stars=4,
    text="",
    locale="fr",
    experience_time=NOW,
    publish_time=NOW,
    revision=1,
)


def test_only_verified_reviews_count() -> None:
    rating, unverified = Rating(sku="LAMP"), replace(REVIEW, experience_time=None)

    assert rated(rating, before=None, after=unverified) is rating
    assert rated(rating, before=None, after=REVIEW).review_count == 1


def test_a_product_without_reviews_has_no_average() -> None:
    assert Rating(sku="LAMP").average_stars == 0


edits = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 5), st.booleans()), max_size=20)


@given(edits)
def test_the_rating_is_the_mean_of_the_reviews_as_they_stand(
    edits: list[tuple[str, int, bool]],
) -> None:
    rating, standing = Rating(sku="LAMP"), dict[str, Review]()
    for review_id, stars, verified in edits:
        after = replace(REVIEW, stars=stars, experience_time=NOW if verified else None)
        rating = rated(rating, before=standing.get(review_id), after=after)
        standing[review_id] = after

    counted = [review.stars for review in standing.values() if review.experience_time]
    assert (rating.review_count, rating.stars_sum) == (len(counted), sum(counted))
    assert rating.average_stars == (sum(counted) / len(counted) if counted else 0)


def test_a_review_that_says_the_same_stays_as_it_is() -> None:
    assert put(REVIEW, replace(REVIEW, revision=0)) is REVIEW
    assert put(REVIEW, replace(REVIEW, stars=5)).revision == 2


def test_a_review_stays_with_its_product() -> None:
    with pytest.raises(InvalidReviewError):
        put(REVIEW, replace(REVIEW, sku="SAW"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"review_id": ""}, "review_id"),
        ({"sku": ""}, "sku"),
        ({"stars": 0}, "stars"),
        ({"stars": 6}, "stars"),
        ({"text": "x" * 5001}, "text"),
        ({"locale": "?"}, "locale"),
        ({"publish_time": None}, "publish_time"),
        ({"publish_time": NOW + timedelta(hours=1)}, "publish_time"),
        ({"experience_time": NOW + timedelta(hours=1)}, "experience_time"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(change: dict[str, object], field: str) -> None:
    said: dict[str, object] = {
        "review_id": "r-1",
        "sku": "LAMP",
        "stars": 4,
        "text": "",
        "locale": "",
        "experience_time": None,
        "publish_time": NOW,
        "now": NOW,
    }
    with pytest.raises(InvalidReviewError) as caught:
        review_of(**said | change)  # type: ignore[arg-type]

    assert [violation.field for violation in caught.value.violations] == [field]
