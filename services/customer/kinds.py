"""Every kind of record this service has of its own, by database."""

from typing import Any

from chassis.records import Kind
from services.customer.history.store import COLLECTED_ORDERS, PURCHASES
from services.customer.identity.store import ATTEMPTS, CREDENTIALS, SESSIONS
from services.customer.profile.store import PROFILES, STAFF_READS
from services.customer.vault import CUSTOMER_KEYS

KINDS: tuple[Kind[Any], ...] = (
    ATTEMPTS,
    COLLECTED_ORDERS,
    CREDENTIALS,
    PROFILES,
    PURCHASES,
    SESSIONS,
    STAFF_READS,
)
# In a database of their own, or a copy of one would open the other.
KEY_KINDS: tuple[Kind[Any], ...] = (CUSTOMER_KEYS,)
