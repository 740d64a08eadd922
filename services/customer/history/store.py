"""How purchases and the orders still to be read are kept."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from chassis.paging import InvalidPageError, decode_token, encode_token
from chassis.records import Index, Kind, Records, Where
from services.customer.history.domain import CollectedOrder, Purchase
from services.customer.profile.store import PROFILES

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
READ_KEPT = timedelta(days=30)
MILLISECOND = timedelta(milliseconds=1)

PURCHASES = Kind(
    type=Purchase,
    collection="purchases",
    key=lambda purchase: purchase.purchase_id,
    indexes=(
        Index(
            fields=("customer_id", "purchase_time", "_id"),
            descending=frozenset({"purchase_time", "_id"}),
        ),
    ),
)
COLLECTED_ORDERS = Kind(
    type=CollectedOrder,
    collection="collected_orders",
    key=lambda order: order.order_id,
    indexes=(Index(fields=("read", "due_time", "_id")),),
    # One that is read is noted again by nobody: purchases stay, and are looked for first.
    forget_time=lambda order: order.collect_time + READ_KEPT if order.read else None,
)


async def purchase_page(
    records: Records, customer_id: str, *, page_token: str, limit: int
) -> tuple[list[Purchase], str]:
    """At most `limit` of the customer's purchases, newest first, and the token of the rest.

    Raises InvalidPageError.
    """
    query = f"purchases {customer_id}"
    where = Where(
        equal={"customer_id": customer_id},
        order="purchase_time",
        descending=True,
        after=place_from(decode_token(page_token, query=query)),
        # One more than asked for tells whether there is a next page.
        limit=limit + 1,
    )
    found = await records.select(PURCHASES, where)
    page, more = found[:limit], len(found) > limit
    return page, encode_token(place_of(page[-1]), query=query) if more else ""


def place_of(purchase: Purchase) -> str:
    return f"{(purchase.purchase_time - EPOCH) // MILLISECOND} {purchase.purchase_id}"


def place_from(text: str) -> tuple[datetime, str] | None:
    if not text:
        return None
    milliseconds, _, purchase_id = text.partition(" ")
    try:
        return EPOCH + int(milliseconds) * MILLISECOND, purchase_id
    except (ValueError, OverflowError):
        raise InvalidPageError("page_token did not come from this query") from None


async def known_customers(records: Records, customer_ids: Collection[str]) -> set[str]:
    return {str(key) for key in await records.find_many(PROFILES, customer_ids)}


async def due_orders(records: Records, *, now: datetime, limit: int) -> list[CollectedOrder]:
    """Orders to be read by now, the longest due first."""
    where = Where(equal={"read": False}, at_most={"due_time": now}, order="due_time", limit=limit)
    return await records.select(COLLECTED_ORDERS, where)
