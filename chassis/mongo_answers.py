"""Where MongoDB keeps answers: a collection for each month. Knows no record."""

from collections.abc import Iterable, Mapping

from chassis.answers import (
    PREFIX,
    Kept,
    kept_from_document,
    months_kept,
    months_read,
    months_written,
)
from chassis.clock import Clock
from chassis.mongo import (
    BulkWriteError,
    ContendedError,
    Database,
    Document,
    Session,
    translated_errors,
)


class MongoAnswers:
    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def tend(self) -> None:
        """Make room for the months to come, and drop those that are over."""
        kept = months_kept(self._clock())
        await self._database.create_missing(kept)
        with translated_errors():
            for name in await self._database.collection_names():
                if name.startswith(PREFIX) and name < kept[0]:
                    await self._database.collection(name).drop()

    async def kept(self, keys: Iterable[str]) -> Mapping[str, Kept]:
        """In one round trip, which no transaction allows, and before it begins.

        What is kept between this look and the transaction lies where the
        transaction puts its own answer: it fails, and looks again.
        """
        wanted = list(keys)
        if not wanted:
            return {}
        first, *others = months_read(self._clock())
        match: Document = {"$match": {"_id": {"$in": wanted}}}
        unions = [{"$unionWith": {"coll": name, "pipeline": [match]}} for name in others]
        found = await self._database.aggregate(first, [match, *unions])
        return {document["_id"]: kept_from_document(document) for document in found}

    async def among(self, keys: Iterable[str], session: Session) -> bool:
        """Whether one of them was kept by the time of the session's snapshot."""
        query = {"_id": {"$in": list(keys)}}
        for name in months_written(self._clock()):
            answers = self._database.collection(name)
            if await answers.find_one(query, {"_id": 1}, session=session):
                return True
        return False

    async def insert(self, documents: list[Document], session: Session) -> None:
        """Raises ContendedError."""
        if not documents:
            return
        try:
            for name in months_written(self._clock()):
                await self._database.collection(name).insert_many(documents, session=session)
        except BulkWriteError as error:
            raise ContendedError("the same request was done meanwhile") from error
