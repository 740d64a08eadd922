"""Whose stock it is: a service's for the document it works for, a shop's for its own staff."""

from collections.abc import Iterable

from chassis.access import AccessDeniedError, Caller, caller
from services.inventory.location.store import unknown_location


def check_acts_for(who: Caller, document_ids: Iterable[str]) -> None:
    """Raises AccessDeniedError for a service that works for something else. Others pass."""
    for document_id in document_ids:
        if not who.acts_for(document_id):
            raise AccessDeniedError(
                f"document {document_id} is not what this call is made for", document_id=document_id
            )


def check_theirs(location_ids: Iterable[str]) -> None:
    """What a shop has and sells is its own staff's business; clients pass by their scope.

    Raises UnknownLocationError for the first that is not the staff's, there or not.
    """
    who = caller()
    for location_id in location_ids:
        if who.is_staff and location_id not in who.location_ids:
            raise unknown_location(location_id)
