"""The gRPC face of transfers: protobuf in, one call, protobuf out. No rules here."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

import grpc
from comptoir.inventory.v1 import transfer_service_pb2 as pb
from comptoir.inventory.v1 import transfer_service_pb2_grpc as pb_grpc

from chassis import paging
from chassis.access import caller
from chassis.changes import Changed
from chassis.deadline import left_s
from chassis.requests import Request, request_from_pb
from services.inventory.books import Books
from services.inventory.ledger.domain import Rows
from services.inventory.stock.domain import Place
from services.inventory.transfer import asking, domain, moving
from services.inventory.transfer.domain import Transfer
from services.inventory.transfer.listing import after_from, asked_from_pb, key_of
from services.inventory.transfer.messages import (
    arrived_from_pb,
    draft_from_pb,
    due_from_pb,
    shipped_from_pb,
    transfer_to_pb,
)
from services.inventory.transfer.rights import check_may_list, check_receives, check_ships, seen
from services.inventory.transfer.store import (
    TRANSFERS,
    keep,
    newest_transfers,
    update_transfer,
)

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

WRITE_S_MAX = 2.0


class TransferServicer(pb_grpc.TransferServiceServicer):
    def __init__(self, books: Books) -> None:
        self._books = books

    async def CreateTransfer(
        self, request: pb.CreateTransferRequest, context: Context
    ) -> pb.CreateTransferResponse:
        create = request_from_pb(request, subject=caller().subject, method="CreateTransfer")
        draft = draft_from_pb(request, create.made_id, self._books.clock())
        asking.check_draft(draft)
        await self._books.locations.check([draft.source_location_id, draft.target_location_id])
        kept = await keep(self._books.updates, draft, request=create, timeout_s=left_s(WRITE_S_MAX))
        return pb.CreateTransferResponse(transfer=transfer_to_pb(kept))

    async def MarkReady(
        self, request: pb.MarkReadyRequest, context: Context
    ) -> pb.MarkReadyResponse:
        mark = request_from_pb(request, subject=caller().subject, method="MarkReady")
        found = await self._found(request.transfer_id)
        check_ships(caller(), found)
        ready = await self._update(found, (), without_rows(domain.mark_ready), mark)
        return pb.MarkReadyResponse(transfer=transfer_to_pb(ready))

    async def ShipTransfer(
        self, request: pb.ShipTransferRequest, context: Context
    ) -> pb.ShipTransferResponse:
        ship = request_from_pb(request, subject=caller().subject, method="ShipTransfer")
        shipped, due = [shipped_from_pb(line) for line in request.lines], due_from_pb(request)
        asking.check_shipped(shipped, due)
        found = await self._found(request.transfer_id)
        check_ships(caller(), found)
        rule = partial(moving.ship, shipped=shipped, due=due, note=self._books.note(ship))
        left = await self._update(found, [*found.sources, *found.targets], rule, ship)
        return pb.ShipTransferResponse(transfer=transfer_to_pb(left))

    async def ReceiveTransfer(
        self, request: pb.ReceiveTransferRequest, context: Context
    ) -> pb.ReceiveTransferResponse:
        receive = request_from_pb(request, subject=caller().subject, method="ReceiveTransfer")
        arrived = [arrived_from_pb(line) for line in request.lines]
        asking.check_arrived(arrived)
        found = await self._found(request.transfer_id)
        check_receives(caller(), found)
        places = [Place(found.target_location_id, line.sku) for line in arrived]
        rule = partial(moving.receive, arrived=arrived, note=self._books.note(receive))
        received = await self._update(found, places, rule, receive)
        return pb.ReceiveTransferResponse(transfer=transfer_to_pb(received))

    async def CloseTransfer(
        self, request: pb.CloseTransferRequest, context: Context
    ) -> pb.CloseTransferResponse:
        close = request_from_pb(request, subject=caller().subject, method="CloseTransfer")
        asking.check_cause(request.cause)
        found = await self._found(request.transfer_id)
        check_receives(caller(), found)
        rule = partial(moving.close, cause=request.cause, note=self._books.note(close))
        closed = await self._update(found, found.targets, rule, close)
        return pb.CloseTransferResponse(transfer=transfer_to_pb(closed))

    async def CancelTransfer(
        self, request: pb.CancelTransferRequest, context: Context
    ) -> pb.CancelTransferResponse:
        cancel = request_from_pb(request, subject=caller().subject, method="CancelTransfer")
        found = await self._found(request.transfer_id)
        check_ships(caller(), found)
        cancelled = await self._update(found, (), without_rows(domain.cancel), cancel)
        return pb.CancelTransferResponse(transfer=transfer_to_pb(cancelled))

    async def GetTransfer(
        self, request: pb.GetTransferRequest, context: Context
    ) -> pb.GetTransferResponse:
        found = await self._found(request.transfer_id)
        return pb.GetTransferResponse(transfer=transfer_to_pb(found))

    async def ListTransfers(
        self, request: pb.ListTransfersRequest, context: Context
    ) -> pb.ListTransfersResponse:
        limit = paging.page_size(request.page_size, default=50, maximum=100)
        equal = asked_from_pb(request)
        ends = asking.check_ends(request.source_location_id, request.target_location_id)
        check_may_list(caller(), ends)
        query = f"transfers {sorted(equal.items())}"
        after = after_from(paging.decode_token(request.page_token, query=query))
        await self._books.locations.check(ends)
        # One more than asked for tells whether there is a next page.
        found = await newest_transfers(self._books.records, equal, after=after, limit=limit + 1)
        page, token = paging.page_of(found, limit, query, key=key_of)
        return pb.ListTransfersResponse(transfers=map(transfer_to_pb, page), next_page_token=token)

    async def _found(self, transfer_id: str) -> Transfer:
        """As it was: of what never changes, its ends and its skus. Raises UnknownTransferError."""
        found = await self._books.records.find(TRANSFERS, transfer_id)
        return seen(caller(), found)

    async def _update(
        self,
        found: Transfer,
        places: Sequence[Place],
        rule: Callable[[Transfer, Rows], Changed[Transfer]],
        request: Request,
    ) -> Transfer:
        return await update_transfer(
            self._books.updates,
            found,
            places,
            rule,
            request=request,
            timeout_s=left_s(WRITE_S_MAX),
        )


def without_rows(
    rule: Callable[[Transfer], Changed[Transfer]],
) -> Callable[[Transfer, Rows], Changed[Transfer]]:
    """A step that moves nothing."""
    return lambda transfer, rows: rule(transfer)
