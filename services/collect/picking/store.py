"""How wrong codes at the counter are counted."""

from chassis.lockout import Attempts
from chassis.records import Kind

ATTEMPTS = Kind(
    type=Attempts,
    collection="hand_over_attempts",
    key=lambda attempts: attempts.key,
    forget_time=lambda attempts: attempts.forget_time,
)
