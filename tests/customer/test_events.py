"""Each event of this service is told with a detail of its own type."""

from collections.abc import Mapping
from typing import Any

import pytest
from comptoir.customer.v1 import events_pb2 as pb
from google.protobuf.message import Message

from services.customer.events import DETAILS


@pytest.mark.parametrize(
    ("name", "detail", "sent"),
    [
        ("session_revoked", {"session_id": "s"}, pb.SessionRevoked(session_id="s")),
        ("profile_changed", {"customer_id": "c"}, pb.ProfileChanged(customer_id="c")),
        ("purchase_recorded", {"purchase_id": "p"}, pb.PurchaseRecorded(purchase_id="p")),
    ],
)
def test_a_detail_is_sent_as_its_message(
    name: str, detail: Mapping[str, Any], sent: Message
) -> None:
    assert DETAILS[name](detail) == sent
