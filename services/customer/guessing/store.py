"""How guesses are kept. Each kind by a hash: of an address, of a source, of both."""

from chassis.lockout import Attempts, WrongGuesses
from chassis.records import Kind
from services.customer.guessing.domain import KnownSource

ATTEMPTS = Kind(type=Attempts, collection="attempts", key=lambda attempts: attempts.key)
KNOWN_SOURCES = Kind(
    type=KnownSource, collection="known_sources", key=lambda source: source.pair_hash
)
WRONG_GUESSES = Kind(type=WrongGuesses, collection="wrong_guesses", key=lambda guesses: guesses.key)
