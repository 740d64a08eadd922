"""What lies in a store, to be spoilt by hand: past every rule, as a bug or a bad disk would."""

from typing import Any, Protocol

from chassis.documents import key_to_plain
from chassis.memory_records import MemoryRecords
from chassis.mongo import Database
from chassis.records import Document, Key, Kind
from chassis.selection import sortable


class Documents(Protocol):
    async def all(self, kind: Kind[Any]) -> list[Document]: ...

    async def put(self, kind: Kind[Any], document: Document) -> None: ...

    async def remove(self, kind: Kind[Any], key: Key) -> None: ...


class MemoryDocuments:
    def __init__(self, records: MemoryRecords) -> None:
        self._documents = records._documents

    async def all(self, kind: Kind[Any]) -> list[Document]:
        return list(self._documents[kind.collection].values())

    async def put(self, kind: Kind[Any], document: Document) -> None:
        self._documents[kind.collection][sortable(document["_id"])] = document

    async def remove(self, kind: Kind[Any], key: Key) -> None:
        del self._documents[kind.collection][sortable(key_to_plain(key))]


class MongoDocuments:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, kind: Kind[Any]) -> list[Document]:
        return await self._database.aggregate(kind.collection, [])

    async def put(self, kind: Kind[Any], document: Document) -> None:
        collection = self._database.collection(kind.collection)
        await collection.replace_one({"_id": document["_id"]}, document, upsert=True)

    async def remove(self, kind: Kind[Any], key: Key) -> None:
        await self._database.collection(kind.collection).delete_one({"_id": key_to_plain(key)})
