"""What of a request is compared with its repeat."""

from datetime import timedelta
from uuid import NAMESPACE_OID, UUID, uuid5

import pytest
from comptoir.collect.v1 import order_service_pb2 as order_pb
from comptoir.collect.v1 import point_service_pb2 as point_pb
from comptoir.type.v1 import money_pb2

from chassis.requests import (
    EPOCH,
    InvalidRequestIdError,
    canonical,
    canonical_id,
    request_for,
)


def asked(*skus: str, request_id: str = "") -> order_pb.PlaceOrderRequest:
    return order_pb.PlaceOrderRequest(
        request_id=request_id,
        lines=[point_pb.BasketLine(sku=sku, quantity=1) for sku in skus],
        expected_total=money_pb2.Money(minor=5, currency="EUR"),
        from_basket=True,
    )


def test_a_body_is_compared_by_its_fields_alone_lists_of_messages_too() -> None:
    """Their text would be that of one version of protobuf."""
    assert canonical(asked("LAMP", "CORD")) == (
        b"[(2, [[(1, 'LAMP'), (2, 1)], [(1, 'CORD'), (2, 1)]]),"
        b" (7, [(1, 5), (2, 'EUR')]), (8, True)]"
    )


def test_the_order_of_a_list_counts_and_the_request_id_does_not() -> None:
    assert canonical(asked("LAMP", "CORD")) != canonical(asked("CORD", "LAMP"))
    assert canonical(asked("LAMP", request_id="a")) == canonical(asked("LAMP", request_id="b"))


def test_what_is_made_has_the_id_of_rfc_9562() -> None:
    """By the library's own hand: ids made before this one must be made again."""
    for number in range(64):
        request = request_for(
            subject="anna", method="Do", request_id=str(UUID(int=number)), body=b""
        )
        assert request.made_id == str(uuid5(NAMESPACE_OID, request.key))


@pytest.mark.parametrize(
    ("request_id", "milliseconds"),
    [
        ("00000000-0001-7000-8000-000000000000", 1),
        ("00000000-0001-7000-b000-000000000000", 1),
        ("00000000-0001-4000-8000-000000000000", None),
        ("00000000-0001-7000-0000-000000000000", None),
        ("ffffffff-ffff-7000-8000-000000000000", None),
    ],
)
def test_an_id_tells_when_it_was_made_or_nothing(request_id: str, milliseconds: int | None) -> None:
    request = request_for(subject="anna", method="Do", request_id=request_id, body=b"")
    made = None if milliseconds is None else EPOCH + timedelta(milliseconds=milliseconds)
    assert request.id_time == made


@pytest.mark.parametrize(
    "request_id",
    [
        "",
        "{00000000-0001-7000-8000-000000000000}",
        "0" * 32,
        "00000000-0001-7000-8000-00000000000g",
    ],
)
def test_an_id_is_a_uuid_in_its_usual_form(request_id: str) -> None:
    with pytest.raises(InvalidRequestIdError):
        canonical_id(request_id)
