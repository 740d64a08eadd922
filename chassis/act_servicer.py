"""Lists what operators have done in this service. Knows no engine."""

from datetime import UTC, datetime

from comptoir.type.v1 import act_service_pb2 as pb
from comptoir.type.v1 import act_service_pb2_grpc as pb_grpc

from chassis import paging
from chassis.access import caller
from chassis.acts import ACTS, Act
from chassis.interceptors import Context
from chassis.records import Records, Where

PAGE_DEFAULT, PAGE_MAX = 50, 200


class ActServicer(pb_grpc.ActServiceServicer):
    """`records` must keep ACTS."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def ListActs(  # noqa: N802
        self, request: pb.ListActsRequest, context: Context
    ) -> pb.ListActsResponse:
        query = f"acts {caller().subject}"
        limit = paging.page_size(request.page_size, default=PAGE_DEFAULT, maximum=PAGE_MAX)
        after = position_from(paging.decode_token(request.page_token, query=query))
        # One more than asked for tells whether there is a next page.
        where = Where(order="act_time", descending=True, after=after, limit=limit + 1)
        acts = await self._records.select(ACTS, where)
        page, more = acts[:limit], len(acts) > limit
        token = paging.encode_token(position_to(page[-1]), query=query) if more else ""
        return pb.ListActsResponse(acts=map(act_to_pb, page), next_page_token=token)


def position_to(act: Act) -> str:
    return f"{act.act_time.isoformat()} {act.act_id}"


def position_from(text: str) -> tuple[datetime, str] | None:
    """Raises InvalidPageError for what a caller made up."""
    if not text:
        return None
    try:
        instant, act_id = text.split(" ")
        return datetime.fromisoformat(instant).astimezone(UTC), act_id
    except (ValueError, OverflowError):
        raise paging.InvalidPageError("page_token did not come from this query") from None


def act_to_pb(act: Act) -> pb.Act:
    message = pb.Act(
        act_id=act.act_id,
        actor=act.actor,
        name=act.name,
        target=act.target,
        cause=act.cause,
        detail=act.detail,
    )
    message.act_time.FromDatetime(act.act_time)
    return message
