"""`comptoir clients …` and `comptoir token client`: programs, their secrets and their tokens."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from comptoir.associate.v1 import client_service_pb2 as pb
from comptoir.associate.v1.client_service_pb2_grpc import ClientServiceStub

from clients.cli.operating import PAGE_SIZE, Cause, Desk, Outcome, Row, Service, operating
from clients.cli.private import room_at

STDOUT = Path("-")
# Who makes all others, as the manifests name it.
BOOTSTRAP = "bootstrap"

ClientId = Annotated[
    str, typer.Argument(help="Of the program: lower-case letters, digits and hyphens.")
]
Scopes = Annotated[
    list[str],
    typer.Option(help="What it may do, e.g. stock.read; repeatable. Those left out it loses."),
]
SecretTo = Annotated[
    Path, typer.Option("--to", help="The secret is kept there, its owner's alone; - prints it.")
]
Renew = Annotated[
    bool, typer.Option("--renew-secret", help="Makes another secret; the old one ends at once.")
]
TokenTo = Annotated[
    Path, typer.Option("--to", help="The token is kept there, its owner's alone; - prints it.")
]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Programs that may sign in: which there are, what each may do, its secret.",
    epilog="Exit codes: 0 done, 2 could not run or was refused.",
)


@app.command()
@operating(Service.associate, who=BOOTSTRAP)
async def put(
    desk: Desk, client_id: ClientId, scope: Scopes, to: SecretTo, renew_secret: Renew = False
) -> Outcome:
    """Make a client, or give it other scopes, and a new secret with --renew-secret.

    A secret is told once, to whoever had it made."""
    stub: Any = ClientServiceStub(desk.channel)
    request = pb.PutClientRequest(
        request_id=str(uuid4()), client_id=client_id, scopes=scope, renew_secret=renew_secret
    )
    with nullcontext() if to == STDOUT else room_at(to) as room:
        secret = (await desk.call(stub.PutClient, request)).secret
        if secret and room:
            room.keep(secret)
    may = f"{client_id} may {', '.join(sorted(set(scope)))}"
    if not secret:
        return Outcome(rows=[], words=f"{may}; it keeps its secret: --renew-secret makes another")
    if to == STDOUT:
        sys.stdout.write(f"{secret}\n")
    return Outcome(rows=[], words=f"{may}; its secret is told this once" + told_to(to))


@app.command("list")
@operating(Service.associate, who=BOOTSTRAP)
async def list_clients(desk: Desk) -> Outcome:
    """List every client that was made, and what each may do; those that were revoked too."""
    stub: Any = ClientServiceStub(desk.channel)
    request = pb.ListClientsRequest(page_size=PAGE_SIZE)
    found = await desk.pages(stub.ListClients, request, "clients")
    return Outcome(rows=list(map(row_of, found)), words=f"{len(found)} clients")


@app.command()
@operating(Service.associate, who=BOOTSTRAP)
async def revoke(desk: Desk, client_id: ClientId, cause: Cause) -> Outcome:
    """Take a client away: its secret ends at once, its tokens and streams within 5 s.

    `clients put` lets it in again, with a new secret."""
    stub: Any = ClientServiceStub(desk.channel)
    request = pb.RevokeClientRequest(request_id=str(uuid4()), client_id=client_id, cause=cause)
    answer = await desk.call(stub.RevokeClient, request)
    words = f"{client_id} is let in no more; its tokens end within 5 s"
    return Outcome(rows=[row_of(answer.client)], words=words)


def row_of(client: pb.Client) -> Row:
    return {
        "client": client.client_id,
        "scopes": list(client.scopes),
        "configured": client.configured,
        "revoked": client.revoked,
    }


@operating(Service.associate)
async def client(desk: Desk, to: TokenTo) -> Outcome:
    """Get a token of a machine client, good for 10 minutes.

    For programs that cannot sign in by themselves, such as grpcurl, and to see whether a secret
    and an address are right. The commands here get their own."""
    with nullcontext() if to == STDOUT else room_at(to) as room:
        ((_, bearer),) = await desk.signed_in.metadata()
        token = bearer.removeprefix("Bearer ")
        if room:
            room.keep(token)
        else:
            sys.stdout.write(f"{token}\n")
    return Outcome(rows=[], words="a token for 10 minutes" + told_to(to))


def told_to(file: Path) -> str:
    return "" if file == STDOUT else f": {file}"
