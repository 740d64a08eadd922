"""What a parcel of an order is made of. Values alone; the rules are in `domain`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from services.collect.order.values import label_of


class State(Enum):
    """How far it is. UNPACKED is at its order's location, where the books do not know it yet."""

    ASKED = "asked"
    HELD = "held"
    PACKED = "packed"
    SENT = "sent"
    UNPACKED = "unpacked"
    ARRIVED = "arrived"
    SHORT = "short"
    CALLED_OFF = "called_off"


OVER = (State.ARRIVED, State.SHORT, State.CALLED_OFF)
# Whose work the parcel is now.
OUTGOING = (State.HELD, State.PACKED)
INCOMING = (State.HELD, State.PACKED, State.SENT)


class TaskName(Enum):
    """What a parcel may owe to inventory."""

    HOLD = "hold"
    RELEASE = "release"
    PACK = "pack"
    SEND = "send"
    RECEIVE = "receive"
    PUT_BACK = "put_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One call to inventory; `tries` counts those that failed, as a step of an order does."""

    name: TaskName
    tries: int = 0
    fail_reason: str = ""
    fail_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelLine:
    """Units of one article. Packed and received are None until somebody has said how many."""

    sku: str
    quantity: int
    broken_quantity: int = 0
    packed_quantity: int | None = None
    received_quantity: int | None = None

    @property
    def held_quantity(self) -> int:
        return self.quantity - self.broken_quantity

    @property
    def sent_quantity(self) -> int:
        """What is in it, or is to be."""
        return self.held_quantity if self.packed_quantity is None else self.packed_quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Units that one location sends to another for one order.

    Attributes:
        hold_until: Who has not packed it by then is too late.
        hold_s: For how long they are asked for at the source, kept as it was first sent.
        buyer_id: As the order's.
        bin_label: Where it lies at the source.
        place_label: Where what came of it lies at the target.
        called_off: Nobody waits for it any more, but it is on its way: it goes to the shelf.
        to_shelf: It was called off when it was unpacked.
    """

    parcel_id: str
    order_id: str
    source_location_id: str
    target_location_id: str
    lines: tuple[ParcelLine, ...]
    leave_time: datetime
    ready_time: datetime
    create_time: datetime
    hold_until: datetime
    hold_s: int
    buyer_id: str = ""
    state: State = State.ASKED
    reservation_id: str = ""
    bin_label: str = ""
    place_label: str = ""
    called_off: bool = False
    to_shelf: bool = False
    todo: tuple[Task, ...] = ()
    lease_epoch: int = 1
    wake_time: datetime | None = None
    revision: int = 1

    @property
    def label(self) -> str:
        """What people read to each other."""
        return label_of(self.parcel_id)

    @property
    def standing(self) -> Mapping[str, int]:
        """By sku, what its order may still count on."""
        if self.state is State.ARRIVED:
            return {line.sku: line.received_quantity or 0 for line in self.lines}
        if self.state in OVER:
            return {}
        return {line.sku: line.sent_quantity for line in self.lines}
