"""What a sales channel and a stock keeper do on the running suite, until each call is answered."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

import grpc
from comptoir.inventory.v1 import count_service_pb2 as count_pb
from comptoir.inventory.v1 import reservation_service_pb2 as pb
from comptoir.inventory.v1 import sourcing_service_pb2 as sourcing_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1.count_service_pb2_grpc import CountServiceStub
from comptoir.inventory.v1.reservation_service_pb2_grpc import ReservationServiceStub
from comptoir.inventory.v1.sourcing_service_pb2_grpc import SourcingServiceStub
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub
from google.protobuf.duration_pb2 import Duration

from comptoir_client import CallError, Session, call

HERE, THERE = "paris-bastille", "montreuil"
HOLD = Duration(seconds=600)
# However often a process dies meanwhile, and however many wait for their turn.
TRIES_MAX = 40


def line(sku: str, quantity: int = 1, *, location_id: str = HERE) -> stock_pb.StockLine:
    return stock_pb.StockLine(location_id=location_id, sku=sku, quantity=quantity)


class Program:
    def __init__(self, inventory: grpc.aio.Channel, session: Session) -> None:
        self._session = session
        self._reservations = ReservationServiceStub(inventory)
        self._stock = StockServiceStub(inventory)
        self._counts = CountServiceStub(inventory)
        self._sourcing = SourcingServiceStub(inventory)

    async def _call(self, method: Any, request: Any) -> Any:
        """The answer; the reason, in capitals, where the answer is no."""
        try:
            return await call(method, request, self._session, tries_max=TRIES_MAX)
        except CallError as error:
            return error.reason


class Seller(Program):
    """Each method answers with what it made, or with the reason why not."""

    async def reserve(
        self, *lines: stock_pb.StockLine, request_id: str = "", hold: Duration = HOLD
    ) -> Any:
        request = pb.ReserveRequest(
            request_id=request_id or str(uuid4()), lines=lines, hold_duration=hold
        )
        return reservation_of(await self._call(self._reservations.Reserve, request))

    async def supersede(self, reservation_id: str, *lines: stock_pb.StockLine) -> Any:
        request = pb.SupersedeRequest(
            request_id=str(uuid4()),
            reservation_id=reservation_id,
            lines=lines,
            hold_duration=HOLD,
        )
        return reservation_of(await self._call(self._reservations.Supersede, request))

    async def renew(self, reservation_id: str) -> Any:
        request = pb.RenewRequest(
            request_id=str(uuid4()),
            reservation_id=reservation_id,
            hold_duration=Duration(seconds=3600),
        )
        return reservation_of(await self._call(self._reservations.Renew, request))

    async def release(self, reservation_id: str) -> Any:
        request = pb.ReleaseRequest(request_id=str(uuid4()), reservation_id=reservation_id)
        return reservation_of(await self._call(self._reservations.Release, request))

    async def get(self, reservation_id: str) -> Any:
        request = pb.GetReservationRequest(reservation_id=reservation_id)
        return reservation_of(await self._call(self._reservations.GetReservation, request))

    async def pay(self, reservation_id: str) -> Any:
        """The units are gone."""
        request = pb.CommitRequest(request_id=str(uuid4()), reservation_id=reservation_id)
        return reservation_of(await self._call(self._reservations.Commit, request))

    async def sell(self, sku: str, quantity: int = 1, *, location_id: str = HERE) -> Any:
        """At a till, without a hold: a fact."""
        sold = line(sku, quantity, location_id=location_id)
        request = stock_pb.RecordSaleRequest(request_id=str(uuid4()), lines=[sold])
        return await self._call(self._stock.RecordSale, request)


class Keeper(Program):
    async def put(self, sku: str, quantity: int, *, location_id: str = HERE) -> None:
        await self.put_all({sku: quantity}, location_id=location_id)

    async def put_all(self, quantities: Mapping[str, int], *, location_id: str = HERE) -> None:
        async def levels() -> AsyncIterator[stock_pb.ImportStockRequest]:
            for sku, quantity in quantities.items():
                yield stock_pb.ImportStockRequest(
                    location_id=location_id, sku=sku, sellable_quantity=quantity
                )

        metadata = await self._session.metadata()
        async for answer in self._stock.ImportStock(levels(), metadata=metadata):
            assert not answer.progress.rejections, answer

    async def available(self, sku: str, *, location_id: str = HERE) -> stock_pb.Availability:
        return (await self.available_of([sku], location_id=location_id))[0]

    async def available_of(
        self, skus: Sequence[str], *, location_id: str = HERE
    ) -> Sequence[stock_pb.Availability]:
        request = stock_pb.BatchGetAvailabilityRequest(skus=skus, location_ids=[location_id])
        answer = await self._call(self._stock.BatchGetAvailability, request)
        found: Sequence[stock_pb.Availability] = answer.availabilities
        return found

    async def begin_count(self, skus: Sequence[str]) -> str:
        request = count_pb.BeginCountRequest(request_id=str(uuid4()), location_id=HERE, skus=skus)
        count_id: str = (await self._call(self._counts.BeginCount, request)).count.count_id
        return count_id

    async def record_count(self, count_id: str, seen: Sequence[count_pb.SeenLine]) -> Any:
        request = count_pb.RecordCountRequest(
            request_id=str(uuid4()), count_id=count_id, lines=seen
        )
        return await self._call(self._counts.RecordCount, request)

    async def put_rule(self, source_id: str, target_id: str, *, withdrawn: bool = False) -> None:
        """What one location sends to another is there within the hour."""
        rule = sourcing_pb.TransferRule(
            source_location_id=source_id,
            target_location_id=target_id,
            bands=[sourcing_pb.DistanceBand(lead_duration=Duration(seconds=3600))],
            withdrawn=withdrawn,
        )
        request = sourcing_pb.PutTransferRulesRequest(rules=[rule])
        await self._call(self._sourcing.PutTransferRules, request)

    async def proof(self, sku: str, *, location_id: str = HERE) -> stock_pb.VerifyBalanceResponse:
        request = stock_pb.VerifyBalanceRequest(location_id=location_id, sku=sku)
        answer: stock_pb.VerifyBalanceResponse = await self._call(
            self._stock.VerifyBalance, request
        )
        return answer


def reservation_of(answer: Any) -> Any:
    return answer if isinstance(answer, str) else answer.reservation


def is_made(outcome: object) -> bool:
    return isinstance(outcome, pb.Reservation)
