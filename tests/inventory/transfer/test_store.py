"""A transfer as a cause is kept so that the release before can read it."""

import pytest

from services.inventory.ledger.domain import Cause
from services.inventory.ledger.store import MOVEMENTS, with_transfer, without_transfer


@pytest.mark.parametrize("cause", Cause)
def test_a_cause_comes_back_as_it_was_through_what_the_release_before_can_read(
    cause: Cause,
) -> None:
    document = {"cause": cause.value, "quantity": 3}
    kept = without_transfer(document)
    assert kept["cause"] != Cause.TRANSFER
    assert with_transfer(kept) == document


def test_what_is_written_is_what_the_release_before_wrote() -> None:
    assert (MOVEMENTS.schema, MOVEMENTS.written) == (2, 1)
