"""Machine clients of the running suite: signed in with the secrets of its panel."""

from typing import TypeAlias
from uuid import uuid4

import grpc
from comptoir.associate.v1 import client_service_pb2 as client_pb
from comptoir.associate.v1 import terminal_service_pb2 as terminal_pb
from comptoir.associate.v1.client_service_pb2_grpc import ClientServiceStub
from comptoir.associate.v1.terminal_service_pb2_grpc import TerminalServiceStub

from tests.suite import Stack

Metadata: TypeAlias = tuple[tuple[str, str], ...]


async def signed_in(stack: Stack, client_id: str) -> Metadata:
    """Metadata with which calls are made as this client."""
    secret = stack.panel["clients"][client_id]
    async with grpc.aio.insecure_channel(stack.address("associate")) as channel:
        request = client_pb.IssueTokenRequest(client_id=client_id, secret=secret)
        answer = await ClientServiceStub(channel).IssueToken(request)
    return (("authorization", f"Bearer {answer.access_token}"),)


async def enrolment_code(stack: Stack, location_id: str) -> str:
    """A code for one more terminal of the shop."""
    metadata = await signed_in(stack, "installer")
    async with grpc.aio.insecure_channel(stack.address("associate")) as channel:
        request = terminal_pb.CreateEnrolmentCodeRequest(
            request_id=str(uuid4()), location_id=location_id, label="Tests"
        )
        answer = await TerminalServiceStub(channel).CreateEnrolmentCode(request, metadata=metadata)
    return str(answer.code)
