"""Rules for what is asked of transfers: ends, lines, quantities, dates. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from chassis.errors import AppError, Kind, Violation
from services.inventory.stock.domain import (
    LOCATION_ID_LENGTH_MAX,
    QUANTITY_MAX,
    SKU_LENGTH_MAX,
    document_violations,
    is_sku,
)
from services.inventory.supply.domain import DUE_MAX
from services.inventory.transfer.domain import Arrived, Shipped, Transfer

# Each is a row at either end: as many rows as other writes touch.
LINES_MAX = 100
CAUSE_LENGTH_MAX = 200


class InvalidTransferError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_TRANSFER"


def check_draft(draft: Transfer) -> None:
    """Raises InvalidTransferError, naming every field at fault."""
    violations = [*end_violations(draft), *document_violations(draft.document_id)]
    violations += due_violations(draft.due)
    violations += sku_violations([line.sku for line in draft.lines], count_min=1)
    for number, line in enumerate(draft.lines):
        violations += quantity_violations(line.quantity, f"lines[{number}].quantity", least=1)
    check(violations)


def check_shipped(shipped: Sequence[Shipped], due: int | None) -> None:
    """Raises InvalidTransferError, naming every field at fault."""
    violations = sku_violations([line.sku for line in shipped], count_min=0)
    violations += [] if due is None else due_violations(due)
    for number, line in enumerate(shipped):
        violations += quantity_violations(line.quantity, f"lines[{number}].quantity", least=0)
    check(violations)


def check_arrived(arrived: Sequence[Arrived]) -> None:
    """Raises InvalidTransferError, naming every field at fault."""
    violations = sku_violations([line.sku for line in arrived], count_min=1)
    for number, line in enumerate(arrived):
        path = f"lines[{number}]"
        violations += quantity_violations(line.received, f"{path}.received_quantity", least=0)
        violations += quantity_violations(line.damaged, f"{path}.damaged_quantity", least=0)
        if not (line.received or line.damaged):
            violations.append(Violation(path, "some unit, or no line"))
    check(violations)


def check_some_left(quantities: Iterable[int]) -> None:
    """Raises InvalidTransferError where nothing was shipped."""
    if not any(quantities):
        check([Violation("lines", "some unit that has left, or cancel it")])


def check_cause(cause: str) -> None:
    """Raises InvalidTransferError."""
    if not 1 <= len(cause) <= CAUSE_LENGTH_MAX:
        check([Violation("cause", f"1 to {CAUSE_LENGTH_MAX} characters")])


def check_ends(source_id: str, target_id: str) -> list[str]:
    """Those of both that are named. Raises InvalidTransferError if none is."""
    if not (source_id or target_id):
        check([Violation("source_location_id", "a source, a target, or both")])
    return [each for each in (source_id, target_id) if each]


def end_violations(draft: Transfer) -> Iterator[Violation]:
    ends = (
        ("source_location_id", draft.source_location_id),
        ("target_location_id", draft.target_location_id),
    )
    for path, location_id in ends:
        if not 1 <= len(location_id) <= LOCATION_ID_LENGTH_MAX:
            length = f"the id of a location, 1 to {LOCATION_ID_LENGTH_MAX} characters"
            yield Violation(path, length)
    if draft.source_location_id == draft.target_location_id:
        yield Violation("target_location_id", "another location than the source")


def due_violations(due: int) -> list[Violation]:
    fits = 0 < due <= DUE_MAX.timestamp()
    rule = f"after 1970 and before {DUE_MAX.year}"
    return [] if fits else [Violation("expected_arrival_time", rule)]


def sku_violations(skus: Sequence[str], *, count_min: int) -> list[Violation]:
    if not count_min <= len(skus) <= LINES_MAX:
        return [Violation("lines", f"{count_min} to {LINES_MAX} lines")]
    violations, before = list[Violation](), set[str]()
    for number, sku in enumerate(skus):
        path = f"lines[{number}].sku"
        if not is_sku(sku):
            violations.append(Violation(path, f"1 to {SKU_LENGTH_MAX} printable characters"))
        if sku in before:
            violations.append(Violation(path, "another sku than the lines before"))
        before.add(sku)
    return violations


def quantity_violations(quantity: int, path: str, *, least: int) -> list[Violation]:
    fits = least <= quantity <= QUANTITY_MAX
    return [] if fits else [Violation(path, f"{least} to {QUANTITY_MAX} units")]


def check(violations: Sequence[Violation]) -> None:
    """Raises InvalidTransferError if there are any."""
    if violations:
        message = "the transfer is not as it must be"
        raise InvalidTransferError(message, violations=tuple(violations))
