"""The gRPC face of reviews: protobuf in, one call, protobuf out. No rules here."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

from comptoir.catalog.v1 import review_service_pb2 as pb
from comptoir.catalog.v1 import review_service_pb2_grpc as pb_grpc

from chassis import paging
from chassis.clock import Clock, utc_now
from chassis.importing import Outcome, imported
from chassis.interceptors import Context
from chassis.paging import InvalidPageError
from chassis.records import Records
from services.catalog.limits import write_s
from services.catalog.pages import decode_place, encode_place
from services.catalog.replica import Replica
from services.catalog.review.domain import Review, review_of
from services.catalog.review.store import newest_reviews, put_reviews
from services.catalog.wire import time_from_pb, time_to_pb

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)


class ReviewServicer(pb_grpc.ReviewServiceServicer):
    def __init__(self, records: Records, replica: Replica, clock: Clock = utc_now) -> None:
        self._records = records
        self._replica = replica
        self._clock = clock

    async def ImportReviews(
        self, request_iterator: AsyncIterator[pb.ImportReviewsRequest], context: Context
    ) -> AsyncIterator[pb.ImportReviewsResponse]:
        answers = imported(request_iterator, check=self._checked, write=self._put)
        async with aclosing(answers):
            async for progress in answers:
                yield pb.ImportReviewsResponse(progress=progress)

    async def ListReviews(
        self, request: pb.ListReviewsRequest, context: Context
    ) -> pb.ListReviewsResponse:
        query = f"reviews {request.sku}"
        limit = paging.page_size(request.page_size, default=20, maximum=100)
        after = after_from(decode_place(request.page_token, query=query))
        # One more than asked for tells whether there is a next page.
        found = await newest_reviews(self._records, request.sku, limit=limit + 1, after=after)
        page, token = found[:limit], ""
        if len(found) > limit:
            publish_ms = (page[-1].publish_time - EPOCH) // MS
            token = encode_place(publish_ms, page[-1].review_id, query=query)
        return pb.ListReviewsResponse(
            reviews=[review_to_pb(review) for review in page], next_page_token=token
        )

    def _checked(self, item: pb.ImportReviewsRequest) -> Review:
        """Raises InvalidReviewError."""
        sent = item.review
        return review_of(
            review_id=sent.review_id,
            sku=sent.sku,
            stars=sent.stars,
            text=sent.text,
            locale=sent.locale,
            experience_time=time_from_pb(sent, "experience_time"),
            publish_time=time_from_pb(sent, "publish_time"),
            now=self._clock(),
        )

    async def _put(self, reviews: Sequence[Review]) -> Sequence[Outcome]:
        outcomes = await put_reviews(self._records, reviews, timeout_s=write_s())
        self._replica.pages.drop(review.sku for review in reviews)
        return outcomes


def after_from(place: tuple[int, str] | None) -> tuple[datetime, str] | None:
    """Raises InvalidPageError for an instant that no review can have."""
    if place is None:
        return None
    publish_ms, review_id = place
    try:
        return EPOCH + publish_ms * MS, review_id
    except OverflowError:
        raise InvalidPageError("page_token did not come from this query") from None


def review_to_pb(review: Review) -> pb.Review:
    message = pb.Review(
        review_id=review.review_id,
        sku=review.sku,
        stars=review.stars,
        text=review.text,
        locale=review.locale,
        publish_time=time_to_pb(review.publish_time),
        revision=review.revision,
    )
    if review.experience_time is not None:
        message.experience_time.CopyFrom(time_to_pb(review.experience_time))
    return message
