"""How guesses are kept. Each kind by a hash: of an address, of a source, of both."""

from chassis.lockout import Attempts, WrongGuesses
from chassis.records import Kind
from services.customer.guessing.domain import KnownSource

ATTEMPTS = Kind(
    type=Attempts,
    collection="attempts",
    key=lambda attempts: attempts.key,
    forget_time=lambda attempts: attempts.forget_time,
)
KNOWN_SOURCES = Kind(
    type=KnownSource,
    collection="known_sources",
    key=lambda source: source.pair_hash,
    forget_time=lambda source: source.forget_time,
)
WRONG_GUESSES = Kind(
    type=WrongGuesses,
    collection="wrong_guesses",
    key=lambda guesses: guesses.key,
    forget_time=lambda guesses: guesses.forget_time,
)
