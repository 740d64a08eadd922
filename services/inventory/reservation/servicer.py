"""The gRPC face of reservations: protobuf in, one call, protobuf out. No rules here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from typing import Any, TypeAlias

import grpc
from comptoir.inventory.v1 import reservation_service_pb2 as pb
from comptoir.inventory.v1 import reservation_service_pb2_grpc as pb_grpc

from chassis import paging
from chassis.access import caller
from chassis.answering import answered
from chassis.deadline import left_s
from chassis.requests import Request, request_from_pb
from services.inventory.books import Books
from services.inventory.ledger.looking import counted_then
from services.inventory.limit.taken import TakenKey
from services.inventory.reservation import domain, reserving
from services.inventory.reservation.counting import Counts
from services.inventory.reservation.domain import Reservation
from services.inventory.reservation.grid import check_hold
from services.inventory.reservation.messages import (
    found_from_pb,
    hold_from_pb,
    reservation_to_pb,
    unheld_to_pb,
    wish_from_pb,
)
from services.inventory.reservation.reserving import Wish
from services.inventory.reservation.store import (
    RESERVATIONS,
    Rule,
    reservations_of,
    supersede_reservation,
    update_reservation,
)
from services.inventory.reservation.stream import (
    OPERATIONS_AT_ONCE_MAX,
    STREAMED_AT_ONCE_MAX,
    operated,
)
from services.inventory.stock.messages import bucket_from_pb, looks_from_pb
from services.inventory.stock.rights import check_acts_for

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

WRITE_S_MAX = 2.0


class ReservationServicer(pb_grpc.ReservationServiceServicer):
    def __init__(self, books: Books) -> None:
        self._books = books
        self._stream_room = asyncio.Semaphore(STREAMED_AT_ONCE_MAX)

    async def Reserve(self, request: pb.ReserveRequest, context: Context) -> pb.ReserveResponse:
        reserve = request_from_pb(request, subject=caller().subject, method="Reserve")
        wish, note = await self._wish(request), self._books.note(reserve)
        made = await update_reservation(
            self._books.updates,
            note.write_id,
            [line.place for line in wish.lines],
            partial(reserving.reserve, wish=wish, owner=reserve.subject, note=note),
            counts=self._counts(wish, reserve.subject),
            request=reserve,
            timeout_s=left_s(WRITE_S_MAX),
        )
        return pb.ReserveResponse(
            reservation=reservation_to_pb(made), unheld_lines=unheld_to_pb(wish, made)
        )

    async def Supersede(
        self, request: pb.SupersedeRequest, context: Context
    ) -> pb.SupersedeResponse:
        # One method to both, so that whoever undoes need not know which it was.
        supersede = request_from_pb(request, subject=caller().subject, method="Reserve")
        wish, note = await self._wish(request), self._books.note(supersede)
        rule = partial(reserving.supersede, wish=wish, owner=supersede.subject, note=note)
        old = await self._own(request.reservation_id)
        made = await supersede_reservation(
            self._books.updates,
            old,
            note.write_id,
            [line.place for line in wish.lines],
            rule,
            counts=self._counts(wish, supersede.subject, old.taken_keys),
            request=supersede,
            timeout_s=left_s(WRITE_S_MAX),
        )
        return pb.SupersedeResponse(
            reservation=reservation_to_pb(made), unheld_lines=unheld_to_pb(wish, made)
        )

    async def CancelReserve(
        self, request: pb.CancelReserveRequest, context: Context
    ) -> pb.CancelReserveResponse:
        reserve = request_from_pb(request, subject=caller().subject, method="Reserve")
        await self._books.records.cancel(reserve, timeout_s=left_s(WRITE_S_MAX))
        # Looked for even if it was never seen: after 30 days its answer is forgotten,
        # but the reservation may have been renewed until now.
        found = await self._books.records.find(RESERVATIONS, reserve.made_id)
        if found is None:
            return pb.CancelReserveResponse()
        rule = partial(domain.undo, owner=reserve.subject, note=self._books.note(reserve))
        undone = await self._update(own(found), rule, request=None)
        return pb.CancelReserveResponse(reservation=reservation_to_pb(undone))

    async def Renew(self, request: pb.RenewRequest, context: Context) -> pb.RenewResponse:
        renew = request_from_pb(request, subject=caller().subject, method="Renew")
        hold = hold_from_pb(request.hold_duration)
        check_hold(hold)
        rule = partial(domain.renew, hold=hold, owner=renew.subject, note=self._books.note(renew))
        renewed = await self._update(await self._own(request.reservation_id), rule, request=renew)
        return pb.RenewResponse(reservation=reservation_to_pb(renewed))

    async def Release(self, request: pb.ReleaseRequest, context: Context) -> pb.ReleaseResponse:
        release = request_from_pb(request, subject=caller().subject, method="Release")
        rule = partial(domain.release, owner=release.subject, note=self._books.note(release))
        own = await self._own(request.reservation_id)
        released = await self._update(own, rule, request=release)
        return pb.ReleaseResponse(reservation=reservation_to_pb(released))

    async def Commit(self, request: pb.CommitRequest, context: Context) -> pb.CommitResponse:
        commit = request_from_pb(request, subject=caller().subject, method="Commit")
        target = bucket_from_pb(request.target, "target")
        domain.check_target(target)
        picked = [found_from_pb(line) for line in request.found_lines]
        domain.check_found(picked)
        own = await self._own(request.reservation_id)
        missed = (line for line in request.found_lines if line.not_found_quantity)
        rule = partial(
            domain.commit,
            picked=picked,
            target=target,
            owner=commit.subject,
            note=self._books.note(commit),
            counted_then=await counted_then(self._books.records, looks_from_pb(missed)),
        )
        committed = await self._update(own, rule, request=commit)
        return pb.CommitResponse(reservation=reservation_to_pb(committed))

    async def ReserveStream(
        self, requests: AsyncIterator[pb.ReserveStreamRequest], context: Context
    ) -> AsyncIterator[pb.ReserveStreamResponse]:
        answer = partial(
            operated, self, room=self._stream_room, clock=self._books.clock, context=context
        )
        async with aclosing(
            answered(requests, answer, at_once_max=OPERATIONS_AT_ONCE_MAX)
        ) as answers:
            async for each in answers:
                yield each

    async def GetReservation(
        self, request: pb.GetReservationRequest, context: Context
    ) -> pb.GetReservationResponse:
        found = await self._own(request.reservation_id)
        return pb.GetReservationResponse(
            reservation=reservation_to_pb(found.at(self._books.clock()))
        )

    async def ListReservations(
        self, request: pb.ListReservationsRequest, context: Context
    ) -> pb.ListReservationsResponse:
        who, now = caller(), self._books.clock()
        query = f"reservations {who.subject} {who.actor}"
        limit = paging.page_size(request.page_size, default=50, maximum=500)
        after_id = paging.decode_token(request.page_token, query=query)
        # One more than asked for tells whether there is a next page.
        found = await reservations_of(
            self._books.records,
            who.subject,
            document_id=who.actor if who.is_service else None,
            after_id=after_id,
            limit=limit + 1,
        )
        page, more = found[:limit], len(found) > limit
        token = paging.encode_token(page[-1].reservation_id, query=query) if more else ""
        return pb.ListReservationsResponse(
            reservations=[reservation_to_pb(r.at(now)) for r in page], next_page_token=token
        )

    async def _wish(self, request: pb.ReserveRequest | pb.SupersedeRequest) -> Wish:
        """Raises what `check_wish` raises, AccessDeniedError, UnknownLocationError."""
        wish = wish_from_pb(request)
        reserving.check_wish(wish)
        check_acts_for(caller(), [wish.document_id])
        await self._books.locations.check(line.location_id for line in wish.lines)
        return wish

    def _counts(self, wish: Wish, owner: str, keys: tuple[TakenKey, ...] = ()) -> Counts:
        """`keys` are of what it replaces."""
        limits = self._books.limits.of({line.sku: None for line in wish.lines})
        return Counts(keys=keys, limits=limits, owner=owner, buyer_id=wish.buyer_id)

    async def _own(self, reservation_id: str) -> Reservation:
        """Raises UnknownReservationError."""
        found = await self._books.records.find(RESERVATIONS, reservation_id)
        return own(found)

    async def _update(
        self, found: Reservation, rule: Rule, *, request: Request | None
    ) -> Reservation:
        # No line comes to it, so what was read before names the rows and the counters.
        return await update_reservation(
            self._books.updates,
            found.reservation_id,
            found.places,
            rule,
            counts=Counts(keys=found.taken_keys),
            request=request,
            timeout_s=left_s(WRITE_S_MAX),
        )


def own(found: Reservation | None) -> Reservation:
    """Raises UnknownReservationError, also when it is another owner's, or one of a document
    that the calling service does not work for."""
    who = caller()
    # Decided before the write: what a reservation is for never changes.
    concerned = found if found is not None and who.acts_for(found.document_id) else None
    return domain.owned(concerned, owner=who.subject)
