"""Services and a cabinet with one flaw each, for runs that must not pass.

`python -m tests.chaos.defects FLAW` runs the program that has it, from the environment and
the arguments it always runs from. Nothing of this is in a path of production.
"""

import os
import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from pymongo import WriteConcern

import chassis.mongo
import chassis.sequencer
from chassis.mongo import Session
from chassis.mongo_records import MongoRecords
from chassis.packing import packed, unpacked
from chassis.records import Document, Ref
from chassis.requests import Request
from clients.locker import __main__ as cabinet_main
from clients.locker import rules
from clients.locker.memory import Compartment, Memory
from services.collect import main as collect_main
from services.collect.locker import domain as locker
from services.collect.locker.cabinet import Cabinet, UseState
from services.collect.point.domain import Size
from services.inventory import main as inventory_main
from services.inventory.reservation.domain import Reservation
from tests.chaos.journeys import (
    WAYS,
    Way,
    a_basket_filled,
    from_the_locker,
)
from tests.chaos.nemesis import Fault, Kind


@dataclass(frozen=True, slots=True)
class Flaw:
    """A program, what is broken in it, and the invariant that must be found broken.

    `faults` are what brings it to light, `ways` the load.
    """

    program: str
    make: Callable[[], None]
    invariant: str
    faults: tuple[Fault, ...] = (Fault(Kind.KILL, "collect-1"),) * 3
    ways: Mapping[Way, int] = field(default_factory=lambda: WAYS)


def members_count_of(flaw: Flaw) -> int:
    """Of MongoDB: where the fault is that the others have not heard, there must be others."""
    return 3 if any(fault.kind is Kind.ISOLATE for fault in flaw.faults) else 1


def new_id_each_time() -> None:
    """A repeat makes another order."""
    Request.made_id = property(lambda self: made_of(self))  # type: ignore[assignment]


def made_of(request: Request) -> str:
    return str(uuid5(NAMESPACE_OID, f"{request.key} {id(request)} {os.getpid()}"))


def no_version_check() -> None:
    """Reads outside its transaction, so that whoever wrote meanwhile is overwritten."""
    right = MongoRecords._read

    async def read(self: MongoRecords, refs: tuple[Ref[Any], ...], session: Session) -> Any:
        return await right(self, refs, None)

    MongoRecords._read = read  # type: ignore[method-assign]


def one_member_is_enough() -> None:
    """What a primary has said alone is gone with it."""
    chassis.mongo.MAJORITY = WriteConcern(1, j=False)


def forgets_events() -> None:
    """One event of twenty never gets a position."""
    right = chassis.sequencer.arranged

    def some(documents: list[Document]) -> list[Document]:
        events = list(unpacked(documents))
        return right(packed(event for event in events if random.random() > 0.05) or documents)

    chassis.sequencer.arranged = some


def lapses_late() -> None:
    """A hold may be used for a minute more than it was promised for."""
    late, right = timedelta(minutes=1), Reservation.at
    Reservation.at = lambda self, now: right(self, now - late)  # type: ignore[method-assign]


def any_compartment() -> None:
    """Takes the first that is large enough, whoever's it is."""
    right = locker.kept

    def kept(cabinet: Cabinet, *, order_id: str, size: Size, now: datetime) -> Cabinet:
        first = next(use for use in cabinet.uses if use.size >= size)
        emptied = replace(first, state=UseState.EMPTY, generation=-1)
        uses = tuple(emptied if use is first else use for use in cabinet.uses)
        return right(replace(cabinet, uses=uses), order_id=order_id, size=size, now=now)

    locker.kept = kept


def opens_again() -> None:
    """A cabinet that takes a code as often as it is shown."""
    right = rules.claim_problem

    def problem(
        memory: Memory, compartment: Compartment | None, claim: rules.Claim, now_ms: int
    ) -> str:
        used = compartment is not None and compartment.order_id == claim.order_id
        return "" if used else right(memory, compartment, claim, now_ms)

    rules.claim_problem = problem


ISOLATED = (Fault(Kind.ISOLATE, "primary"),) * 3
# Where only some journeys meet the flaw, these alone. What others must write too, as for an
# order, is acknowledged by nobody while a primary is cut off, and cannot be lost.
BASKETS: Mapping[Way, int] = {a_basket_filled: 1}
LOCKERS: Mapping[Way, int] = {from_the_locker: 1}
FLAWS: Mapping[str, Flaw] = {
    "new-id-each-time": Flaw("collect", new_id_each_time, "I2"),
    "no-version-check": Flaw("inventory", no_version_check, "I4"),
    "one-member-is-enough": Flaw("collect", one_member_is_enough, "I10", ISOLATED, BASKETS),
    "forgets-events": Flaw("inventory", forgets_events, "I9"),
    "lapses-late": Flaw("inventory", lapses_late, "I3"),
    "any-compartment": Flaw("collect", any_compartment, "I5", ways=LOCKERS),
    "opens-again": Flaw("cabinet", opens_again, "I7", ways=LOCKERS),
}
MAINS = {
    "collect": collect_main.main,
    "inventory": inventory_main.main,
    "cabinet": cabinet_main.main,
}


def main() -> None:
    flaw = FLAWS[sys.argv.pop(1)]
    flaw.make()
    MAINS[flaw.program]()


if __name__ == "__main__":
    main()
