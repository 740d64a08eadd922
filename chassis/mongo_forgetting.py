"""How records that have had their time leave MongoDB. Until they do, no read finds them."""

import asyncio
from datetime import datetime

from chassis.documents import FORGET_TIME
from chassis.mongo import Collection, Document, IndexModel, translated_errors

# Of one deletion, which holds no lock for long; and of one sweep, which comes again.
SWEPT_AT_ONCE_MAX = 1000
ROUNDS_MAX = 1000
PAUSE_S = 0.05

# Sparse: what is never forgotten takes no room in it.
INDEX = IndexModel([(FORGET_TIME, 1)], sparse=True)


def unforgotten(query: Document, *, now: datetime) -> Document:
    """The records of `query` that have not had their time."""
    return {"$and": [query, {FORGET_TIME: {"$not": {"$lte": now}}}]}


async def sweep(
    collection: Collection, *, now: datetime, at_once_max: int = SWEPT_AT_ONCE_MAX
) -> None:
    """Delete them, in bounded steps. Several at once delete each record once."""
    old = {FORGET_TIME: {"$lte": now}}
    for _ in range(ROUNDS_MAX):
        with translated_errors():
            found = await collection.find(old, {"_id": 1}).limit(at_once_max).to_list(at_once_max)
            # Looked at again: one that was written anew since it was found stays.
            ids = [document["_id"] for document in found]
            await collection.delete_many({"_id": {"$in": ids}, **old})
        if len(found) < at_once_max:
            return
        await asyncio.sleep(PAUSE_S)
