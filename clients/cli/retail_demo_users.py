"""Reads `users.json` of the Retail Demo Store (aws-samples/retail-demo-store, MIT-0).

How the data are read, and what of them is not:

* `id` is the number within that demo: the source id is `retail-demo-store-1`.
* `first_name`, `last_name`, `email` as given; the language is English.
* `gender`, `age`, `addresses`, `persona`, `discount_persona`, `platforms` (advertising ids) and
  the rest are left out: nobody here needs them, so nobody keeps them.
"""

from typing import Any

from comptoir.customer.v1 import profile_service_pb2 as pb

from clients.cli.entries import Note, Record
from clients.cli.fields import invalid

LOCALE = "en"


def customer_from(record: Record) -> tuple[pb.ImportedCustomer, tuple[Note, ...]]:
    """Raises RefusedError."""
    customer = pb.ImportedCustomer(
        source_id=f"retail-demo-store-{text(record, 'id')}",
        email=text(record, "email"),
        given_name=text(record, "first_name"),
        family_name=text(record, "last_name"),
        locale=LOCALE,
    )
    return customer, ()


def text(record: Record, name: str) -> str:
    value: Any = record.get(name)
    if not isinstance(value, str) or not value.strip():
        raise invalid(name, "is needed")
    return value.strip()
