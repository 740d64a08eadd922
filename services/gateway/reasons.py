"""Every reason a problem may have: its status, and what a client does about it."""

from collections.abc import Mapping
from typing import NamedTuple


class Reason(NamedTuple):
    status: int
    words: str


class Stated(NamedTuple):
    """A reason as a route states it."""

    reason: str
    status: int


# Of any route.
ANY = (
    "MALFORMED_REQUEST",
    "EXPECTATION_FAILED",
    "INVALID_REQUEST",
    "UNAUTHENTICATED",
    "TOO_MANY_CALLS",
    "INTERNAL",
    "UNAVAILABLE",
    "KEYS_UNAVAILABLE",
    "DATABASE_UNAVAILABLE",
    "DRAINING",
    "DEADLINE_EXCEEDED",
    "DATABASE_TIMEOUT",
)
SIGNED_IN = ("ACCESS_DENIED",)
WITH_BODY = ("BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", "REQUEST_TIMEOUT")
WRITES = ("INVALID_REQUEST_ID", "REQUEST_ID_REUSED", "REQUEST_ID_TOO_OLD")
LIMITED = ("TOO_MANY_REQUESTS",)
STREAMS = ("TOO_MANY_STREAMS",)

REASONS: Mapping[str, Reason] = {
    "MALFORMED_REQUEST": Reason(400, "That is no HTTP, or its head is above 8 KiB a line."),
    "INVALID_REQUEST": Reason(400, "Not as described here; `errors` says which fields."),
    "INVALID_REQUEST_ID": Reason(400, "A write needs an Idempotency-Key: a UUID."),
    "INVALID_ADDRESS": Reason(400, "That is no e-mail address."),
    "WEAK_PASSWORD": Reason(400, "Too short, too long, or one that everybody tries."),
    "INVALID_PROFILE": Reason(400, "A name is missing or too long, or the language unknown."),
    "INVALID_PAGE": Reason(400, "The page token came from another query, or the size is wrong."),
    "INVALID_QUERY": Reason(400, "The words searched for are too many."),
    "INVALID_LOCALE": Reason(400, "Ask in `fr` or `en`."),
    "INVALID_COORDINATES": Reason(400, "There is no such place on the globe."),
    "INVALID_LOCATION_IDS": Reason(400, "Too many shops, one twice, or no id of a shop."),
    "INVALID_LINES": Reason(400, "A quantity is zero or no multiple of the step, or a sku twice."),
    "INVALID_SLOT": Reason(400, "The slot is not one of this point: ask for options again."),
    "INVALID_PAYMENT": Reason(400, "A reference goes with method `reference`, and only then."),
    "INVALID_TERMINAL": Reason(400, "The label or the key cannot be taken."),
    "INVALID_PICK": Reason(400, "Found cannot be more than was ordered."),
    "INVALID_BIN": Reason(400, "A bin's label has 1 to 32 characters."),
    "INVALID_PARCEL": Reason(400, "Each article once, not too many, and the bin they lie in."),
    "INVALID_CAUSE": Reason(400, "Say why, in 200 characters at the most."),
    "INVALID_SKUS": Reason(400, "That is no article number."),
    "UNAUTHENTICATED": Reason(401, "No valid token: refresh it, else sign in."),
    "WRONG_CREDENTIALS": Reason(401, "One of them is wrong; which one is not said."),
    "WRONG_CODE": Reason(401, "The code is wrong or no longer good: ask for a new one."),
    "SESSION_ENDED": Reason(401, "Sign in again."),
    "ACCESS_DENIED": Reason(403, "Signed in, but not as somebody who may do this."),
    "NOT_FOUND": Reason(404, "There is nothing at this path."),
    "UNKNOWN_CUSTOMER": Reason(404, "There is no such customer."),
    "UNKNOWN_STAFF": Reason(404, "There is no such member of staff any more."),
    "UNKNOWN_SKU": Reason(404, "There is no such product."),
    "UNKNOWN_LOCATION": Reason(404, "There is no such shop, or it is not one of yours."),
    "UNKNOWN_POINT": Reason(404, "There is no such point."),
    "UNKNOWN_ORDER": Reason(404, "There is no such order, or it is not yours."),
    "UNKNOWN_PARCEL": Reason(404, "There is no such parcel, or it is not yours to handle."),
    "UNKNOWN_LINE": Reason(404, "The order has no such line."),
    "METHOD_NOT_ALLOWED": Reason(405, "The path takes other methods; `Allow` says which."),
    "REQUEST_TIMEOUT": Reason(408, "The body came too slowly."),
    "REQUEST_ID_REUSED": Reason(409, "This Idempotency-Key came with another body before."),
    "REQUEST_ID_TOO_OLD": Reason(409, "See whether it was done; if not, make a new key."),
    "ADDRESS_TAKEN": Reason(409, "There is an account with this address: sign in."),
    "REVISION_CHANGED": Reason(409, "It was changed meanwhile: read it again."),
    "BASKET_FULL": Reason(409, "The basket takes no further article."),
    "INSUFFICIENT_STOCK": Reason(409, "There is not enough: ask for options again."),
    "BUYER_LIMIT_REACHED": Reason(409, "There are only so many for each: order fewer, or later."),
    "SLOT_FULL": Reason(409, "The slot was taken meanwhile: choose another."),
    "SLOT_PAST": Reason(409, "The slot has passed: choose another."),
    "NO_COMPARTMENT": Reason(409, "No compartment is free or large enough: choose a counter."),
    "PAYMENT_DECLINED": Reason(409, "The payment was declined: choose another."),
    "PAYMENT_REQUIRED": Reason(409, "A locker takes no order that is due at the counter."),
    "CONFIRMATION_TIMEOUT": Reason(409, "It could not be confirmed in time and was undone."),
    "PRICE_CHANGED": Reason(409, "It costs something else now: show the new total."),
    "ORDER_ENDED": Reason(409, "The order is over already."),
    "ORDER_NOT_READY": Reason(409, "The order is not waiting for its customer."),
    "ORDER_NOT_PICKABLE": Reason(409, "The order is past picking, or not promised yet."),
    "ORDER_NOT_PICKED": Reason(409, "Lines of it have yet to be looked for."),
    "ORDER_NOT_STAGED": Reason(409, "The order does not lie in a bin for a locker."),
    "PARCEL_NOT_HELD": Reason(409, "The parcel is packed already, or not wanted any more."),
    "PARCEL_NOT_PACKED": Reason(409, "It was sent already, or called off: put it back then."),
    "PARCEL_NOT_SENT": Reason(409, "The parcel is not on its way, or was received already."),
    "NOT_IN_CABINET": Reason(409, "The order does not lie in a cabinet."),
    "ILLEGAL_USE": Reason(409, "The compartment is used for something else now."),
    "PAYMENT_DUE": Reason(409, "It has to be paid first; then say so."),
    "BODY_TOO_LARGE": Reason(413, "A body has at most 64 KiB."),
    "UNSUPPORTED_MEDIA_TYPE": Reason(415, "Send JSON, without Content-Encoding."),
    "EXPECTATION_FAILED": Reason(417, "Expect nothing but `100-continue`."),
    "TOO_MANY_ATTEMPTS": Reason(429, "Too many wrong tries: wait as Retry-After says."),
    "TOO_MANY_PASSWORDS": Reason(429, "We are busy: send the same again after Retry-After."),
    "TOO_MANY_REQUESTS": Reason(429, "Too many such requests: wait as Retry-After says."),
    "TOO_MANY_CALLS": Reason(429, "We are busy: send the same again after Retry-After."),
    "TOO_MANY_STREAMS": Reason(429, "Close another stream first."),
    "INTERNAL": Reason(500, "Our fault; `instance` helps us to find out."),
    "UNAVAILABLE": Reason(503, "Send the same again after Retry-After, with the same key."),
    "KEYS_UNAVAILABLE": Reason(503, "Tokens cannot be checked now: try again, do not sign in."),
    "DATABASE_UNAVAILABLE": Reason(503, "Send the same again after Retry-After, same key."),
    "DRAINING": Reason(503, "This replica closes: another one takes the next request."),
    "CABINET_OFFLINE": Reason(503, "The cabinet does not answer: try again, or use a bin."),
    "DEADLINE_EXCEEDED": Reason(504, "It may have happened: send the same again, same key."),
    "DATABASE_TIMEOUT": Reason(504, "It may have happened: send the same again, same key."),
}


def stated(text: str) -> Stated:
    """Of `WRONG_CODE`, or `409 WRONG_CODE` where its status is not the usual one."""
    status, _, reason = text.rpartition(" ")
    return Stated(reason, int(status) if status else REASONS[reason].status)
