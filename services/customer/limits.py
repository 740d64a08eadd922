"""How long one write of this service may take."""

from chassis.deadline import left_s

WRITE_S_MAX = 2.0


def write_s() -> float:
    """Our own limit, or what is left of the caller's deadline if that is less."""
    return left_s(WRITE_S_MAX)
