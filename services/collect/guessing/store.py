"""How guesses at codes are kept, the counter's and those that enrol cabinets."""

from chassis.lockout import Attempts, WrongGuesses
from chassis.records import Kind

# By order, or by the place of a cabinet's id.
ATTEMPTS = Kind(
    type=Attempts,
    collection="attempts",
    key=lambda attempts: attempts.key,
    forget_time=lambda attempts: attempts.forget_time,
)
# By who types them.
WRONG_CODES = Kind(
    type=WrongGuesses,
    collection="wrong_codes",
    key=lambda guesses: guesses.key,
    forget_time=lambda guesses: guesses.forget_time,
)
