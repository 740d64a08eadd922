"""What an order is made of. Values alone; the rules are in `domain` and `saga`."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import sha256

from services.collect.order.line import Line, LineState, total_of

LABEL_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # None looks or sounds like another.


class State(Enum):
    PLACING = "placing"
    CONFIRMED = "confirmed"
    PICKING = "picking"
    STAGED = "staged"
    READY = "ready"
    COLLECTED = "collected"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    CANCEL_PENDING = "cancel_pending"
    EXPIRED = "expired"


LIVE = (
    State.CONFIRMED,
    State.PICKING,
    State.STAGED,
    State.READY,
    State.CANCEL_PENDING,
)
CALLED_OFF = (State.REFUSED, State.CANCELLED, State.EXPIRED)
ENDED = (State.COLLECTED, *CALLED_OFF)


LINE_STATES = {
    State.PLACING: LineState.HELD,
    State.CONFIRMED: LineState.CONFIRMED,
    State.PICKING: LineState.PICKING,
    State.STAGED: LineState.STAGED,
    State.READY: LineState.READY,
    State.COLLECTED: LineState.COLLECTED,
    State.REFUSED: LineState.CANCELLED,
    State.CANCELLED: LineState.CANCELLED,
    State.CANCEL_PENDING: LineState.READY,
    State.EXPIRED: LineState.EXPIRED,
}


class Method(Enum):
    """How an order is paid."""

    AT_COUNTER = "at_counter"
    REFERENCE = "reference"


class Money(Enum):
    """Where the money is."""

    DUE = "due"
    UNKNOWN = "unknown"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    VOIDED = "voided"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"


class StepName(Enum):
    """What an order may owe to others."""

    RESERVE = "reserve"
    AUTHORISE = "authorise"
    UNRESERVE = "unreserve"
    VOID = "void"
    COMMIT = "commit"
    TO_LOCKER = "to_locker"
    PUT_BACK = "put_back"
    GONE = "gone"
    CAPTURE = "capture"


# What a placing asks of others, and may be refused; all else is owed until it is done.
ASKED = (StepName.RESERVE, StepName.AUTHORISE)


@dataclass(frozen=True, slots=True)
class Step:
    """One call to another service or to the payment provider.

    `attempt` counts placings, so that a step of a second try is not a repeat of
    the first one's; `tries` counts calls that failed, the first of them at `fail_time`
    and the last for `fail_reason`: a reason of the contracts, or the name of an error.
    """

    name: StepName
    attempt: int
    tries: int = 0
    fail_reason: str = ""
    fail_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    state: State
    occur_time: datetime
    actor: str
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order and what it still owes.

    Attributes:
        body_hash: Of the request that placed it: a repeat with another body is refused.
        attempt: Which placing this is; a refused order may be placed again.
        hold_until: Until when its units are held, at least: whoever has not picked it by
            then is too late.
        hold_s: For how long they are asked for. Kept as it was first sent: a repeat must
            have the same body, whichever release sends it.
        buyer_id: Who the customer is to inventory, which limits what one may have of some
            articles; empty in an order of before it did.
        ending: How a called-off order in a locker ends once its door is known shut.
        door_asked: Whether its locker's door was asked to open for loading: it may lie
            behind it since, told or not.
        loaded: Whether it lies, or lay, behind a locker's door.
        lease_epoch: Grows whenever a replica takes the order over; a step's result
            counts only under the epoch it was sent in.
        wake_time: When a replica must look at the order again; None when never.
        replacement_id: The reservation of what was asked for in place of what is broken;
            empty where it was refused, or is not known yet.
    """

    order_id: str
    body_hash: bytes
    customer_id: str
    point_id: str
    location_id: str
    cabinet_id: str
    slot_id: str
    slot_start: datetime
    slot_end: datetime
    lines: tuple[Line, ...]
    currency: str
    method: Method
    reference: str
    money: Money
    create_time: datetime
    confirm_by_time: datetime
    collect_by_time: datetime
    hold_until: datetime
    hold_s: int
    buyer_id: str = ""
    state: State = State.PLACING
    cause: str = ""
    ending: State | None = None
    door_asked: bool = False
    loaded: bool = False
    place_label: str = ""
    reservation_id: str = ""
    replacement_id: str = ""
    from_basket: bool = False
    attempt: int = 1
    todo: tuple[Step, ...] = ()
    lease_epoch: int = 1
    wake_time: datetime | None = None
    changes: tuple[Change, ...] = ()
    revision: int = 1

    @property
    def label(self) -> str:
        return label_of(self.order_id)

    @property
    def has_replacement(self) -> bool:
        """Whether others were asked for in place of what is broken, whatever came of it."""
        return any(line.replacement_quantity for line in self.lines)

    @property
    def is_awaiting(self) -> bool:
        """Whether anything of it is still to come from another location."""
        return any(line.is_awaiting for line in self.lines)

    @property
    def ready_time(self) -> datetime | None:
        """When the last of what is on its way is expected; None where nobody was told of any."""
        times = [line.expected_time for line in self.lines if line.expected_time is not None]
        return max(times, default=None)

    @property
    def in_locker(self) -> bool:
        return bool(self.cabinet_id)

    @property
    def may_lie_behind_a_door(self) -> bool:
        return self.door_asked or self.loaded

    @property
    def may_still_lie_inside(self) -> bool:
        """Called off, and nobody has said yet that nothing lies behind its door."""
        return self.state in CALLED_OFF and self.in_locker and bool(self.place_label)

    @property
    def total_minor(self) -> int:
        return total_of(self.lines)


def label_of(thing_id: str) -> str:
    """What people read to each other: 6 characters of the id's hash."""
    number = int.from_bytes(sha256(thing_id.encode()).digest()[:8])
    digits = []
    for _ in range(6):
        number, digit = divmod(number, len(LABEL_ALPHABET))
        digits.append(LABEL_ALPHABET[digit])
    return "".join(digits)
