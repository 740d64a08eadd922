"""Answers that are encoded already, through a real server."""

from collections.abc import AsyncIterator

import grpc
import pytest
from comptoir.catalog.v1 import product_service_pb2 as pb
from comptoir.type.v1.encoded_pb2 import EncodedList

from chassis.encoded import encoded_as
from chassis.interceptors import Context, error_interceptor

VIEWS = [pb.ProductView(product=pb.Product(sku=sku)) for sku in ("A", "B")]
SEARCH = "/t.T/search"


async def search(request: pb.SearchProductsRequest, context: Context) -> pb.SearchProductsResponse:
    items = [view.SerializeToString() for view in VIEWS]
    match request.query:
        case "page":
            rest = pb.SearchProductsResponse(next_page_token="more", total_count=9)
            return encoded_as(pb.SearchProductsResponse, items, rest)
        case "list":
            return encoded_as(pb.SearchProductsResponse, items)
    return pb.SearchProductsResponse(views=VIEWS)


@pytest.fixture
async def channel() -> AsyncIterator[grpc.aio.Channel]:
    """Behind two interceptors, as handlers are wrapped more than once."""
    handler = grpc.unary_unary_rpc_method_handler(
        search,
        request_deserializer=pb.SearchProductsRequest.FromString,
        response_serializer=pb.SearchProductsResponse.SerializeToString,
    )
    server = grpc.aio.server(interceptors=[error_interceptor("t"), error_interceptor("t")])
    methods = grpc.method_handlers_generic_handler("t.T", {"search": handler})
    server.add_generic_rpc_handlers((methods,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.stop(grace=None)


async def found(channel: grpc.aio.Channel, query: str) -> pb.SearchProductsResponse:
    ask = channel.unary_unary(
        SEARCH,
        request_serializer=pb.SearchProductsRequest.SerializeToString,
        response_deserializer=pb.SearchProductsResponse.FromString,
    )
    answer: pb.SearchProductsResponse = await ask(pb.SearchProductsRequest(query=query), timeout=5)
    return answer


@pytest.mark.parametrize("query", ["list", "message"])
async def test_an_encoded_answer_is_the_message_it_stands_for(
    channel: grpc.aio.Channel, query: str
) -> None:
    assert list((await found(channel, query)).views) == VIEWS


async def test_other_fields_come_beside_the_list(channel: grpc.aio.Channel) -> None:
    page = await found(channel, "page")

    assert (len(page.views), page.next_page_token, page.total_count) == (2, "more", 9)


async def test_a_list_is_read_without_reading_its_items(channel: grpc.aio.Channel) -> None:
    ask = channel.unary_unary(
        SEARCH,
        request_serializer=pb.SearchProductsRequest.SerializeToString,
        response_deserializer=EncodedList.FromString,
    )
    items = (await ask(pb.SearchProductsRequest(query="message"), timeout=5)).items

    assert [pb.ProductView.FromString(item) for item in items] == VIEWS
