"""A channel bounds every call, names every stream, and repeats what nobody took."""

import asyncio
import importlib
from pathlib import Path
from typing import Any

import grpc
import pytest
from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from comptoir_client.channels import STREAMS, open_channel, service_config
from tests.clients.behaving import STOCK, behaving, channel_to

GEN = Path(__file__).parents[3] / "gen"
SHORT_S = 0.1


def test_every_stream_of_the_contracts_has_the_time_of_a_stream() -> None:
    modules = [".".join(file.relative_to(GEN).with_suffix("").parts) for file in services()]
    described = [
        service
        for module in modules
        for service in importlib.import_module(module).DESCRIPTOR.services_by_name.values()
    ]

    streams = {
        service.full_name: tuple(sorted(m.name for m in service.methods if is_stream(m)))
        for service in described
    }

    assert dict(STREAMS) == {name: methods for name, methods in streams.items() if methods}
    [_, longer] = service_config()["methodConfig"]
    assert {"service": STOCK, "method": "WatchStock"} in longer["name"]


def services() -> list[Path]:
    return sorted(GEN.rglob("*_service_pb2.py"))


def is_stream(method: Any) -> bool:
    return bool(method.client_streaming or method.server_streaming)


async def test_a_call_ends_in_time_and_a_stream_goes_on() -> None:
    ended = asyncio.Event()

    async def record(request: pb.RecordSaleRequest, context: Any) -> None:
        await asyncio.Event().wait()

    async def watch(request: pb.WatchStockRequest, context: Any) -> Any:
        yield pb.WatchStockResponse(cursor="1")
        await ended.wait()
        yield pb.WatchStockResponse(cursor="2")

    async with (
        behaving(STOCK, RecordSale=record, WatchStock=watch) as address,
        open_channel(address, call_s_max=SHORT_S) as channel,
    ):
        stub = StockServiceStub(channel)
        responses = aiter(stub.WatchStock(pb.WatchStockRequest()))
        await anext(responses)
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await stub.RecordSale(pb.RecordSaleRequest())
        ended.set()
        last = await anext(responses)

    assert failed.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert last.cursor == "2"


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED])
async def test_what_nobody_took_goes_out_again(code: grpc.StatusCode) -> None:
    taken = list[str]()

    async def record(request: pb.RecordSaleRequest, context: Any) -> pb.RecordSaleResponse:
        taken.append(request.request_id)
        if len(taken) < 3:
            await context.abort(code, "on its way out")
        return pb.RecordSaleResponse()

    async with channel_to(STOCK, RecordSale=record) as channel:
        await StockServiceStub(channel).RecordSale(pb.RecordSaleRequest(request_id="one"))

    assert taken == ["one"] * 3
