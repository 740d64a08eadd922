"""The gRPC face of machine clients: protobuf in, one call, protobuf out. No rules here."""

from comptoir.associate.v1 import client_service_pb2 as pb
from comptoir.associate.v1 import client_service_pb2_grpc as pb_grpc

from chassis import paging
from chassis.access import caller
from chassis.acts import act_of, cause_from, with_act
from chassis.changes import Changed
from chassis.clock import Clock, utc_now
from chassis.deadline import left_s
from chassis.interceptors import Context
from chassis.lockout import Attempts, place_of
from chassis.records import Records, Ref, State
from chassis.requests import request_from_pb
from chassis.tokens import USER_LIFETIME, Issuer
from services.associate.client import domain
from services.associate.client.domain import Client
from services.associate.client.store import CLIENTS, clients_after
from services.associate.terminal.store import ATTEMPTS

WRITE_S_MAX = 2.0
PAGE_DEFAULT, PAGE_MAX = 50, 200


class ClientServicer(pb_grpc.ClientServiceServicer):
    """`secret` is a key kept outside the database, from which clients' secrets derive."""

    def __init__(
        self, records: Records, issuer: Issuer, *, secret: bytes, clock: Clock = utc_now
    ) -> None:
        self._records = records
        self._issuer = issuer
        self._secret = secret
        self._clock = clock

    async def PutClient(
        self, request: pb.PutClientRequest, context: Context
    ) -> pb.PutClientResponse:
        domain.check(request.client_id, request.scopes)

        def change(state: State) -> Changed[int]:
            return domain.put(
                state.find(CLIENTS, request.client_id),
                client_id=request.client_id,
                scopes=request.scopes,
                renew=request.renew_secret,
                key=self._secret,
            )

        generation = await self._records.update(
            [Ref(CLIENTS, request.client_id)],
            change,
            answer=int,
            request=request_from_pb(request, subject=caller().subject, method="PutClient"),
            timeout_s=left_s(WRITE_S_MAX),
        )
        if not generation:
            return pb.PutClientResponse()
        secret = domain.secret_of(self._secret, request.client_id, generation)
        return pb.PutClientResponse(secret=secret)

    async def ListClients(
        self, request: pb.ListClientsRequest, context: Context
    ) -> pb.ListClientsResponse:
        query = f"clients {caller().subject}"
        limit = paging.page_size(request.page_size, default=PAGE_DEFAULT, maximum=PAGE_MAX)
        after_id = paging.decode_token(request.page_token, query=query)
        # One more than asked for tells whether there is a next page.
        found = await clients_after(self._records, after_id, limit=limit + 1)
        page, token = paging.page_of(found, limit, query, lambda client: client.client_id)
        return pb.ListClientsResponse(clients=map(client_to_pb, page), next_page_token=token)

    async def RevokeClient(
        self, request: pb.RevokeClientRequest, context: Context
    ) -> pb.RevokeClientResponse:
        asked = request_from_pb(request, subject=caller().subject, method="RevokeClient")
        client_id, cause, now = request.client_id, cause_from(request.cause), self._clock()
        act = act_of(asked, "revoke_client", target=client_id, now=now, cause=cause)

        def change(state: State) -> Changed[Client]:
            return with_act(domain.revoke(state.find(CLIENTS, client_id), client_id=client_id), act)

        client = await self._records.update(
            [Ref(CLIENTS, client_id)],
            change,
            answer=Client,
            request=asked,
            timeout_s=left_s(WRITE_S_MAX),
        )
        return pb.RevokeClientResponse(client=client_to_pb(client))

    async def IssueToken(
        self, request: pb.IssueTokenRequest, context: Context
    ) -> pb.IssueTokenResponse:
        client = await self._records.find(CLIENTS, request.client_id)
        right = domain.is_right(client, request.secret)
        await self._note_guess(place_of("client", request.client_id), right=right)
        if client is None or not right:
            raise domain.wrong_credentials()
        return self._token(client)

    def _token(self, client: Client) -> pb.IssueTokenResponse:
        # The end in whole seconds, as the token has it: rounded down, never late.
        expire_time = (self._issuer.clock() + USER_LIFETIME).replace(microsecond=0)
        response = pb.IssueTokenResponse(
            access_token=self._issuer.sign(
                # Prefixed: a client may be called like a service, whose requests are not its own.
                subject=f"client:{client.client_id}",
                grants=[f"client:{scope}" for scope in client.scopes],
                sid=client.session_id,
            )
        )
        response.access_expire_time.FromDatetime(expire_time)
        return response

    async def _note_guess(self, key: str, *, right: bool) -> None:
        """Raises TooManyAttemptsError for a wrong one. Nearly all are right: they write nothing."""
        now, found = self._clock(), await self._records.find(ATTEMPTS, key)
        if right and (found is None or not found.failed_count):
            return

        def change(state: State) -> Changed[bool]:
            attempts = state.find(ATTEMPTS, key) or Attempts(key=key)
            after = attempts.succeeded() if right else attempts.checked(now).failed(now)
            return Changed(answer=True, records=(after,))

        await self._records.update(
            [Ref(ATTEMPTS, key)], change, answer=bool, timeout_s=left_s(WRITE_S_MAX)
        )


def client_to_pb(client: Client) -> pb.Client:
    return pb.Client(
        client_id=client.client_id,
        scopes=client.scopes,
        configured=client.is_configured,
        revoked=client.is_revoked,
        revision=client.revision,
    )
