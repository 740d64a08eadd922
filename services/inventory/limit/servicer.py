"""The gRPC face of limits: protobuf in, one call, protobuf out. No rules here."""

from typing import Any, TypeAlias

import grpc
from comptoir.inventory.v1 import limit_service_pb2 as pb
from comptoir.inventory.v1 import limit_service_pb2_grpc as pb_grpc

from chassis import paging
from chassis.access import caller
from chassis.deadline import left_s
from chassis.requests import request_from_pb
from services.inventory.books import Books
from services.inventory.limit import domain
from services.inventory.limit.messages import limit_from_pb, limit_to_pb
from services.inventory.limit.store import limits_after, put_limits

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

WRITE_S_MAX = 2.0


class LimitServicer(pb_grpc.LimitServiceServicer):
    def __init__(self, books: Books) -> None:
        self._books = books

    async def PutLimits(
        self, request: pb.PutLimitsRequest, context: Context
    ) -> pb.PutLimitsResponse:
        put = request_from_pb(request, subject=caller().subject, method="PutLimits")
        limits = [limit_from_pb(each) for each in request.limits]
        domain.check_limits(limits)
        standing = await put_limits(
            self._books.updates, limits, request=put, timeout_s=left_s(WRITE_S_MAX)
        )
        self._books.limits.take(standing)
        return pb.PutLimitsResponse(limits=map(limit_to_pb, standing))

    async def ListLimits(
        self, request: pb.ListLimitsRequest, context: Context
    ) -> pb.ListLimitsResponse:
        limit = paging.page_size(request.page_size, default=50, maximum=500)
        query = "limits"
        after_sku = paging.decode_token(request.page_token, query=query)
        # One more than asked for tells whether there is a next page.
        found = await limits_after(self._books.records, after_sku, limit + 1)
        page, token = paging.page_of(found, limit, query, key=lambda each: each.sku)
        return pb.ListLimitsResponse(limits=map(limit_to_pb, page), next_page_token=token)
