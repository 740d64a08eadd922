"""What a transfer moves: units that leave one location and come to another. Pure.

Each end is a row of its own, and no equation spans both: what is shipped goes outside from the
source and, in the same write, from outside to IN_TRANSIT of the target; what comes goes from there
to where it lies. So units are neither made nor lost, and each row is the sum of its movements.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from chassis.changes import Changed
from services.inventory.ledger.domain import Cause, Fact, Note, Rows, post
from services.inventory.stock.domain import Bucket, Line, Place, StockRow, row_changed
from services.inventory.transfer.asking import check_some_left
from services.inventory.transfer.domain import (
    Arrived,
    Shipped,
    Status,
    Transfer,
    TransferLine,
    check_not_shipped,
    check_on_its_way,
    check_skus,
    next_of,
    transfer_changed,
)


def ship(
    transfer: Transfer, rows: Rows, shipped: Sequence[Shipped], *, due: int | None, note: Note
) -> Changed[Transfer]:
    """Write down what has left. Skus not in `shipped` have left as planned.

    None as `due` leaves the planned one. Raises SkuNotInTransferError, InvalidTransferError if
    nothing has left, and what `check_not_shipped` raises.
    """
    check_not_shipped(transfer)
    left = {each.sku: each.quantity for each in shipped}
    check_skus(transfer, left)
    lines = [replace(line, shipped=left.get(line.sku, line.quantity)) for line in transfer.lines]
    check_some_left(line.shipped for line in lines)
    facts = [leg for line in lines if line.shipped for leg in departure(transfer, line)]
    leaving = replace(transfer, due=transfer.due if due is None else due)
    return moved(leaving, lines, facts, rows, note=note, status=Status.IN_TRANSIT)


def departure(transfer: Transfer, line: TransferLine) -> tuple[Fact, Fact]:
    """A leg at each end."""
    here, there = transfer.source_location_id, transfer.target_location_id
    return (
        fact(transfer, here, line.sku, line.shipped, Bucket.SELLABLE, Bucket.OUTSIDE),
        fact(transfer, there, line.sku, line.shipped, Bucket.OUTSIDE, Bucket.IN_TRANSIT),
    )


def receive(
    transfer: Transfer, rows: Rows, arrived: Sequence[Arrived], *, note: Note
) -> Changed[Transfer]:
    """Write down what has come, besides what came before.

    Raises SkuNotInTransferError and what `check_on_its_way` raises.
    """
    check_on_its_way(transfer)
    by_sku = {each.sku: each for each in arrived}
    check_skus(transfer, by_sku)
    lines, facts = [], list[Fact]()
    for line in transfer.lines:
        if its := by_sku.get(line.sku):
            row = rows[Place(transfer.target_location_id, line.sku)]
            facts += arrival(transfer, line, its, row)
            received, damaged = line.received + its.received, line.damaged + its.damaged
            line = replace(line, received=received, damaged=damaged)
        lines.append(line)
    partly = any(line.left for line in lines)
    status = Status.PARTLY_RECEIVED if partly else Status.RECEIVED
    return moved(transfer, lines, facts, rows, note=note, status=status)


def arrival(
    transfer: Transfer, line: TransferLine, arrived: Arrived, row: StockRow
) -> Iterator[Fact]:
    """From what is in transit as far as this transfer has any there, the rest from outside."""
    in_transit = on_its_way(line, row)
    for came, target in (
        (arrived.received, Bucket.SELLABLE),
        (arrived.damaged, Bucket.DAMAGED),
    ):
        known = min(came, in_transit)
        in_transit -= known
        for quantity, source in ((known, Bucket.IN_TRANSIT), (came - known, Bucket.OUTSIDE)):
            if quantity:
                yield fact(transfer, row.location_id, line.sku, quantity, source, target)


def on_its_way(line: TransferLine, row: StockRow) -> int:
    """What the row has in transit of this line: whoever moved it by RecordMovements left less."""
    return min(line.left, row.on.get(Bucket.IN_TRANSIT, 0))


def close(transfer: Transfer, rows: Rows, cause: str, *, note: Note) -> Changed[Transfer]:
    """Write off what has not come. Raises what `check_on_its_way` raises."""
    check_on_its_way(transfer)
    facts = [each for line in transfer.lines for each in loss(transfer, line, rows)]
    lines = [replace(line, written_off=line.left) for line in transfer.lines]
    closing = replace(transfer, close_cause=cause)
    return moved(closing, lines, facts, rows, note=note, status=Status.RECEIVED)


def loss(transfer: Transfer, line: TransferLine, rows: Rows) -> Iterator[Fact]:
    row = rows[Place(transfer.target_location_id, line.sku)]
    if lost := on_its_way(line, row):
        gone = fact(transfer, row.location_id, line.sku, lost, Bucket.IN_TRANSIT, Bucket.OUTSIDE)
        yield replace(gone, cause=Cause.NOT_FOUND)


def fact(
    transfer: Transfer, location_id: str, sku: str, quantity: int, source: Bucket, target: Bucket
) -> Fact:
    return Fact(
        line=Line(location_id=location_id, sku=sku, quantity=quantity),
        source=source,
        target=target,
        cause=Cause.TRANSFER,
        document_id=transfer.transfer_id,
    )


def moved(
    transfer: Transfer,
    lines: Sequence[TransferLine],
    facts: Sequence[Fact],
    rows: Rows,
    *,
    note: Note,
    status: Status,
) -> Changed[Transfer]:
    """The transfer one step on, with the facts in the rows that they touch."""
    after = next_of(replace(transfer, lines=tuple(lines)), status)
    posted = post({fact.line.place: rows[fact.line.place] for fact in facts}, facts, note=note)
    return Changed(
        answer=after,
        records=(after, *posted.records),
        events=(*map(row_changed, posted.rows), transfer_changed(after)),
    )
