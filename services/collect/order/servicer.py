"""Orders over gRPC: protobuf in, one call of the domain, protobuf out."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial

from comptoir.collect.v1 import order_service_pb2 as pb
from comptoir.collect.v1 import order_service_pb2_grpc as pb_grpc

from chassis import deadline, paging
from chassis.access import Caller, caller
from chassis.clock import Clock, utc_now
from chassis.errors import Violation
from chassis.interceptors import Context
from chassis.records import Records
from chassis.requests import request_from_pb
from chassis.signals import within
from chassis.tail import Tail
from services.collect.order import messages, saga
from services.collect.order.codebook import Codebook
from services.collect.order.domain import CAUSE_LENGTH_MAX, InvalidCauseError, shown
from services.collect.order.offer import Offers
from services.collect.order.placing import Placing
from services.collect.order.store import collected, found, of_customer, unknown
from services.collect.order.values import ENDED, Order
from services.collect.order.workflow import Saga

WRITE_S_MAX = 2.0
PLACE_S_MAX = 4.0
COLLECTED_QUERY = "collected orders"


class OrderServicer(pb_grpc.OrderServiceServicer):
    def __init__(
        self,
        records: Records,
        *,
        offers: Offers,
        placing: Placing,
        saga: Saga,
        codebook: Codebook,
        tail: Tail,
        clock: Clock = utc_now,
    ) -> None:
        self._records = records
        self._offers = offers
        self._placing = placing
        self._saga = saga
        self._codebook = codebook
        self._tail = tail
        self._clock = clock

    async def QuoteOrder(
        self, request: pb.QuoteOrderRequest, context: Context
    ) -> pb.QuoteOrderResponse:
        quantities, location_id = messages.quantities_from_pb(request.lines), request.location_id
        if request.HasField("point_id"):
            where, _ = await self._offers.where(request.point_id)
            location_id = where.location_id
        return messages.quote_to_pb(await self._offers.at(location_id, quantities))

    async def PlaceOrder(
        self, request: pb.PlaceOrderRequest, context: Context
    ) -> pb.PlaceOrderResponse:
        subject = caller().subject
        wish = messages.wish_from_pb(request, customer_id=subject)
        asked = request_from_pb(request, subject=subject, method="PlaceOrder")
        timeout_s = deadline.left_s(PLACE_S_MAX)
        order = await self._placing.place(wish, asked, timeout_s=timeout_s)
        return pb.PlaceOrderResponse(order=messages.order_to_pb(order, with_customer=True))

    async def GetOrder(self, request: pb.GetOrderRequest, context: Context) -> pb.GetOrderResponse:
        order = await visible(self._records, request.order_id)
        return pb.GetOrderResponse(order=order_for_caller(order))

    async def ListOrders(
        self, request: pb.ListOrdersRequest, context: Context
    ) -> pb.ListOrdersResponse:
        subject = caller().subject
        query = f"orders {subject}"
        limit = paging.page_size(request.page_size, default=20, maximum=100)
        after = position_from(paging.decode_token(request.page_token, query=query))
        # One more than asked for tells whether there is a next page.
        orders = await of_customer(self._records, subject, after=after, limit=limit + 1)
        page, more = orders[:limit], len(orders) > limit
        token = paging.encode_token(position_to(page[-1]), query=query) if more else ""
        return pb.ListOrdersResponse(
            orders=[messages.order_to_pb(order, with_customer=True) for order in page],
            next_page_token=token,
        )

    async def ListCollectedOrders(
        self, request: pb.ListCollectedOrdersRequest, context: Context
    ) -> pb.ListCollectedOrdersResponse:
        limit = paging.page_size(request.page_size, default=200, maximum=500)
        after_id = paging.decode_token(request.page_token, query=COLLECTED_QUERY)
        # One more than asked for tells whether there is a next page.
        orders = await collected(self._records, after_id=after_id, limit=limit + 1)
        page, more = orders[:limit], len(orders) > limit
        token = paging.encode_token(page[-1].order_id, query=COLLECTED_QUERY) if more else ""
        return pb.ListCollectedOrdersResponse(
            orders=map(messages.collected_to_pb, page), next_page_token=token
        )

    async def CancelOrder(
        self, request: pb.CancelOrderRequest, context: Context
    ) -> pb.CancelOrderResponse:
        who = caller()
        cause = cause_from(request.cause, who)
        await visible(self._records, request.order_id)
        order = await self._saga.write(
            request.order_id,
            partial(
                saga.cancelled,
                actor="customer" if who.is_customer else "staff",
                cause=cause,
                now=self._clock(),
            ),
            request=request_from_pb(request, subject=who.subject, method="CancelOrder"),
            timeout_s=deadline.left_s(WRITE_S_MAX),
        )
        self._saga.drive(order.order_id)
        return pb.CancelOrderResponse(order=order_for_caller(order))

    async def WatchOrder(
        self, request: pb.WatchOrderRequest, context: Context
    ) -> AsyncIterator[pb.WatchOrderResponse]:
        sent_revision, face = request.after_revision, None
        with self._tail.bell(request.order_id) as bell:
            while True:
                heard = bell.next()
                order = await visible(self._records, request.order_id)
                # What changes only inside (a lease, a step struck off) is not sent.
                if order.revision > sent_revision and shown(order) != face:
                    yield pb.WatchOrderResponse(order=order_for_caller(order))
                    sent_revision, face = order.revision, shown(order)
                if order.state in ENDED and not saga.moves_money(order):
                    return
                await within(heard, bell.pause_s)

    async def GetCollectCode(
        self, request: pb.GetCollectCodeRequest, context: Context
    ) -> pb.GetCollectCodeResponse:
        order = await visible(self._records, request.order_id)
        code = await self._codebook.code_for(order, now=self._clock())
        return pb.GetCollectCodeResponse(
            code=code.digits,
            qr_text=code.qr_text,
            valid_until_time=messages.time_to_pb(code.valid_until),
        )


async def visible(records: Records, order_id: str) -> Order:
    """Raises UnknownOrderError also when it is not the caller's to see."""
    order = await found(records, order_id)
    if not may_see(order, caller()):
        raise unknown(order_id)
    return order


def may_see(order: Order, who: Caller) -> bool:
    if who.is_customer:
        return order.customer_id == who.subject
    if who.is_staff:
        return order.location_id in who.location_ids
    return who.is_client or (who.is_service and who.acts_for(order.order_id))


def order_for_caller(order: Order) -> pb.Order:
    return messages.order_to_pb(order, with_customer=not caller().is_client)


def cause_from(text: str, who: Caller) -> str:
    """Raises InvalidCauseError when staff give no cause, or anyone one that is too long."""
    if len(text) > CAUSE_LENGTH_MAX:
        raise invalid_cause(f"at most {CAUSE_LENGTH_MAX} characters")
    if who.is_staff and not text.strip():
        raise invalid_cause("say why: the customer is told")
    return text.strip() or "CUSTOMER_CANCELLED"


def invalid_cause(description: str) -> InvalidCauseError:
    return InvalidCauseError(f"cause: {description}", violations=(Violation("cause", description),))


def position_to(order: Order) -> str:
    return f"{order.create_time.isoformat()} {order.order_id}"


def position_from(text: str) -> tuple[datetime, str] | None:
    """An instant and an order's id. Raises InvalidPageError for what a caller made up."""
    if not text:
        return None
    try:
        instant, order_id = text.split(" ")
        return datetime.fromisoformat(instant).astimezone(UTC), order_id
    except (ValueError, OverflowError):
        raise paging.InvalidPageError("page_token did not come from this query") from None
