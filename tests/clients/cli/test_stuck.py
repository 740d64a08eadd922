"""What the CLI says of a residue: also of what nobody but another knows."""

from comptoir.collect.v1 import stuck_order_service_pb2 as pb
from comptoir.type.v1.money_pb2 import Money

from clients.cli.stuck import parts_of, residue_row


def test_a_payment_is_told_with_its_amount() -> None:
    residue = pb.Residue(payment_id="p1", amount=Money(minor=1290, currency="EUR"))
    assert parts_of(residue) == ["payment p1 of 1290 EUR (smallest unit)"]


def test_of_a_payment_of_an_earlier_try_the_provider_knows_the_amount() -> None:
    (part,) = parts_of(pb.Residue(payment_id="p1"))
    assert part == "payment p1 of an amount that the provider knows"


def test_a_hold_of_which_nothing_is_known_still_is_something_to_settle() -> None:
    (part,) = parts_of(pb.Residue())
    assert "until that lapses" in part


def test_movements_of_a_parcel_are_told_with_their_location_and_document() -> None:
    left = pb.ResidualMovement(
        sku="LAMP", quantity=2, source="staged", target="outside", location_id="lyon"
    )
    residue = pb.Residue(movements=[left], parcel_id="p1", parcel_task=pb.PARCEL_TASK_SEND)
    assert parts_of(residue) == ["2 LAMP staged → outside lyon", "document p1"]
    assert residue_row(residue)["step"] == "parcel send"
