"""Orders as protobuf: what a message or an event says, and what it leaves unsaid."""

from dataclasses import replace

import pytest

from services.collect.order.domain import shown
from services.collect.order.messages import line_to_pb, order_changed_to_pb
from tests.collect.order.orders import line, wanted


@pytest.mark.parametrize(("found", "said"), [(None, False), (0, True), (2, True)])
def test_only_what_was_looked_for_says_how_much_was_found(found: int | None, said: bool) -> None:
    looked_for = replace(line(1), found_quantity=found)
    [told] = order_changed_to_pb(shown(wanted(looked_for))).lines

    assert told == line_to_pb(looked_for, "EUR")
    assert (told.HasField("found_quantity"), told.found_quantity) == (said, found or 0)
