"""What inventory's servicers work on, the same for all of them."""

from dataclasses import dataclass

from chassis.clock import Clock, utc_now
from chassis.records import Records, Updates
from chassis.requests import Request
from services.inventory.ledger.domain import Note
from services.inventory.limit.store import KnownLimits
from services.inventory.location.store import KnownLocations


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Attributes:
    records: Read from, and written by whoever need not be written together with others.
    updates: Writes what comes together in one transaction.
    limits: Whoever serves keeps them up to date.
    """

    records: Records
    updates: Updates
    locations: KnownLocations
    limits: KnownLimits
    clock: Clock = utc_now

    def note(self, request: Request) -> Note:
        """Of what happens now."""
        now = self.clock()
        return Note(write_id=request.made_id, actor=request.subject, now=now, occur_time=now)
