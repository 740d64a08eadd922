"""The gRPC face of sign-up, sign-in and sessions: protobuf in, one call, protobuf out."""

from collections.abc import Sequence
from typing import Any

from comptoir.customer.v1 import identity_service_pb2 as pb
from comptoir.customer.v1 import identity_service_pb2_grpc as pb_grpc

from chassis import sessions
from chassis.access import CUSTOMER, caller
from chassis.clock import Clock, utc_now
from chassis.interceptors import Context
from chassis.passwords import Passwords
from chassis.records import Records, Ref
from chassis.requests import Request, canonical_id, request_from_pb
from chassis.sessions import Session
from chassis.tokens import USER_LIFETIME, Issuer
from services.customer.identity import domain
from services.customer.identity.store import SESSIONS
from services.customer.identity.workflow import Entrance, end, end_sessions
from services.customer.limits import write_s
from services.customer.profile.domain import Details
from services.customer.profile.servicer import profile_to_pb
from services.customer.vault import Vault


class IdentityServicer(pb_grpc.IdentityServiceServicer):
    """All keys are kept outside the database, in files; of `refresh_keys` the first makes tokens,
    and all are honoured."""

    def __init__(
        self,
        records: Records,
        vault: Vault,
        passwords: Passwords,
        issuer: Issuer,
        clock: Clock = utc_now,
        *,
        address_key: bytes,
        refresh_keys: Sequence[bytes],
    ) -> None:
        self._records = records
        self._entrance = Entrance(records, vault, passwords, address_key=address_key, clock=clock)
        self._issuer = issuer
        self._clock = clock
        self._refresh_keys = refresh_keys

    async def SignUp(self, request: pb.SignUpRequest, context: Context) -> pb.SignUpResponse:
        entered = await self._entrance.sign_up(
            asked(request, "SignUp"),
            email=request.email,
            password=request.password,
            source=request.source,
            details=details_from_pb(request),
        )
        return pb.SignUpResponse(
            profile=profile_to_pb(entered.opened.profile, entered.key),
            tokens=self._tokens(entered.opened.session),
        )

    async def SignIn(self, request: pb.SignInRequest, context: Context) -> pb.SignInResponse:
        entered = await self._entrance.sign_in(
            asked(request, "SignIn"),
            email=request.email,
            password=request.password,
            source=request.source,
        )
        return pb.SignInResponse(
            profile=profile_to_pb(entered.opened.profile, entered.key),
            tokens=self._tokens(entered.opened.session),
        )

    async def Refresh(self, request: pb.RefreshRequest, context: Context) -> pb.RefreshResponse:
        request_id = canonical_id(request.request_id)
        token = sessions.parse(self._refresh_keys, request.refresh_token)
        now = self._clock()
        after = await self._records.update(
            [Ref(SESSIONS, token.session_id)],
            lambda state: domain.refreshed(
                state.find(SESSIONS, token.session_id), token, request_id=request_id, now=now
            ),
            answer=Session,
            timeout_s=write_s(),
        )
        # Only now: a token used twice has ended the session, and that had to be written.
        after.check_live(now)
        return pb.RefreshResponse(tokens=self._tokens(after))

    async def SignOut(self, request: pb.SignOutRequest, context: Context) -> pb.SignOutResponse:
        canonical_id(request.request_id)
        if request.everywhere:
            await end_sessions(self._records, caller().subject, clock=self._clock)
        else:
            await end(self._records, [caller().session_id], customer_id=caller().subject)
        return pb.SignOutResponse()

    def _tokens(self, session: Session) -> pb.Tokens:
        now = self._clock()
        lifetime = min(USER_LIFETIME, session.expire_time - now)
        tokens = pb.Tokens(
            access_token=self._issuer.sign(
                subject=session.subject,
                grants=[CUSTOMER],
                lifetime=lifetime,
                sid=session.session_id,
            ),
            refresh_token=sessions.refresh_token(self._refresh_keys[0], session),
        )
        tokens.access_expire_time.FromSeconds(int((now + lifetime).timestamp()))
        tokens.refresh_expire_time.FromDatetime(session.expire_time)
        return tokens


def asked(message: Any, method: str) -> Request:
    """Without where it comes from: a telephone may repeat it from another network."""
    body = type(message)()
    body.CopyFrom(message)
    body.ClearField("source")
    return request_from_pb(body, subject=caller().subject, method=method)


def details_from_pb(request: pb.SignUpRequest) -> Details:
    return Details(
        given_name=request.given_name,
        family_name=request.family_name,
        locale=request.locale or "fr",
    )
