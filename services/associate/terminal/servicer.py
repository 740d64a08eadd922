"""The gRPC face of terminals: protobuf in, one call, protobuf out. No rules here."""

import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from comptoir.associate.v1 import terminal_service_pb2 as pb
from comptoir.associate.v1 import terminal_service_pb2_grpc as pb_grpc

from chassis import paging, sessions
from chassis.access import caller
from chassis.acts import cause_from
from chassis.changes import Changed
from chassis.clock import Clock, utc_now
from chassis.deadline import left_s
from chassis.interceptors import Context
from chassis.passwords import Passwords
from chassis.records import Records, Ref, State
from chassis.requests import Request, canonical_id, request_from_pb
from chassis.tokens import Issuer
from services.associate.staff.servicer import staff_to_pb
from services.associate.staff.store import STAFF
from services.associate.terminal import challenge, device_keys, domain, session
from services.associate.terminal.domain import EnrolmentCode, Terminal, WrongCodeError
from services.associate.terminal.locations import Locations
from services.associate.terminal.revoking import Revoking
from services.associate.terminal.session import StaffSession
from services.associate.terminal.store import (
    ENROLMENT_CODES,
    SESSIONS,
    TERMINALS,
    WRITE_S_MAX,
    WRONG_CODES,
    terminals_at,
)
from services.associate.terminal.tokens import StaffTokens
from services.associate.terminal.workflow import Credentials, SignIn

PAGE_DEFAULT, PAGE_MAX = 50, 200


class TerminalServicer(pb_grpc.TerminalServiceServicer):
    """`secrets` are keys kept outside the database: codes, challenges and tokens derive from the
    first; challenges and tokens of all are honoured."""

    def __init__(
        self,
        records: Records,
        passwords: Passwords,
        issuer: Issuer,
        locations: Locations,
        *,
        secrets: Sequence[bytes],
        clock: Clock = utc_now,
    ) -> None:
        self._records = records
        self._locations = locations
        self._secret, self._secrets = secrets[0], secrets
        self._clock = clock
        self._sign_in = SignIn(records, passwords, clock, secrets=secrets)
        self._tokens = StaffTokens(issuer, secret=secrets[0])
        self._revoking = Revoking(records, clock)

    async def CreateEnrolmentCode(
        self, request: pb.CreateEnrolmentCodeRequest, context: Context
    ) -> pb.CreateEnrolmentCodeResponse:
        domain.check_label(request.label)
        domain.check_location_id(request.location_id)
        if caller().is_staff and request.location_id not in caller().location_ids:
            raise domain.unknown_location(request.location_id)
        made = self._request(request, "CreateEnrolmentCode")
        await self._locations.check(request.location_id)
        code = domain.code_of(self._secret, made.made_id)
        kept = await self._keep_code(code, request, made)
        response = pb.CreateEnrolmentCodeResponse(code=code)
        response.expire_time.FromDatetime(kept.expire_time)
        return response

    async def EnrolTerminal(
        self, request: pb.EnrolTerminalRequest, context: Context
    ) -> pb.EnrolTerminalResponse:
        device_keys.check_public_key(request.public_key)
        made = self._request(request, "EnrolTerminal")
        code_hash, now = domain.code_hash_of(self._secret, request.code), self._clock()

        def change(state: State) -> Changed[Terminal]:
            return domain.enrol(
                state.find(ENROLMENT_CODES, code_hash),
                terminal_id=made.made_id,
                public_key=request.public_key,
                now=now,
            )

        refs: list[Ref[Any]] = [Ref(ENROLMENT_CODES, code_hash), Ref(TERMINALS, made.made_id)]
        try:
            terminal = await self._records.update(
                refs, change, answer=Terminal, request=made, timeout_s=left_s(WRITE_S_MAX)
            )
        except WrongCodeError:
            await self._count_wrong_code()
            raise
        return pb.EnrolTerminalResponse(terminal=terminal_to_pb(terminal))

    async def ListTerminals(
        self, request: pb.ListTerminalsRequest, context: Context
    ) -> pb.ListTerminalsResponse:
        query = f"terminals {caller().subject} {request.location_id}"
        limit = paging.page_size(request.page_size, default=PAGE_DEFAULT, maximum=PAGE_MAX)
        after_id = paging.decode_token(request.page_token, query=query)
        # One more than asked for tells whether there is a next page.
        found = await terminals_at(
            self._records, asked_of(request.location_id), after_id=after_id, limit=limit + 1
        )
        page, token = paging.page_of(found, limit, query, lambda terminal: terminal.terminal_id)
        return pb.ListTerminalsResponse(terminals=map(terminal_to_pb, page), next_page_token=token)

    async def RevokeTerminal(
        self, request: pb.RevokeTerminalRequest, context: Context
    ) -> pb.RevokeTerminalResponse:
        asked = self._request(request, "RevokeTerminal")
        cause = cause_from(request.cause)
        terminal = await self._revoking.run(
            request.terminal_id, cause, asked, within=their_locations()
        )
        return pb.RevokeTerminalResponse(terminal=terminal_to_pb(terminal))

    async def CreateChallenge(
        self, request: pb.CreateChallengeRequest, context: Context
    ) -> pb.CreateChallengeResponse:
        nonce = os.urandom(challenge.NONCE_BYTES)
        made = challenge.challenge_for(
            self._secret, request.terminal_id, nonce=nonce, now=self._clock()
        )
        return pb.CreateChallengeResponse(challenge=made)

    async def SignIn(self, request: pb.SignInRequest, context: Context) -> pb.SignInResponse:
        given = Credentials(
            terminal_id=request.terminal_id,
            challenge=request.challenge,
            signature=request.signature,
            badge=request.badge,
            pin=request.pin,
        )
        signed_in = await self._sign_in.run(given, self._request(request, "SignIn"))
        return pb.SignInResponse(
            member=staff_to_pb(signed_in.member),
            terminal=terminal_to_pb(signed_in.terminal),
            tokens=self._tokens.to_pb(signed_in.held),
        )

    async def Refresh(self, request: pb.RefreshRequest, context: Context) -> pb.RefreshResponse:
        request_id, now = canonical_id(request.request_id), self._clock()
        session_id, generation = sessions.parse(self._secrets, request.refresh_token)
        found = await self._records.find(SESSIONS, session_id)
        # Whose it is never changes; what decides is read again below.
        staff_id = found.session.subject if found else ""

        def change(state: State) -> Changed[StaffSession]:
            return session.refresh(
                state.find(SESSIONS, session_id),
                state.find(STAFF, staff_id),
                generation=generation,
                request_id=request_id,
                now=now,
            )

        # No answer is kept: the session itself knows a repeat, and for how long.
        held = await self._records.update(
            [Ref(SESSIONS, session_id), Ref(STAFF, staff_id)],
            change,
            answer=StaffSession,
            timeout_s=left_s(WRITE_S_MAX),
        )
        held.session.check_live(now)
        return pb.RefreshResponse(tokens=self._tokens.to_pb(held))

    async def SignOut(self, request: pb.SignOutRequest, context: Context) -> pb.SignOutResponse:
        session_id = caller().session_id

        def change(state: State) -> Changed[bool]:
            found = state.find(SESSIONS, session_id)
            if found is None:  # Of another issuer, e.g. the retailer's own.
                return Changed(answer=False)
            after = session.ended(found)
            return Changed(answer=True, records=after.records, events=after.events)

        await self._records.update(
            [Ref(SESSIONS, session_id)],
            change,
            answer=bool,
            request=self._request(request, "SignOut"),
            timeout_s=left_s(WRITE_S_MAX),
        )
        return pb.SignOutResponse()

    async def _keep_code(
        self, code: str, request: pb.CreateEnrolmentCodeRequest, made: Request
    ) -> EnrolmentCode:
        code_hash = domain.code_hash_of(self._secret, code)
        changed = domain.create_code(
            code_hash=code_hash,
            location_id=request.location_id,
            label=request.label,
            now=self._clock(),
        )
        return await self._records.update(
            [Ref(ENROLMENT_CODES, code_hash)],
            lambda _: changed,
            answer=EnrolmentCode,
            request=made,
            timeout_s=left_s(WRITE_S_MAX),
        )

    async def _count_wrong_code(self) -> None:
        """Raises TooManyAttemptsError."""
        who, now = caller().subject, self._clock()
        await self._records.update(
            [Ref(WRONG_CODES, who)],
            lambda state: domain.count_wrong_code(
                state.find(WRONG_CODES, who), caller=who, now=now
            ),
            answer=bool,
            timeout_s=left_s(WRITE_S_MAX),
        )

    def _request(self, message: Any, method: str) -> Request:
        """With a body hash under our key: it is kept, and a plain one tells codes and PINs."""
        request = request_from_pb(message, subject=caller().subject, method=method)
        body_hash = hmac.digest(self._secret, b"body " + request.body_hash, hashlib.sha256)
        return replace(request, body_hash=body_hash)


def their_locations() -> frozenset[str] | None:
    """Where the caller works; None for clients, who work everywhere."""
    return caller().location_ids if caller().is_staff else None


def asked_of(location_id: str) -> frozenset[str] | None:
    """The shops that the caller asks for and that are theirs; None for all."""
    theirs = their_locations()
    if not location_id:
        return theirs
    return frozenset({location_id}) if theirs is None else theirs & {location_id}


def terminal_to_pb(terminal: Terminal) -> pb.Terminal:
    return pb.Terminal(
        terminal_id=terminal.terminal_id,
        location_id=terminal.location_id,
        label=terminal.label,
        revision=terminal.revision,
        revoked=terminal.revoked,
    )
