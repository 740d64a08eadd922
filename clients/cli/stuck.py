"""`comptoir orders …`: orders whose steps fail, and what giving a step up left."""

from typing import Annotated, Any
from uuid import uuid4

import typer
from comptoir.collect.v1 import order_service_pb2 as order_pb
from comptoir.collect.v1 import stuck_order_service_pb2 as pb
from comptoir.collect.v1.stuck_order_service_pb2_grpc import StuckOrderServiceStub

from clients.cli.operating import Cause, Desk, Outcome, Row, Service, operating, time_of
from clients.house import CannotRunError

STEPS = {
    name.removeprefix("ORDER_STEP_").lower(): number
    for name, number in pb.OrderStep.items()
    if number
}
STEP_NAMES = {number: name for name, number in STEPS.items()}
TASKS = {
    name.removeprefix("PARCEL_TASK_").lower(): number
    for name, number in pb.ParcelTask.items()
    if number
}
TASK_NAMES = {number: name for name, number in TASKS.items()}
PAGE_SIZE = 200
HELD_SIZE, HELD_PAGES_MAX = 50, 10_000

OrderId = Annotated[str, typer.Argument(help="As `orders stuck` lists it.")]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Orders that cannot do what they owe: see them, try again, give a step up.",
    epilog="Exit codes: 0 done or none, 1 something is left, 2 could not run or was refused.",
)


@app.command()
@operating(Service.collect)
async def stuck(
    desk: Desk,
    tries: Annotated[int, typer.Option(min=1, help="How often a step must have failed.")] = 5,
) -> Outcome:
    """List orders whose next step fails, those that fail longest first: which step, how often,
    why the last time, since when, and when it is sent again."""
    request = pb.ListStuckOrdersRequest(tries_min=tries, page_size=PAGE_SIZE)
    stub: Any = StuckOrderServiceStub(desk.channel)
    orders = await desk.pages(stub.ListStuckOrders, request, "orders")
    orders.sort(key=lambda order: order.fail_time.ToNanoseconds())
    return Outcome(
        rows=[row_of(order) for order in orders],
        words=f"{len(orders)} stuck",
        is_open=bool(orders),
    )


@app.command()
@operating(Service.collect)
async def retry(desk: Desk, order_id: OrderId) -> Outcome:
    """Send the step that fails now, and those behind it."""
    stub: Any = StuckOrderServiceStub(desk.channel)
    request = pb.RetryOrderRequest(request_id=str(uuid4()), order_id=order_id)
    order = (await desk.call(stub.RetryOrder, request)).order
    words = "it owes nothing any more" if not order.steps else "it still owes what is listed"
    return Outcome(rows=[row_of(order)], words=words, is_open=bool(order.steps))


@app.command()
@operating(Service.collect)
async def abandon(
    desk: Desk,
    order_id: OrderId,
    step: Annotated[str, typer.Option(help=f"The one that fails: {', '.join(STEPS)}.")],
    cause: Cause,
) -> Outcome:
    """Give the step that fails up for ever, so that those behind it are sent.

    What it leaves undone is kept as a residue, which somebody must settle: `orders residues`.
    The step may have been done all the same, with its answer lost: look before you settle."""
    if step not in STEPS:
        raise CannotRunError(f"there is no step {step}: one of {', '.join(STEPS)}")
    stub: Any = StuckOrderServiceStub(desk.channel)
    request = pb.AbandonStepRequest(
        request_id=str(uuid4()), order_id=order_id, step=STEPS[step], cause=cause
    )
    answer = await desk.call(stub.AbandonStep, request)
    if not answer.HasField("residue"):
        return Outcome(rows=[row_of(answer.order)], words="given up; nothing is left to settle")
    words = "given up; settle what is listed, then say so by `orders settle`"
    return Outcome(rows=[residue_row(answer.residue)], words=words, is_open=True)


@app.command()
@operating(Service.collect)
async def parcels(
    desk: Desk,
    tries: Annotated[int, typer.Option(min=1, help="How often a task must have failed.")] = 5,
) -> Outcome:
    """List parcels between locations whose next task fails, those that fail longest first."""
    request = pb.ListStuckParcelsRequest(tries_min=tries, page_size=PAGE_SIZE)
    stub: Any = StuckOrderServiceStub(desk.channel)
    found = await desk.pages(stub.ListStuckParcels, request, "parcels")
    found.sort(key=lambda parcel: parcel.fail_time.ToNanoseconds())
    return Outcome(
        rows=list(map(parcel_row, found)), words=f"{len(found)} stuck", is_open=bool(found)
    )


@app.command()
@operating(Service.collect)
async def abandon_parcel(
    desk: Desk,
    parcel_id: Annotated[str, typer.Argument(help="As `orders parcels` lists it.")],
    task: Annotated[str, typer.Option(help=f"The one that fails: {', '.join(TASKS)}.")],
    cause: Cause,
) -> Outcome:
    """Give the task of a parcel that fails up for ever; it goes on as if it were done.

    What it leaves undone is a residue, as of `orders abandon`."""
    if task not in TASKS:
        raise CannotRunError(f"there is no task {task}: one of {', '.join(TASKS)}")
    stub: Any = StuckOrderServiceStub(desk.channel)
    request = pb.AbandonParcelTaskRequest(
        request_id=str(uuid4()), parcel_id=parcel_id, task=TASKS[task], cause=cause
    )
    answer = await desk.call(stub.AbandonParcelTask, request)
    if not answer.HasField("residue"):
        return Outcome(
            rows=[parcel_row(answer.parcel)], words="given up; nothing is left to settle"
        )
    words = "given up; settle what is listed, then say so by `orders settle`"
    return Outcome(rows=[residue_row(answer.residue)], words=words, is_open=True)


@app.command()
@operating(Service.collect)
async def hold_again(desk: Desk) -> Outcome:
    """Hold the units of orders that nobody has picked again, after a restore of inventory alone.

    Lists the orders that stay without a hold, as their units are promised to others by now."""
    stub: Any = StuckOrderServiceStub(desk.channel)
    there_count, held_count, rows = 0, 0, list[Row]()
    request = pb.HoldAgainRequest(page_size=HELD_SIZE)
    for _ in range(HELD_PAGES_MAX):
        request.request_id = str(uuid4())
        page = await desk.call(stub.HoldAgain, request)
        there_count += page.there_count
        held_count += len(page.held_order_ids)
        rows += map(unheld_row, page.unheld_orders)
        request.page_token = page.next_page_token
        if not page.next_page_token:
            words = f"{held_count} held again, {there_count} had their hold, {len(rows)} have none"
            return Outcome(rows=rows, words=words, is_open=bool(rows))
    raise CannotRunError("there is no end of orders: something larger is wrong, see the logs")


@app.command()
@operating(Service.collect)
async def residues(desk: Desk) -> Outcome:
    """List what abandoned steps left undone and nobody has settled."""
    stub: Any = StuckOrderServiceStub(desk.channel)
    request = pb.ListResiduesRequest(page_size=PAGE_SIZE)
    left = await desk.pages(stub.ListResidues, request, "residues")
    return Outcome(
        rows=list(map(residue_row, left)), words=f"{len(left)} to settle", is_open=bool(left)
    )


@app.command()
@operating(Service.collect)
async def settle(
    desk: Desk,
    residue_id: Annotated[str, typer.Argument(help="As `orders residues` lists it.")],
    cause: Annotated[str, typer.Option(help="How, kept for ever: no person's name.")],
) -> Outcome:
    """Say that a residue is settled: units by RecordMovements, money with the provider.

    Moves neither itself."""
    stub: Any = StuckOrderServiceStub(desk.channel)
    request = pb.SettleResidueRequest(request_id=str(uuid4()), residue_id=residue_id, cause=cause)
    residue = (await desk.call(stub.SettleResidue, request)).residue
    return Outcome(rows=[residue_row(residue)], words="settled")


def unheld_row(order: pb.UnheldOrder) -> Row:
    return {"order_id": order.order_id, "location_id": order.location_id, "reason": order.reason}


def row_of(order: pb.StuckOrder) -> Row:
    return {
        "order_id": order.order_id,
        "location_id": order.location_id,
        "state": order_pb.OrderState.Name(order.state).removeprefix("ORDER_STATE_").lower(),
        "steps": [STEP_NAMES.get(step, str(step)) for step in order.steps],
        "tries": order.tries_count,
        "reason": order.reason,
        "since": time_of(order, "fail_time"),
        "next": time_of(order, "next_time"),
    }


def parcel_row(parcel: pb.StuckParcel) -> Row:
    return {
        "parcel_id": parcel.parcel_id,
        "order_id": parcel.order_id,
        "from": parcel.source_location_id,
        "to": parcel.target_location_id,
        "tasks": [TASK_NAMES.get(task, str(task)) for task in parcel.tasks],
        "tries": parcel.tries_count,
        "reason": parcel.reason,
        "since": time_of(parcel, "fail_time"),
        "next": time_of(parcel, "next_time"),
    }


def residue_row(residue: pb.Residue) -> Row:
    step = STEP_NAMES.get(residue.step, str(residue.step))
    return {
        "residue_id": residue.residue_id,
        "order_id": residue.order_id,
        "location_id": residue.location_id,
        "step": f"parcel {TASK_NAMES[residue.parcel_task]}" if residue.parcel_task else step,
        "since": time_of(residue, "abandon_time"),
        "what": list(parts_of(residue)),
    }


def parts_of(residue: pb.Residue) -> list[str]:
    """What is to be settled, a line each."""
    parts = [
        " ".join(filter(None, (f"{m.quantity} {m.sku} {m.source} → {m.target}", m.location_id)))
        for m in residue.movements
    ]
    if residue.parcel_id:
        parts.append(f"document {residue.parcel_id}")
    if until := time_of(residue, "hold_until_time"):
        parts.append(f"reservation {residue.reservation_id or 'unknown'} holds until {until}")
    if residue.replacement_reservation_id:
        parts.append(f"reservation {residue.replacement_reservation_id} holds for a week at most")
    if residue.payment_id:
        parts.append(f"payment {residue.payment_id} of {amount_of(residue)}")
    return parts or ["what it reserved, until that lapses: within 7 days"]


def amount_of(residue: pb.Residue) -> str:
    if not residue.HasField("amount"):
        return "an amount that the provider knows"
    return f"{residue.amount.minor} {residue.amount.currency} (smallest unit)"
