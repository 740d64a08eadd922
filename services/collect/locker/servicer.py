"""The gRPC face of cabinets: protobuf in, one call, protobuf out. No rules here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, closing
from datetime import UTC, datetime
from typing import Any

from comptoir.collect.v1 import locker_service_pb2 as pb
from comptoir.collect.v1 import locker_service_pb2_grpc as pb_grpc

from chassis import paging
from chassis.access import Caller, caller
from chassis.changes import Changed
from chassis.clock import Clock, utc_now
from chassis.deadline import left_s
from chassis.interceptors import Context
from chassis.lockout import Attempts, place_of
from chassis.records import Records, Ref, State
from chassis.requests import request_from_pb
from chassis.tail import Tail
from chassis.tokens import USER_LIFETIME, Issuer
from services.collect.guessing.store import ATTEMPTS
from services.collect.locker import domain, enrolment
from services.collect.locker.cabinet import Cabinet
from services.collect.locker.capability import Secrets, Verifiers, is_signed
from services.collect.locker.enrolment import Statements
from services.collect.locker.journal import OnEntry, RefsFor
from services.collect.locker.store import (
    CABINETS,
    STATEMENTS,
    cabinets_at,
)
from services.collect.locker.stream import (
    LOOK_S,
    SILENCE_S,
    WRITE_S_MAX,
    House,
    Inbox,
    open_stream,
)
from services.collect.locker.wire import cabinet_to_pb, time_from_pb

PAGE_DEFAULT, PAGE_MAX = 50, 200
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class LockerServicer(pb_grpc.LockerServiceServicer):
    """Cabinets, their codes, tokens and streams.

    Args:
        issuer: Of collect: its keys sign tokens and capabilities.
        tail: Of the service's own log: wakes a cabinet's stream, whichever replica wrote.
        secrets: From which all that opens derives.
        on_entry: What a journal entry makes of cabinet and order, in one update.
        refs_for: The records that it reads.
        silence_s: After so long without a message a stream is ended.
        look_s: How long a change may stay untold if the log's hint was lost.
    """

    def __init__(
        self,
        records: Records,
        *,
        issuer: Issuer,
        tail: Tail,
        secrets: Secrets,
        on_entry: OnEntry,
        refs_for: RefsFor,
        clock: Clock = utc_now,
        silence_s: float = SILENCE_S,
        look_s: float = LOOK_S,
    ) -> None:
        self._records = records
        self._issuer = issuer
        self._tail = tail
        self._clock = clock
        self._secrets = secrets
        self._house = House(
            records=records,
            keyring=issuer.keyring,
            secrets=secrets,
            verifiers=Verifiers(secrets),
            on_entry=on_entry,
            refs_for=refs_for,
            clock=clock,
            silence_s=silence_s,
            look_s=look_s,
        )

    async def CreateCabinetCode(
        self, request: pb.CreateCabinetCodeRequest, context: Context
    ) -> pb.CreateCabinetCodeResponse:
        made = request_from_pb(request, subject=caller().subject, method="CreateCabinetCode")
        code = self._secrets.enrolment_code(request.cabinet_id, made.made_id)
        code_hash = self._secrets.enrolment_hash(request.cabinet_id, code)
        who, now = caller(), self._clock()

        def change(state: State) -> Changed[datetime]:
            before = state.find(CABINETS, request.cabinet_id)
            if before is None or not may_see(who, before):
                raise domain.UnknownCabinetError("no such cabinet", cabinet_id=request.cabinet_id)
            after = enrolment.code_made(
                before, code_hash=code_hash, now=now, keeps_key=request.keeps_key
            )
            return Changed(
                answer=now + enrolment.CODE_LIFE,
                records=(after,),
                events=(domain.event_of(after),),
            )

        expire_time = await self._records.update(
            [Ref(CABINETS, request.cabinet_id)],
            change,
            answer=datetime,
            request=made,
            timeout_s=left_s(WRITE_S_MAX),
        )
        response = pb.CreateCabinetCodeResponse(code=code)
        response.expire_time.FromDatetime(expire_time)
        return response

    async def EnrolCabinet(
        self, request: pb.EnrolCabinetRequest, context: Context
    ) -> pb.EnrolCabinetResponse:
        enrolment.check_key(request.public_key)
        place = place_of("cabinet", request.cabinet_id)
        try:
            cabinet_id = await self._enrol(request, place)
        except enrolment.WrongCodeError:
            await self._count_wrong_code(place)
            raise
        return pb.EnrolCabinetResponse(cabinet_id=cabinet_id)

    async def IssueCabinetToken(
        self, request: pb.IssueCabinetTokenRequest, context: Context
    ) -> pb.IssueCabinetTokenResponse:
        cabinet = await self._records.find(CABINETS, request.cabinet_id)
        sign_time = time_from_pb(request.sign_time) or LONG_AGO
        signed = enrolment.statement(request.cabinet_id, sign_time, request.nonce)
        if cabinet is None or cabinet.public_key is None:
            raise enrolment.unknown_key()
        if not is_signed(cabinet.public_key, signed, request.signature):
            raise enrolment.unknown_key()
        await self._spend(request, sign_time)
        # The key goes into the token: one that was replaced must not attach with it.
        now = self._clock().replace(microsecond=0)
        token = self._issuer.sign(
            subject=cabinet.cabinet_id, grants=["locker"], sid=cabinet.public_key.hex()
        )
        response = pb.IssueCabinetTokenResponse(access_token=token)
        response.access_expire_time.FromDatetime(now + USER_LIFETIME)
        return response

    async def Attach(
        self, request_iterator: AsyncIterator[pb.AttachRequest], context: Context
    ) -> AsyncIterator[pb.AttachResponse]:
        who = caller()
        inbox = Inbox(
            request_iterator,
            silence_s=self._house.silence_s,
            monotonic_s=asyncio.get_running_loop().time,
        )
        with closing(inbox), self._tail.bell(who.subject) as changes:
            stream = await open_stream(self._house, who.subject, who.session_id, inbox)
            async with aclosing(stream.responses(inbox, changes)) as responses:
                async for response in responses:
                    yield response

    async def ListCabinets(
        self, request: pb.ListCabinetsRequest, context: Context
    ) -> pb.ListCabinetsResponse:
        limit = paging.page_size(request.page_size, default=PAGE_DEFAULT, maximum=PAGE_MAX)
        query = f"cabinets {caller().subject} {request.location_id}"
        after_id = paging.decode_token(request.page_token, query=query)
        is_staff = caller().is_staff
        if is_staff and request.location_id not in caller().location_ids:
            return pb.ListCabinetsResponse()
        # One more than asked for tells whether there is a next page.
        found = await cabinets_at(
            self._records, request.location_id, after_id=after_id, limit=limit + 1
        )
        page, token = paging.page_of(found, limit, query, lambda cabinet: cabinet.cabinet_id)
        now = self._clock()
        return pb.ListCabinetsResponse(
            cabinets=[cabinet_to_pb(cabinet, now, orders=is_staff) for cabinet in page],
            next_page_token=token,
        )

    async def _enrol(self, request: pb.EnrolCabinetRequest, place: str) -> str:
        """Raises WrongCodeError."""
        made = request_from_pb(request, subject=request.cabinet_id, method="EnrolCabinet")
        # What is asked in the name of an unknown cabinet leaves nothing behind but its count.
        if await self._records.find(CABINETS, request.cabinet_id) is None:
            raise enrolment.wrong_code()
        code_hash = self._secrets.enrolment_hash(request.cabinet_id, request.code)
        now = self._clock()

        def change(state: State) -> Changed[str]:
            before = state.find(CABINETS, request.cabinet_id)
            after = enrolment.enrolled(
                before, code_hash=code_hash, public_key=request.public_key, now=now
            )
            attempts = state.find(ATTEMPTS, place)
            forgotten = () if attempts is None else (attempts.succeeded(),)
            told = () if after is before else (domain.event_of(after),)
            return Changed(answer=after.cabinet_id, records=(after, *forgotten), events=told)

        refs: list[Ref[Any]] = [
            Ref(CABINETS, request.cabinet_id),
            Ref(ATTEMPTS, place),
        ]
        return await self._records.update(
            refs, change, answer=str, request=made, timeout_s=left_s(WRITE_S_MAX)
        )

    async def _count_wrong_code(self, place: str) -> None:
        """Raises TooManyAttemptsError."""
        now = self._clock()

        def change(state: State) -> Changed[bool]:
            attempts = state.find(ATTEMPTS, place) or Attempts(key=place)
            return Changed(answer=True, records=(attempts.checked(now).failed(now),))

        await self._records.update(
            [Ref(ATTEMPTS, place)], change, answer=bool, timeout_s=left_s(WRITE_S_MAX)
        )

    async def _spend(self, request: pb.IssueCabinetTokenRequest, sign_time: datetime) -> None:
        """Raises UnknownCabinetKeyError, TooManyTokensError."""
        now = self._clock()

        def change(state: State) -> Changed[None]:
            after: Statements = enrolment.spent(
                state.find(STATEMENTS, request.cabinet_id),
                cabinet_id=request.cabinet_id,
                nonce=request.nonce,
                sign_time=sign_time,
                now=now,
            )
            return Changed(answer=None, records=(after,))

        await self._records.update(
            [Ref(STATEMENTS, request.cabinet_id)],
            change,
            answer=type(None),
            timeout_s=left_s(WRITE_S_MAX),
        )


def may_see(who: Caller, cabinet: Cabinet) -> bool:
    """Staff see the cabinets of their shops, machine clients all."""
    return not who.is_staff or cabinet.location_id in who.location_ids
