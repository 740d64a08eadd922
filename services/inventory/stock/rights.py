"""What a service may write here in one call: what concerns the document it works for."""

from collections.abc import Iterable

from chassis.access import AccessDeniedError, Caller


def check_acts_for(who: Caller, document_ids: Iterable[str]) -> None:
    """Raises AccessDeniedError for a service that works for something else. Others pass."""
    for document_id in document_ids:
        if not who.acts_for(document_id):
            raise AccessDeniedError(
                f"document {document_id} is not what this call is made for", document_id=document_id
            )
