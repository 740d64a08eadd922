"""All that collect keeps."""

from services.collect.basket.store import BASKETS
from services.collect.guessing.store import ATTEMPTS, WRONG_CODES
from services.collect.locker.store import CABINETS, RECEIPTS, STATEMENTS
from services.collect.order.store import BROKEN_HOLDS, ORDERS
from services.collect.parcel.store import PARCELS
from services.collect.payment.store import PAYMENTS
from services.collect.point.store import POINT_KINDS
from services.collect.stuck.store import RESIDUES

KINDS = (
    *POINT_KINDS,
    *(BASKETS, CABINETS, STATEMENTS, RECEIPTS),
    *(ORDERS, BROKEN_HOLDS, PARCELS, PAYMENTS, RESIDUES),
    *(ATTEMPTS, WRONG_CODES),
)
