"""Every kind of record that inventory keeps."""

from typing import Any

from chassis.records import Kind
from services.inventory.count.store import COUNTS
from services.inventory.ledger.store import MOVEMENTS, OVERCLAIMS
from services.inventory.limit.counters import TAKEN
from services.inventory.limit.store import LIMITS, REGISTERS
from services.inventory.location.store import DIRECTORIES, LOCATIONS
from services.inventory.period.store import ARCHIVES, CARRIED, PERIODS, SHEETS
from services.inventory.reservation.store import RESERVATIONS
from services.inventory.sourcing.store import TRANSFER_RULES
from services.inventory.stock.store import ROWS
from services.inventory.supply.store import EXPECTATIONS
from services.inventory.transfer.store import TRANSFERS

KINDS: tuple[Kind[Any], ...] = (
    LOCATIONS,
    DIRECTORIES,
    ROWS,
    MOVEMENTS,
    OVERCLAIMS,
    PERIODS,
    ARCHIVES,
    SHEETS,
    CARRIED,
    RESERVATIONS,
    COUNTS,
    TRANSFER_RULES,
    EXPECTATIONS,
    TRANSFERS,
    LIMITS,
    REGISTERS,
    TAKEN,
)
