"""How inventory's events go out: the detail of each as protobuf."""

from collections.abc import Mapping
from typing import Any

from comptoir.inventory.v1 import events_pb2 as pb
from comptoir.inventory.v1.stock_service_pb2 import StockLine

from chassis.documents import value_from_plain
from chassis.event_servicer import Detail
from services.inventory.stock.domain import StockRow
from services.inventory.stock.messages import row_to_pb
from services.inventory.transfer.domain import Transfer
from services.inventory.transfer.messages import transfer_to_pb


def stock_changed(detail: Mapping[str, Any]) -> pb.StockChanged:
    return pb.StockChanged(row=row_to_pb(value_from_plain(detail, StockRow)))


def stock_imported(detail: Mapping[str, Any]) -> pb.StockImported:
    rows = zip(detail["skus"], detail["revisions"], strict=True)
    return pb.StockImported(
        location_id=detail["location_id"],
        rows=[pb.StockRevision(sku=sku, revision=revision) for sku, revision in rows],
    )


def location_changed(detail: Mapping[str, Any]) -> pb.LocationChanged:
    return pb.LocationChanged(**detail)


def transfer_rule_changed(detail: Mapping[str, Any]) -> pb.TransferRuleChanged:
    return pb.TransferRuleChanged(**detail)


def transfer_changed(detail: Mapping[str, Any]) -> pb.TransferChanged:
    return pb.TransferChanged(transfer=transfer_to_pb(value_from_plain(detail, Transfer)))


def expectation_changed(detail: Mapping[str, Any]) -> pb.ExpectationChanged:
    return pb.ExpectationChanged(**detail)


def limit_changed(detail: Mapping[str, Any]) -> pb.LimitChanged:
    return pb.LimitChanged(**detail)


def reservation_changed(detail: Mapping[str, Any]) -> pb.ReservationChanged:
    return pb.ReservationChanged(**detail)


def reservation_broken(detail: Mapping[str, Any]) -> pb.ReservationBroken:
    return pb.ReservationBroken(
        reservation_id=detail["reservation_id"],
        document_id=detail["document_id"],
        held_lines=[StockLine(**line) for line in detail["held_lines"]],
        broken_lines=[StockLine(**line) for line in detail["broken_lines"]],
    )


DETAILS: Mapping[str, Detail] = {
    "stock_changed": stock_changed,
    "stock_imported": stock_imported,
    "location_changed": location_changed,
    "reservation_broken": reservation_broken,
    "expectation_changed": expectation_changed,
    "transfer_changed": transfer_changed,
    "limit_changed": limit_changed,
    "transfer_rule_changed": transfer_rule_changed,
    **{
        f"reservation_{what}": reservation_changed
        for what in ("made", "renewed", "released", "committed", "lapsed")
    },
}
