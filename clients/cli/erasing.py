"""`comptoir customers …`: who somebody is here, and their erasure."""

from typing import Annotated, Any
from uuid import uuid4

import typer
from comptoir.customer.v1 import privacy_service_pb2 as pb
from comptoir.customer.v1.privacy_service_pb2_grpc import PrivacyServiceStub

from clients.cli.operating import Cause, Desk, Outcome, Row, Service, operating, time_of

Email = Annotated[str, typer.Option(help="Their e-mail address; - reads it from a line typed in.")]
SourceId = Annotated[str, typer.Option(help="Their id in the system they were imported from.")]
CustomerId = Annotated[str, typer.Argument(help="As `customers find` lists it.")]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Customers who want to be forgotten: find who they are, erase them for ever.",
    epilog="Exit codes: 0 done, 2 could not run or was refused.",
)


@app.command()
@operating(Service.customer)
async def find(desk: Desk, email: Email = "", source_id: SourceId = "") -> Outcome:
    """List whom an address or an id of another system may mean, by id alone.

    An address may be shared: make sure who asks."""
    # Typed in, it stands in no history of a shell and in no list of processes.
    address = typer.prompt("E-mail address", err=True) if email == "-" else email
    stub: Any = PrivacyServiceStub(desk.channel)
    request = pb.FindCustomersRequest(email=address, source_id=source_id)
    found = (await desk.call(stub.FindCustomers, request)).customers
    return Outcome(rows=list(map(row_of, found)), words=f"{len(found)} found")


@app.command()
@operating(Service.customer)
async def erase(desk: Desk, customer_id: CustomerId, cause: Cause) -> Outcome:
    """Erase a customer for ever. Look first whether anything of theirs is to be collected.

    It may be repeated until it is answered."""
    stub: Any = PrivacyServiceStub(desk.channel)
    request = pb.EraseCustomerRequest(request_id=str(uuid4()), customer_id=customer_id, cause=cause)
    answer = await desk.call(stub.EraseCustomer, request)
    row: Row = {"customer": customer_id, "erased": time_of(answer, "erase_time")}
    return Outcome(rows=[row], words="erased; what they bought stays, as nobody's")


def row_of(found: pb.FoundCustomer) -> Row:
    return {"customer": found.customer_id, "account": found.has_account}
