"""A row of stock in words."""

import time

from comptoir.inventory.v1 import stock_service_pb2 as pb


def text_of(row: pb.StockRow) -> str:
    """`paris-bastille PER-1802: 7 sellable, 2 held, 0 short (revision 12)`."""
    sellable = sum(b.quantity for b in row.buckets if b.bucket == pb.BUCKET_SELLABLE)
    held = sum(c.quantity for c in row.claims if c.expire_time.seconds > time.time())
    return (
        f"{row.location_id} {row.sku}: {sellable} sellable, {held} held, "
        f"{row.short_quantity} short (revision {row.revision})"
    )
