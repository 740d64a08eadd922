"""What a transfer is, and how far it may come. What its steps move: `moving`. Pure."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from chassis.changes import Changed, Event
from chassis.errors import AppError, Kind
from services.inventory.stock.domain import Place


class UnknownTransferError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_TRANSFER"


class TransferExistsError(AppError):
    """The id made one so long ago that its answer is no longer kept."""

    kind, reason = Kind.ALREADY_EXISTS, "REQUEST_ID_REUSED"


class SkuNotInTransferError(AppError):
    kind, reason = Kind.NOT_FOUND, "SKU_NOT_IN_TRANSFER"


class TransferShippedError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "TRANSFER_SHIPPED"


class TransferNotShippedError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "TRANSFER_NOT_SHIPPED"


class TransferReceivedError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "TRANSFER_RECEIVED"


class TransferCancelledError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "TRANSFER_CANCELLED"


class Status(StrEnum):
    DRAFT = "draft"
    READY = "ready"
    IN_TRANSIT = "in_transit"
    PARTLY_RECEIVED = "partly_received"
    RECEIVED = "received"
    CANCELLED = "cancelled"


NOT_SHIPPED = frozenset({Status.DRAFT, Status.READY})


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLine:
    """One sku of a transfer: how much was planned, and what became of it."""

    sku: str
    quantity: int
    shipped: int = 0
    received: int = 0
    damaged: int = 0
    written_off: int = 0

    @property
    def left(self) -> int:
        """Units that were shipped and are yet to come."""
        return max(self.shipped - self.received - self.damaged - self.written_off, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Units that go from one location to another; instants are in seconds since 1970."""

    transfer_id: str
    source_location_id: str
    target_location_id: str
    lines: tuple[TransferLine, ...]
    due: int
    create_instant: int
    document_id: str = ""
    status: Status = Status.DRAFT
    close_cause: str = ""
    revision: int = 1

    @property
    def location_ids(self) -> frozenset[str]:
        return frozenset({self.source_location_id, self.target_location_id})

    @property
    def sources(self) -> list[Place]:
        return [Place(self.source_location_id, line.sku) for line in self.lines]

    @property
    def targets(self) -> list[Place]:
        return [Place(self.target_location_id, line.sku) for line in self.lines]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """What has left of one sku."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What has come of one sku."""

    sku: str
    received: int
    damaged: int


def create(before: Transfer | None, draft: Transfer) -> Changed[Transfer]:
    """Raises TransferExistsError."""
    if before is not None:
        raise TransferExistsError("this request_id planned a transfer: use a new one")
    return Changed(answer=draft, records=(draft,), events=(transfer_changed(draft),))


def mark_ready(transfer: Transfer) -> Changed[Transfer]:
    """Raises what `check_not_shipped` raises."""
    check_not_shipped(transfer)
    if transfer.status is Status.READY:
        return Changed(answer=transfer)
    return stepped(transfer, Status.READY)


def cancel(transfer: Transfer) -> Changed[Transfer]:
    """Raises TransferShippedError."""
    if transfer.status is Status.CANCELLED:
        return Changed(answer=transfer)
    check_not_shipped(transfer)
    return stepped(transfer, Status.CANCELLED)


def stepped(transfer: Transfer, status: Status) -> Changed[Transfer]:
    after = next_of(transfer, status)
    return Changed(answer=after, records=(after,), events=(transfer_changed(after),))


def next_of(transfer: Transfer, status: Status) -> Transfer:
    return replace(transfer, status=status, revision=transfer.revision + 1)


def transfer_changed(transfer: Transfer) -> Event:
    """Tells of all of it but `close_cause`, which somebody wrote by hand."""
    detail = asdict(replace(transfer, close_cause=""))
    return Event("transfer_changed", transfer.transfer_id, transfer.revision, detail)


def left_at_target(transfer: Transfer) -> dict[Place, int]:
    """Units that are yet to come; none before it has left, and none once it has ended."""
    return {Place(transfer.target_location_id, line.sku): line.left for line in transfer.lines}


def known(found: Transfer | None) -> Transfer:
    """Raises UnknownTransferError."""
    if found is None:
        raise UnknownTransferError("no such transfer")
    return found


def check_skus(transfer: Transfer, skus: Iterable[str]) -> None:
    """Raises SkuNotInTransferError."""
    there = {line.sku for line in transfer.lines}
    for sku in skus:
        if sku not in there:
            raise SkuNotInTransferError(
                f"{sku} is not in this transfer: record it by a movement of its own", sku=sku
            )


def check_not_shipped(transfer: Transfer) -> None:
    """Raises TransferCancelledError, TransferShippedError."""
    check_not_cancelled(transfer)
    if transfer.status not in NOT_SHIPPED:
        raise TransferShippedError(
            "the transfer has left: receive it, or close it",
            transfer_id=transfer.transfer_id,
            status=transfer.status,
        )


def check_on_its_way(transfer: Transfer) -> None:
    """Raises TransferCancelledError, TransferNotShippedError, TransferReceivedError."""
    check_not_cancelled(transfer)
    its = transfer.transfer_id
    if transfer.status in NOT_SHIPPED:
        message = "the transfer has not left: record first what was shipped"
        raise TransferNotShippedError(message, transfer_id=its)
    if transfer.status is Status.RECEIVED:
        message = "the transfer is received: record by a movement what still comes"
        raise TransferReceivedError(message, transfer_id=its)


def check_not_cancelled(transfer: Transfer) -> None:
    """Raises TransferCancelledError."""
    if transfer.status is Status.CANCELLED:
        message = "the transfer was cancelled: plan a new one"
        raise TransferCancelledError(message, transfer_id=transfer.transfer_id)
