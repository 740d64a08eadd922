"""Every kind of record this service has of its own, by database."""

from typing import Any

from chassis.records import Kind
from services.customer.guessing.store import ATTEMPTS, KNOWN_SOURCES, WRONG_GUESSES
from services.customer.history.store import COLLECTED_ORDERS, PURCHASES
from services.customer.identity.store import CREDENTIALS, SESSIONS
from services.customer.privacy.store import ERASURES
from services.customer.profile.store import IMPORTED_CUSTOMERS, PROFILES, STAFF_READS
from services.customer.vault import CUSTOMER_KEYS

KINDS: tuple[Kind[Any], ...] = (
    ATTEMPTS,
    COLLECTED_ORDERS,
    CREDENTIALS,
    IMPORTED_CUSTOMERS,
    KNOWN_SOURCES,
    PROFILES,
    PURCHASES,
    SESSIONS,
    STAFF_READS,
    WRONG_GUESSES,
)
# In a database of their own, or a copy of one would open the other.
KEY_KINDS: tuple[Kind[Any], ...] = (CUSTOMER_KEYS,)
# In another still, which is never put back to an earlier point than it has come to.
ERASURE_KINDS: tuple[Kind[Any], ...] = (ERASURES,)
