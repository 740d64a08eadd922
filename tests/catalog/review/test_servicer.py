"""Reviews and ratings, through a real server."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from comptoir.catalog.v1 import review_service_pb2 as pb

from chassis.mongo import Database
from chassis.mongo_records import MongoRecords
from services.catalog.kinds import KINDS
from tests.catalog.given import (
    GATEWAY,
    NOW,
    Catalog,
    catalog,
    counts,
    drill,
    refusal,
    review,
    stamp,
)
from tests.conftest import MakeRecords
from tests.serving import reason_of


@pytest.fixture
async def shop(records: MakeRecords) -> AsyncIterator[Catalog]:
    async with catalog(await records(KINDS)) as opened:
        await opened.import_products(drill())
        yield opened


async def listed(shop: Catalog, **given: object) -> pb.ListReviewsResponse:
    request = pb.ListReviewsRequest(sku="PER-1801", **given)  # type: ignore[arg-type]
    return await shop.reviews.ListReviews(request, metadata=GATEWAY)


async def rating(shop: Catalog) -> tuple[float, int, int]:
    found = (await shop.views("PER-1801"))["PER-1801"].rating
    return found.average_stars, found.review_count, found.revision


async def test_a_review_comes_back_as_it_went_in(shop: Catalog) -> None:
    await shop.import_reviews(review())

    expected = review()
    expected.revision = 1
    assert list((await listed(shop)).reviews) == [expected]


async def test_an_import_again_changes_nothing(shop: Catalog) -> None:
    assert counts(await shop.import_reviews(review("r-1", 5), review("r-2", 2))) == (2, 2, 0)
    assert counts(await shop.import_reviews(review("r-1", 5), review("r-2", 2))) == (2, 0, 2)
    assert await rating(shop) == (3.5, 2, 2)


async def test_an_edited_review_counts_as_it_is_now(shop: Catalog) -> None:
    await shop.import_reviews(review("r-1", 5), review("r-2", 2))
    await shop.import_reviews(review("r-2", 4))

    assert await rating(shop) == (4.5, 2, 3)


async def test_a_review_edited_twice_in_one_stream_counts_once(shop: Catalog) -> None:
    await shop.import_reviews(review("r-1", 1), review("r-1", 5))

    assert (await rating(shop))[:2] == (5, 1)


async def test_a_review_that_is_not_verified_is_shown_and_does_not_count(shop: Catalog) -> None:
    await shop.import_reviews(review(experience_time=None))

    assert len((await listed(shop)).reviews) == 1
    assert await rating(shop) == (0, 0, 0)


async def test_a_bad_review_is_reported_and_the_others_go_in(shop: Catalog) -> None:
    await shop.import_reviews(review("r-0"))
    progress = await shop.import_reviews(
        review("r-1", 6), review("r-0", sku="SAW"), review("r-2"), review("r-3", publish_time=None)
    )

    assert counts(progress) == (4, 1, 0)
    assert [rejection.number for rejection in progress.rejections] == [1, 2, 4]
    assert {rejection.reason for rejection in progress.rejections} == {"INVALID_REVIEW"}


async def test_pages_are_newest_first_and_join_into_the_whole(shop: Catalog) -> None:
    times = [NOW - timedelta(days=days) for days in (3, 1, 1, 2, 0)]
    await shop.import_reviews(
        *(review(f"r-{n}", publish_time=stamp(time)) for n, time in enumerate(times))
    )
    found, token = list[str](), ""
    for _ in range(3):
        page = await listed(shop, page_size=2, page_token=token)
        found += [each.review_id for each in page.reviews]
        token = page.next_page_token

    assert found == ["r-4", "r-2", "r-1", "r-3", "r-0"]
    assert token == ""


async def test_a_sku_that_is_not_there_has_no_reviews(shop: Catalog) -> None:
    assert not (await listed(shop)).reviews


async def test_a_page_token_belongs_to_its_sku(shop: Catalog) -> None:
    await shop.import_reviews(review("r-1"), review("r-2"))
    token = (await listed(shop, page_size=1)).next_page_token
    other = pb.ListReviewsRequest(sku="SAW", page_token=token)

    error = await refusal(shop.reviews.ListReviews(other, metadata=GATEWAY))
    assert reason_of(error) == "INVALID_PAGE"


async def test_of_reviews_that_come_at_once_each_counts_once(database: Database) -> None:
    records = MongoRecords(database, KINDS)
    await records.ensure_indexes()
    async with catalog(records) as shop:
        await shop.import_products(drill())
        await asyncio.gather(
            *(shop.import_reviews(review(f"r-{n % 8}", 1 + n % 5)) for n in range(16))
        )
        found = (await listed(shop)).reviews
        average_stars, review_count, _ = await rating(shop)

    assert review_count == len(found) == 8
    assert average_stars == sum(each.stars for each in found) / 8
