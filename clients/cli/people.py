"""Customers as our own CSV and JSON Lines say them. Columns: docs/import.md."""

import re

from comptoir.customer.v1 import profile_service_pb2 as pb

from clients.cli.entries import Note, Record
from clients.cli.fields import Fields

NEEDED = ("source_id", "given_name")
COLUMNS = re.compile(r"source_id|email|given_name|family_name|locale|home_location_id")
KNOWN = "source_id, email, given_name, family_name, locale, home_location_id"


def customer_from(record: Record) -> tuple[pb.ImportedCustomer, tuple[Note, ...]]:
    """Raises RefusedError."""
    fields = Fields(record)
    customer = pb.ImportedCustomer(
        source_id=fields.needed("source_id"),
        email=fields.text("email"),
        given_name=fields.needed("given_name"),
        family_name=fields.text("family_name"),
        locale=fields.text("locale"),
        home_location_id=fields.text("home_location_id"),
    )
    fields.check_known()
    return customer, ()
