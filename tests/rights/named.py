"""Every field of every request that names something: with who asks there for what they have no
right to, or with the reason why nobody can."""

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

# Why nobody can ask there for what is another's.
REASONS: dict[str, tuple[str, ...]] = {
    "goods, prices, shops and points are for everybody to read, visitors too": (
        "PriceService.BatchGetPrices location_id",
        "ProductService.BatchGetProductViews location_id",
        "ProductService.SearchProducts category_id",
        "ProductService.SearchProducts location_id",
        "ProductService.SearchProducts page_token",
        "ProductService.ListCategories page_token",
        "ReviewService.ListReviews page_token",
        "OrderService.QuoteOrder point_id",
        "OrderService.QuoteOrder location_id",
        "OrderService.PlaceOrder point_id",
        "OrderService.PlaceOrder slot_id",
        "PointService.ListPoints location_id",
        "PointService.ListPoints page_token",
        "PointService.ListPickUpOptions location_ids",
        "LocationService.BatchGetLocations location_ids",
        "LocationService.ListLocations page_token",
        "StockService.BatchGetAvailability location_ids",
        "StockService.BatchGetAvailability min_revisions.location_id",
        "SourcingService.Source pick_up_location_id",
        "SourcingService.Source source_location_ids",
    ),
    "the scope is for the records of the whole chain": (
        "ClientService.PutClient client_id",
        "ClientService.ListClients page_token",
        "ClientService.RevokeClient client_id",
        "StaffService.ListStaff location_id",
        "StaffService.ListStaff page_token",
        "StaffService.ImportStaff member.staff_id",
        "StaffService.ImportStaff member.location_ids",
        "PriceService.ImportPrices interval.location_id",
        "ProductService.PutCategories categories.category_id",
        "ReviewService.ImportReviews review.review_id",
        "PointService.ImportPoints point.point_id",
        "PointService.ImportPoints point.location_id",
        "PointService.ImportPoints point.cabinet_id",
        "PointService.ImportPoints point.compartments.compartment_id",
        "PrivacyService.FindCustomers source_id",
        "PrivacyService.EraseCustomer customer_id",
        "ProfileService.ImportCustomers customer.source_id",
        "HistoryService.ImportPurchases purchase.purchase_id",
        "HistoryService.ImportPurchases purchase.customer_id",
        "HistoryService.ImportPurchases purchase.location_id",
        "LocationService.ImportLocations location.location_id",
        "ReservationService.Reserve lines.location_id",
        "ReservationService.Supersede lines.location_id",
        "StockService.RecordSale lines.location_id",
        "StockService.RecordDamage lines.location_id",
        "StockService.RecordMovements movements.location_id",
        "CountService.BeginCount location_id",
        "StockService.ImportStock location_id",
        "StockService.ImportStock levels.location_id",
        "SourcingService.PutTransferRules rules.source_location_id",
        "SourcingService.PutTransferRules rules.target_location_id",
        "SourcingService.ListTransferRules page_token",
        "LimitService.ListLimits page_token",
        "SupplyService.PutExpectedReceipts receipts.location_id",
        "SupplyService.ListExpectedReceipts location_id",
        "SupplyService.ListExpectedReceipts page_token",
        "SupplyService.PutSafetyStock safety_stocks.location_id",
        "TransferService.CreateTransfer source_location_id",
        "TransferService.CreateTransfer target_location_id",
    ),
    "the caller's own word, kept with what is theirs and looked up by nobody": (
        "OrderService.PlaceOrder payment_reference",
        "ProfileService.UpdateProfile home_location_id",
        "ProfileService.ImportCustomers customer.home_location_id",
        "ReservationService.Reserve document_id",
        "ReservationService.Supersede document_id",
        "ReservationService.Reserve buyer_id",
        "ReservationService.Supersede buyer_id",
        "StockService.RecordSale receipt_id",
        "StockService.RecordDamage document_id",
        "StockService.RecordMovements movements.document_id",
        "SupplyService.PutExpectedReceipts receipts.document_id",
        "TransferService.CreateTransfer document_id",
        "StockService.RecordMovements movements.movement_id",
    ),
    "each operation is the call of its name, which is tried: tests/inventory/reservation": (
        "ReservationService.ReserveStream reserve.lines.location_id",
        "ReservationService.ReserveStream supersede.lines.location_id",
        "ReservationService.ReserveStream reserve.document_id",
        "ReservationService.ReserveStream supersede.document_id",
        "ReservationService.ReserveStream reserve.buyer_id",
        "ReservationService.ReserveStream supersede.buyer_id",
        "ReservationService.ReserveStream supersede.reservation_id",
        "ReservationService.ReserveStream renew.reservation_id",
        "ReservationService.ReserveStream release.reservation_id",
        "ReservationService.ReserveStream commit.reservation_id",
        "ReservationService.ReserveStream commit.found_lines.location_id",
    ),
    "another client's count is not there, which is tried: tests/inventory/count": (
        "CountService.RecordCount count_id",
    ),
    "a transfer between others' locations is not there, which is tried: tests/inventory/transfer": (
        "TransferService.MarkReady transfer_id",
        "TransferService.ShipTransfer transfer_id",
        "TransferService.ReceiveTransfer transfer_id",
        "TransferService.CloseTransfer transfer_id",
        "TransferService.CancelTransfer transfer_id",
        "TransferService.GetTransfer transfer_id",
        "TransferService.ListTransfers source_location_id",
        "TransferService.ListTransfers target_location_id",
        "TransferService.ListTransfers page_token",
    ),
    "names a line of the reservation, whose owner was asked for before": (
        "ReservationService.Commit found_lines.location_id",
    ),
    "a challenge is made for any id alike, without a look": (
        "TerminalService.CreateChallenge terminal_id",
    ),
    "whoever holds a refresh token is its session; it is made under a key, not guessed": (
        "TerminalService.Refresh refresh_token",
        "IdentityService.Refresh refresh_token",
    ),
    "a place in a log that all share: what is sent from there is by location or scope": (
        "EventService.WatchEvents cursor",
        "PickingService.WatchQueue cursor",
        "StockService.WatchStock cursor",
    ),
    "one service alone may call it, for all customers": (
        "OrderService.ListCollectedOrders page_token",
    ),
    "what a service could not take and what was done by hand: for its operators, alike": (
        "ParkedEventService.ListParkedEvents page_token",
        "ActService.ListActs page_token",
    ),
    "made by hand alone; those of another location: tests/collect/stuck": (
        "StuckOrderService.SettleResidue residue_id",
    ),
    "bound to the caller and their location, which is asked for before": (
        "TerminalService.ListTerminals page_token",
        "StuckOrderService.ListStuckOrders page_token",
        "StuckOrderService.ListStuckParcels page_token",
        "StuckOrderService.HoldAgain page_token",
        "StuckOrderService.ListResidues page_token",
        "LockerService.ListCabinets page_token",
        "StockService.VerifyBalances cursor",
        "PeriodService.ClosePeriod cursor",
        "PeriodService.VerifyArchives cursor",
    ),
}
