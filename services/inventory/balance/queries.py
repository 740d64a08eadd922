"""What MongoDB is asked for, to prove the rows of a part. Knows no driver."""

from chassis.documents import key_to_plain
from chassis.records import Document
from services.inventory.balance.domain import Part
from services.inventory.reservation.domain import STANDING
from services.inventory.stock.domain import Place

LOCATION_IDS: list[Document] = [
    # Sorted first, so that the engine leaps from location to location through the index.
    {"$sort": {"location_id": 1}},
    {"$group": {"_id": "$location_id"}},
]


def rows_in(part: Part) -> list[Document]:
    """Its rows, in order."""
    return [
        {"$match": of_rows(part)},
        {"$sort": {"_id": 1}},
        {"$project": {"_id": 0, "touched": 0}},
    ]


def ends_of(part: Part, count_max: int) -> list[Document]:
    """The row at which so many are full, and the one behind it. Of keys of the index alone."""
    return [
        {"$match": of_rows(part)},
        {"$sort": {"_id": 1}},
        {"$skip": count_max - 1},
        {"$limit": 2},
        {"$project": {"_id": 1}},
    ]


def moved_in(part: Part) -> list[Document]:
    """Units and movements, by what varies in the part, source and target.

    All of it stands in the index of movements: no movement is looked at.
    """
    of_leg = {"key": f"${varying(part)}", "source": "$source", "target": "$target"}
    return [
        {"$match": lines_of(part)},
        {"$group": {"_id": of_leg, "sum": {"$sum": "$quantity"}, "count": {"$sum": 1}}},
    ]


def carried_in(part: Part) -> list[Document]:
    """What is closed of it."""
    return [{"$match": of_rows(part)}, {"$project": {"_id": 0, "touched": 0}}]


def claims_in(part: Part) -> list[Document]:
    """Units and lines of standing reservations, by what varies in the part, and instant."""
    of_claim = {"key": f"$lines.{varying(part)}", "instant": "$expire_instant"}
    standing = {"$in": [status.value for status in STANDING]}
    return [
        {"$match": {"status": standing, "lines": {"$elemMatch": lines_of(part)}}},
        {"$unwind": "$lines"},
        {"$match": {f"lines.{name}": value for name, value in lines_of(part).items()}},
        {"$group": {"_id": of_claim, "sum": {"$sum": "$lines.quantity"}, "count": {"$sum": 1}}},
    ]


def varying(part: Part) -> str:
    return "location_id" if part.sku else "sku"


def lines_of(part: Part) -> Document:
    """Which movements, and which lines of a reservation."""
    return {"location_id": {"$in": list(part.location_ids)}, "sku": skus_of(part)}


def skus_of(part: Part) -> Document | str:
    if part.sku:
        return part.sku
    end = {} if part.end_sku is None else {"$lte": part.end_sku}
    return {"$gt": part.after_sku, **end}


def of_rows(part: Part) -> Document:
    """By key, which is what rows are found and sorted by."""
    if part.sku:
        keys = [key_to_plain(Place(each, part.sku)) for each in part.location_ids]
        return {"_id": {"$in": keys}}
    (location_id,) = part.location_ids
    keys_between = {"$gt": key_to_plain(Place(location_id, part.after_sku))}
    if part.end_sku is not None:
        keys_between["$lte"] = key_to_plain(Place(location_id, part.end_sku))
    return {"location_id": location_id, "_id": keys_between}
