"""What of a request is compared with its repeat."""

from comptoir.collect.v1 import order_service_pb2 as order_pb
from comptoir.collect.v1 import point_service_pb2 as point_pb
from comptoir.type.v1 import money_pb2

from chassis.requests import canonical


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
