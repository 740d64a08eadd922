"""The machine clients of the demo chain, and their secrets."""

from pathlib import Path
from uuid import NAMESPACE_OID, uuid4, uuid5

import grpc
from comptoir.associate.v1 import client_service_pb2 as client_pb
from comptoir.associate.v1.client_service_pb2_grpc import ClientServiceStub

from deploy.local.demo.sending import CALL_S, sign_in
from deploy.local.suite import BOOTSTRAP_CLIENT

# Who they are and what they may do.
CLIENTS = {
    "importer": (
        "catalog.write",
        "inventory.write",
        "customer.write",
        "collect.write",
        "staff.write",
        "catalog.read",
        "stock.read",
    ),
    "till": ("sale.write", "stock.read", "order.read", "events.read"),
    "installer": ("terminal.enrol", "locker.enrol"),
    "operator": (
        "order.operate",
        "events.operate",
        "stock.read",
        "stock.operate",
        "customer.erase",
    ),
}


async def put_clients(secrets: Path, channel: grpc.aio.Channel) -> dict[str, str]:
    """The secrets of the chain's clients, by id; `secrets` is where that of their maker lies.

    The request ids are the suite's own for ever, so that a later start gets the same secrets
    again. A client whose answer is kept no more, or to whom an operator gave another secret or
    took the right away, gets a new one, which is kept in a file: asking twice with a wrong one
    is guessing.
    """
    first = read_secret(secrets, BOOTSTRAP_CLIENT)
    bearer = await sign_in(channel, BOOTSTRAP_CLIENT, first)
    stub, found = ClientServiceStub(channel), {BOOTSTRAP_CLIENT: first}
    for client_id, scopes in CLIENTS.items():
        request = client_pb.PutClientRequest(
            request_id=stable_id(first, client_id, *scopes), client_id=client_id, scopes=scopes
        )
        answer = await stub.PutClient(request, metadata=bearer.metadata, timeout=CALL_S)
        secret = read_secret(secrets, client_id) or answer.secret
        if not (secret and await opens(channel, client_id, secret)):
            request.request_id, request.renew_secret = str(uuid4()), True
            answer = await stub.PutClient(request, metadata=bearer.metadata, timeout=CALL_S)
            secret = answer.secret
            keep_secret(secrets, client_id, secret)
        found[client_id] = secret
    return found


async def opens(channel: grpc.aio.Channel, client_id: str, secret: str) -> bool:
    try:
        await sign_in(channel, client_id, secret)
    except grpc.aio.AioRpcError as error:
        if error.code() is grpc.StatusCode.UNAUTHENTICATED:
            return False
        raise
    return True


def read_secret(secrets: Path, client_id: str) -> str:
    """Empty if none is kept."""
    file = secrets / f"{client_id}.secret"
    return file.read_text().strip() if file.exists() else ""


def keep_secret(secrets: Path, client_id: str, secret: str) -> None:
    file = secrets / f"{client_id}.secret"
    file.touch(mode=0o600)
    file.write_text(secret)


def stable_id(*names: str) -> str:
    return str(uuid5(NAMESPACE_OID, " ".join(names)))
