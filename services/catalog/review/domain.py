"""What buyers say of products and what their stars add up to. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chassis.changes import Event
from chassis.errors import AppError, Kind, Violation
from services.catalog.product.domain import (
    ID_LENGTH_MAX,
    LOCALE,
    is_id,
    is_plausible,
    length_violations,
    sku_violations,
)

STARS_MAX = 5
TEXT_LENGTH_MAX = 5000
# By so much may the clock of another system be ahead of ours.
AHEAD_MAX = timedelta(minutes=10)


class InvalidReviewError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_REVIEW"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One opinion. With `experience_time`, when the buyer got it in hand, it is verified."""

    review_id: str
    sku: str
    stars: int
    text: str
    locale: str
    experience_time: datetime | None
    publish_time: datetime
    revision: int = 0

    @property
    def counted_stars(self) -> int:
        """What it adds to the rating: only verified reviews count."""
        return self.stars if self.experience_time is not None else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What the verified reviews of a sku add up to, written with each of them."""

    sku: str
    review_count: int = 0
    stars_sum: int = 0
    revision: int = 0

    @property
    def average_stars(self) -> float:
        return self.stars_sum / self.review_count if self.review_count else 0.0


def put(before: Review | None, review: Review) -> Review:
    """`review` as it comes to stand, or `before` itself where it says the same.

    Raises InvalidReviewError.
    """
    if before is None:
        return replace(review, revision=1)
    if before.sku != review.sku:
        what_to_do = "another review_id: a review stays with its product"
        raise refused(Violation("review_id", what_to_do))
    same = replace(review, revision=before.revision) == before
    return before if same else replace(review, revision=before.revision + 1)


def rated(rating: Rating, *, before: Review | None, after: Review) -> Rating:
    """The rating with `after` in place of `before`, or itself where that changes nothing."""
    was, now = before.counted_stars if before else 0, after.counted_stars
    if was == now:
        return rating
    return replace(
        rating,
        review_count=rating.review_count + (now > 0) - (was > 0),
        stars_sum=rating.stars_sum + now - was,
        revision=rating.revision + 1,
    )


def rating_changed(rating: Rating) -> Event:
    detail = {"sku": rating.sku}
    return Event("rating_changed", rating.sku, rating.revision, detail, kind="rating")


def review_of(
    *,
    review_id: str,
    sku: str,
    stars: int,
    text: str,
    locale: str,
    experience_time: datetime | None,
    publish_time: datetime | None,
    now: datetime,
) -> Review:
    """Raises InvalidReviewError, naming every field at fault."""
    violations = (
        *sku_violations(sku),
        *opinion_violations(review_id, stars, text, locale),
        *time_violations("experience_time", experience_time, now),
        *time_violations("publish_time", publish_time, now),
        *([Violation("publish_time", "set it")] if publish_time is None else []),
    )
    if violations or publish_time is None:
        raise refused(*violations)
    return Review(
        review_id=review_id,
        sku=sku,
        stars=stars,
        text=text,
        locale=locale,
        experience_time=experience_time,
        publish_time=publish_time,
    )


def opinion_violations(review_id: str, stars: int, text: str, locale: str) -> Iterator[Violation]:
    if not is_id(review_id):
        yield Violation("review_id", f"1 to {ID_LENGTH_MAX} printable characters, no spaces")
    if not 1 <= stars <= STARS_MAX:
        yield Violation("stars", f"1 to {STARS_MAX}")
    yield from length_violations("text", text, TEXT_LENGTH_MAX)
    if locale and not LOCALE.fullmatch(locale):
        yield Violation("locale", "a BCP 47 tag such as fr, or leave it out")


def time_violations(name: str, time: datetime | None, now: datetime) -> Iterator[Violation]:
    if time is not None and not (is_plausible(time) and time <= now + AHEAD_MAX):
        yield Violation(name, "behind 1970 and not in the future")


def refused(*violations: Violation) -> InvalidReviewError:
    return InvalidReviewError("the review cannot be taken", violations=violations)
