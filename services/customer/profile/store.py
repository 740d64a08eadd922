"""How profiles and the log of staff reads are kept."""

from chassis.records import AT_ONCE, Index, Kind
from services.customer.profile.domain import ImportedCustomer, Profile, StaffRead

PROFILES = Kind(
    type=Profile,
    collection="profiles",
    key=lambda profile: profile.customer_id,
    forget_time=lambda profile: AT_ONCE if profile.erased else None,
)
STAFF_READS = Kind(
    type=StaffRead,
    collection="staff_reads",
    key=lambda read: read.read_id,
    indexes=(Index(fields=("customer_id", "read_time")),),
    immutable=True,
)
IMPORTED_CUSTOMERS = Kind(
    type=ImportedCustomer,
    collection="imported_customers",
    key=lambda customer: customer.customer_id,
    # Not unique: two of another system may share an address. Only accounts may not.
    indexes=(Index(fields=("address_hash",)),),
)
