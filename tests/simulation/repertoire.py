"""What may be asked for in a simulation: where, by whom, of what, and how often."""

from services.inventory.ledger.domain import Cause
from services.inventory.stock.domain import Bucket, Place
from tests.simulation.operations import Verb

# Few, so that everybody meets at the same ones.
PLACES = tuple(Place(shop, sku) for shop in ("lille", "lyon") for sku in ("LAMP", "RUG"))
OWNERS = ("market", "bazaar")
BUYERS = ("anna", "ben", "")
LIMITS, PERIODS_S = (0, 2, 3, 4, 6, 8), (0, 0, 3600, 86_400)
OPEN_S = (0, 60, 300)
HOLDS_S = (1, 30, 100, 300, 600, 600, 900, 7200)
MOVES = (
    (Bucket.OUTSIDE, Bucket.SELLABLE, Cause.RECEIPT),
    (Bucket.OUTSIDE, Bucket.SELLABLE, Cause.COUNT),
    (Bucket.SELLABLE, Bucket.OUTSIDE, Cause.COUNT),
    (Bucket.SELLABLE, Bucket.DAMAGED, Cause.DAMAGE),
    (Bucket.SELLABLE, Bucket.OUTSIDE, Cause.NOT_FOUND),
    (Bucket.STAGED, Bucket.OUTSIDE, Cause.ORDER),
    (Bucket.STAGED, Bucket.SELLABLE, Cause.RETURN),
    (Bucket.OUTSIDE, Bucket.QUARANTINE, Cause.RETURN),
    (Bucket.QUARANTINE, Bucket.SELLABLE, Cause.RETURN),
)
VERBS = {
    Verb.RESERVE: 30,
    Verb.SUPERSEDE: 10,
    Verb.RENEW: 10,
    Verb.RELEASE: 8,
    Verb.COMMIT: 12,
    Verb.CANCEL: 8,
    Verb.SELL: 5,
    Verb.MOVE: 6,
    Verb.IMPORT: 6,
    Verb.TELL: 5,
}
