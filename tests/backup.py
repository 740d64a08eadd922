"""What `mongodump` and `mongorestore` do to databases, over the driver.

Read in one snapshot, as `mongodump --oplog` ends in one: no write is in it by half.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from chassis.mongo import Database, Session, translated_errors

Backup: TypeAlias = Mapping[str, list[dict[str, Any]]]


async def taken(database: Database) -> Backup:
    """Every collection of the database, all of one instant."""
    names = sorted(await database.collection_names())

    async def read(session: Session) -> Backup:
        found = {}
        for name in names:
            cursor = database.collection(name).find({}, session=session).sort("$natural", 1)
            found[name] = await cursor.to_list(None)
        return found

    return await database.snapshot(read)


async def put_back(database: Database, backup: Backup) -> None:
    """The database as it was then, and nothing of what came since. Services make the indexes."""
    await database.drop()
    for name, documents in backup.items():
        await database.create_collection(name)
        if documents:
            with translated_errors():
                await database.collection(name).insert_many(documents)
