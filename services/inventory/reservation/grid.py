"""For how long units may be held, and on which instants holds lapse. Pure."""

import math
from datetime import datetime, timedelta

from chassis.errors import AppError, Kind, Violation

HOLD_MAX = timedelta(days=7)

# Holds up to so long lapse at instants on a grid of so many seconds. Each grid
# divides the next, so that a row has some ninety live instants at most.
GRIDS = (
    (timedelta(minutes=10), 30),
    (timedelta(hours=2), 300),
    (timedelta(days=1), 3600),
    (HOLD_MAX, 21_600),
)


class InvalidHoldError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_HOLD"


def expire_instant(t: datetime, hold: timedelta) -> int:
    """The first instant of its grid, in seconds since 1970, at which a `hold` from `t` is over."""
    grid_s = next(grid_s for longest, grid_s in GRIDS if hold <= longest)
    return math.ceil((t + hold).timestamp() / grid_s) * grid_s


def check_hold(hold: timedelta) -> None:
    """Raises InvalidHoldError unless it is within its limits."""
    if not timedelta(0) < hold <= HOLD_MAX:
        violation = Violation("hold_duration", f"above zero, at most {HOLD_MAX.days} days")
        raise InvalidHoldError("the hold is not as it must be", violations=(violation,))
