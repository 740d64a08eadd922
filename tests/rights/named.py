"""Every field of a request that names what is somebody's: with who asks there for what they have no
right to. Those where nobody can: tests/rights/unowned.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.rights.callers import ELSEWHERE, HERE
from tests.rights.world import SKU


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Who names another's thing, and who of those that have a right to it is shown one.

    Attributes:
        strangers: Each gets one answer for the thing and for one that is not there.
        entitled: Gets another answer, which proves that the thing is there; empty where
            the thing is proved to be there by another case.
        thing: Under which name the world has it; the field's own without.
        fields: What else the request needs.
    """

    strangers: tuple[str, ...]
    entitled: str = ""
    thing: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


PEOPLE = ("other", "other seller", "other manager")
FLOOR = ("other seller", "other manager")
STAFF = (*FLOOR, "other operator")

ORDER = Case(strangers=FLOOR, entitled="seller")
PARCEL = Case(strangers=FLOOR, entitled="seller")
RESERVATION = Case(strangers=("other market",))

CASES: dict[str, Case] = {
    "ClientService.IssueToken client_id": Case(
        strangers=("visitor",), thing="unguessed_client_id", fields={"secret": "guessed"}
    ),
    "TerminalService.CreateEnrolmentCode location_id": Case(
        strangers=("other manager", "other operator"),
        entitled="manager",
        fields={"label": "Counter"},
    ),
    "TerminalService.ListTerminals location_id": Case(
        strangers=("other manager", "other operator"), entitled="manager"
    ),
    # It would be gone for all that follows: that it is there, the case above proves.
    "TerminalService.RevokeTerminal terminal_id": Case(
        strangers=("other manager", "other operator"), fields={"cause": "stolen"}
    ),
    "TerminalService.SignIn terminal_id": Case(
        strangers=("gateway",),
        fields={"challenge": b"c" * 32, "signature": b"s" * 64, "badge": "B-1", "pin": "000000"},
    ),
    "StuckOrderService.RetryOrder order_id": Case(
        strangers=("other operator",), entitled="operator"
    ),
    "StuckOrderService.AbandonStep order_id": Case(
        strangers=("other operator",), entitled="operator", fields={"step": 1, "cause": "gone"}
    ),
    "StuckOrderService.AbandonParcelTask parcel_id": Case(
        strangers=("other operator",), entitled="operator", fields={"task": 3, "cause": "gone"}
    ),
    "LockerService.CreateCabinetCode cabinet_id": Case(strangers=("other operator",)),
    "LockerService.EnrolCabinet cabinet_id": Case(
        strangers=("visitor",), fields={"code": "AAAAAAAAAAAA", "public_key": b"k" * 32}
    ),
    "LockerService.IssueCabinetToken cabinet_id": Case(
        strangers=("visitor",), fields={"nonce": b"n" * 16, "signature": b"s" * 64}
    ),
    "LockerService.ListCabinets location_id": Case(strangers=STAFF, entitled="seller"),
    "OrderService.GetOrder order_id": Case(strangers=PEOPLE, entitled="owner"),
    "OrderService.CancelOrder order_id": Case(strangers=PEOPLE, fields={"cause": "no more"}),
    "OrderService.WatchOrder order_id": Case(strangers=PEOPLE, entitled="seller"),
    "OrderService.GetCollectCode order_id": Case(strangers=("other",), entitled="owner"),
    "PickingService.ListQueue location_id": Case(strangers=FLOOR, entitled="seller"),
    "PickingService.WatchQueue location_id": Case(strangers=FLOOR, entitled="seller"),
    "PickingService.RecordPick order_id": ORDER,
    "PickingService.StageOrder order_id": ORDER,
    "PickingService.LoadLocker order_id": ORDER,
    "PickingService.TakeBack order_id": ORDER,
    "PickingService.HandOver order_id": Case(strangers=FLOOR, fields={"code": "00000000"}),
    "PickingService.ListParcels location_id": Case(
        strangers=FLOOR, entitled="seller", fields={"direction": 1}
    ),
    "PickingService.PackParcel parcel_id": PARCEL,
    "PickingService.SendParcel parcel_id": PARCEL,
    "PickingService.ReceiveParcel parcel_id": PARCEL,
    "HistoryService.ListPurchases customer_id": Case(strangers=("other",), entitled="owner"),
    "ProfileService.GetProfile customer_id": Case(strangers=("other",), entitled="owner"),
    "ReservationService.Renew reservation_id": Case(
        strangers=("other market",), fields={"hold_duration": {"seconds": 600}}
    ),
    "ReservationService.Supersede reservation_id": Case(
        strangers=("other market",),
        fields={"lines": [{"location_id": HERE, "sku": SKU, "quantity": 1}]},
    ),
    "ReservationService.Release reservation_id": RESERVATION,
    "ReservationService.Commit reservation_id": RESERVATION,
    "ReservationService.GetReservation reservation_id": Case(
        strangers=("other market",), entitled="market"
    ),
    "StockService.WatchStock location_ids": Case(
        strangers=STAFF, entitled="seller", thing="location_id"
    ),
    "StockService.ExplainQuantity location_id": Case(
        strangers=STAFF, entitled="seller", fields={"sku": SKU}
    ),
    "StockService.VerifyBalance location_id": Case(
        strangers=("other manager", "other operator"), entitled="manager", fields={"sku": SKU}
    ),
    "StockService.VerifyBalances location_id": Case(
        strangers=("other manager", "other operator"), entitled="manager"
    ),
    "PeriodService.ClosePeriod location_id": Case(
        strangers=("other operator",), entitled="operator"
    ),
    "PeriodService.VerifyArchives location_id": Case(
        strangers=("other manager", "other operator"), entitled="manager"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Whose second page a stranger asks for, with what each asks for the first."""

    owner: str
    stranger: str
    theirs: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, Any] = field(default_factory=dict)


PAGES: dict[str, Pages] = {
    "OrderService.ListOrders page_token": Pages(owner="owner", stranger="other"),
    "HistoryService.ListPurchases page_token": Pages(owner="owner", stranger="other"),
    "ReservationService.ListReservations page_token": Pages(
        owner="market", stranger="other market"
    ),
    "PickingService.ListQueue page_token": Pages(
        owner="seller",
        stranger="other seller",
        theirs={"location_id": HERE},
        own={"location_id": ELSEWHERE},
    ),
    "PickingService.ListParcels page_token": Pages(
        owner="seller",
        stranger="other seller",
        theirs={"location_id": HERE, "direction": 1},
        own={"location_id": ELSEWHERE, "direction": 1},
    ),
    "StockService.ExplainQuantity page_token": Pages(
        owner="seller",
        stranger="other seller",
        theirs={"location_id": HERE, "sku": SKU},
        own={"location_id": ELSEWHERE, "sku": SKU},
    ),
}
