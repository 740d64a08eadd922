"""What callers ask of stock in a simulation, as values."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property

from chassis.requests import Request
from services.inventory.ledger.domain import Cause
from services.inventory.reservation.reserving import Wish
from services.inventory.stock.domain import Bucket, Line, Place


class Verb(StrEnum):
    RESERVE = "reserve"
    SUPERSEDE = "supersede"
    RENEW = "renew"
    RELEASE = "release"
    COMMIT = "commit"
    CANCEL = "cancel_reserve"
    SELL = "record_sale"
    MOVE = "record_movements"
    IMPORT = "import_stock"
    TELL = "tell_of_lapses"
    MEND = "mend_claims"
    LIMIT = "put_limits"
    CLOSE = "close_period"


# Of what has a request id. One method to three, so that whoever undoes need not know which it was.
METHODS = {
    Verb.RESERVE: "Reserve",
    Verb.SUPERSEDE: "Reserve",
    Verb.CANCEL: "Reserve",
    Verb.RENEW: "Renew",
    Verb.RELEASE: "Release",
    Verb.COMMIT: "Commit",
    Verb.SELL: "RecordSale",
    Verb.MOVE: "RecordMovements",
    Verb.LIMIT: "PutLimits",
}


@dataclass(frozen=True, slots=True)
class Moved:
    """Units that somebody says have moved."""

    place: Place
    source: Bucket
    target: Bucket
    quantity: int
    cause: Cause


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One thing asked for, however often it is sent. Without slots, so that ids are made once.

    Attributes:
        request_id: Of CANCEL that of the reservation it undoes.
        lines: To be held or sold; of IMPORT what is sellable there.
        picked: Of COMMIT, by line: how many were found, and how many looked for in vain.
        looked: As of which position of its row what is missed was looked for, if that is known.
        about: The reservation, if it concerns one; of MEND what was noted of the row; of CLOSE the
            location.
        lapsed: Of TELL, reservations that a look, however old, found lapsed.
        buyer_id: For whom something is reserved.
        open_s: Of CLOSE, for how long movements stay open.
        limits: By article, how much is to be the most for each, and for how long what was bought
            counts, in seconds.
    """

    verb: Verb
    request_id: str
    owner: str = ""
    lines: tuple[tuple[Place, int], ...] = ()
    hold_s: int = 0
    is_partial: bool = False
    about: str = ""
    picked: tuple[tuple[Place, int, int], ...] = ()
    moved: tuple[Moved, ...] = ()
    looked: tuple[tuple[Place, int], ...] = ()
    safety: int = 0
    lapsed: tuple[str, ...] = ()
    buyer_id: str = ""
    limits: tuple[tuple[str, int, int], ...] = ()
    open_s: int = 0

    @cached_property
    def request(self) -> Request:
        method = METHODS.get(self.verb, "")
        body = repr((self.lines, self.hold_s, self.is_partial, self.about, self.moved)).encode()
        return Request(
            subject=self.owner, method=method, request_id=self.request_id, body_hash=body
        )

    @cached_property
    def made_id(self) -> str:
        return self.request.made_id

    @cached_property
    def wish(self) -> Wish:
        return Wish(
            lines=stock_lines(self),
            hold=timedelta(seconds=self.hold_s),
            allow_partial=self.is_partial,
            buyer_id=self.buyer_id,
        )

    def __str__(self) -> str:
        said = {
            "lines": [
                f"{quantity} of {place.sku}@{place.location_id}" for place, quantity in self.lines
            ],
            "hold_s": self.hold_s,
            "partial": self.is_partial,
            "about": self.about[:4],
            "picked": [(place.sku, found, missing) for place, found, missing in self.picked],
            "looked": [f"{place.sku} at {position}" for place, position in self.looked],
            "moved": [f"{m.quantity} {m.source}->{m.target} ({m.cause})" for m in self.moved],
            "safety": self.safety,
            "lapsed": [each[:4] for each in self.lapsed],
            "open_s": self.open_s,
            "buyer": self.buyer_id,
            "limits": [f"{most} of {sku}, {period_s} s" for sku, most, period_s in self.limits],
        }
        words = " ".join(f"{name}={value}" for name, value in said.items() if value)
        makes = (
            f" (makes {self.made_id[:4]})" if self.verb in (Verb.RESERVE, Verb.SUPERSEDE) else ""
        )
        return f"{self.verb} {self.owner} id={self.request_id[:4]}{makes} {words}"


def stock_lines(asked: Operation) -> tuple[Line, ...]:
    return tuple(
        Line(location_id=place.location_id, sku=place.sku, quantity=quantity)
        for place, quantity in asked.lines
    )
