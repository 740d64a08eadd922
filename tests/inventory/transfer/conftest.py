"""Transfers beside the inventory of `house`: its records, its clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from comptoir.inventory.v1 import transfer_service_pb2_grpc as pb_grpc

from services.inventory.transfer.servicer import TransferServicer
from tests.inventory.house import House, books_of
from tests.serving import serving


@asynccontextmanager
async def transfers_of(house: House) -> "AsyncIterator[pb_grpc.TransferServiceAsyncStub]":
    async with serving(TransferServicer(books_of(house))) as channel:
        yield pb_grpc.TransferServiceStub(channel)


@pytest.fixture
async def transfers(house: House) -> "AsyncIterator[pb_grpc.TransferServiceAsyncStub]":
    async with transfers_of(house) as stub:
        yield stub


@pytest.fixture
async def any_transfers(any_house: House) -> "AsyncIterator[pb_grpc.TransferServiceAsyncStub]":
    async with transfers_of(any_house) as stub:
        yield stub
