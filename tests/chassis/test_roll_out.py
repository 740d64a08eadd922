"""Replicas of two releases on one database, of which the newer one keeps another shape."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest

from chassis.changes import Changed
from chassis.documents import UnknownSchemaError
from chassis.mongo import Database
from chassis.mongo_records import MongoRecords
from chassis.records import Document, Kind, Ref, State, Where
from chassis.requests import Request, request_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """As the first release has it."""

    name: str
    badge: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """As all later ones do."""

    name: str
    badge_text: str


def up(document: Document) -> Document:
    return {**document, "badge_text": f"B-{document['badge']}"}


def down(document: Document) -> Document:
    kept = {name: value for name, value in document.items() if name != "badge_text"}
    return {**kept, "badge": int(document["badge_text"].removeprefix("B-"))}


FIRST = Kind(type=Member, collection="members", key=lambda member: member.name)
# Reads both, and writes what the first one reads.
SECOND = Kind(
    type=Colleague,
    collection="members",
    key=lambda colleague: colleague.name,
    schema=2,
    upgrades={1: up},
    writes=1,
    downgrades={1: down},
)
THIRD = replace(SECOND, writes=None, downgrades={})
ANNA = {FIRST: Member(name="anna", badge=7), SECOND: Colleague(name="anna", badge_text="B-7")}
ANNA[THIRD] = ANNA[SECOND]


async def put(database: Database, kind: Kind[Any], request: Request | None = None) -> Any:
    """Anna as a replica with this kind writes her; the answer it gives."""
    return await MongoRecords(database, [kind]).update(
        [Ref(kind, "anna")],
        lambda _: Changed(answer=ANNA[kind], records=(ANNA[kind],)),
        answer=kind.type,
        request=request,
        timeout_s=20,
    )


async def read(database: Database, kind: Kind[Any]) -> list[Any]:
    """In each of the ways in which a replica reads."""
    records = MongoRecords(database, [kind])
    seen: list[Any] = []

    def look(state: State) -> Changed[None]:
        seen.append(state.find(kind, "anna"))
        return Changed(answer=None)

    await records.update([Ref(kind, "anna")], look, answer=type(None), timeout_s=20)
    return [
        await records.find(kind, "anna"),
        *(await records.find_many(kind, ["anna"])).values(),
        *await records.select(kind, Where(limit=9)),
        *seen,
    ]


@pytest.mark.parametrize(
    ("older", "newer"), [(FIRST, SECOND), (SECOND, THIRD)], ids=["told", "written"]
)
async def test_each_reads_what_the_other_writes(
    database: Database, older: Kind[Any], newer: Kind[Any]
) -> None:
    await MongoRecords(database, [older]).ensure_indexes()
    for writer in (older, newer, older, newer):
        await put(database, writer)
        for reader in (older, newer):
            assert await read(database, reader) == [ANNA[reader]] * 4


@pytest.mark.parametrize(
    ("older", "newer"), [(FIRST, SECOND), (SECOND, THIRD)], ids=["told", "written"]
)
async def test_each_gives_the_answer_that_the_other_kept(
    database: Database, older: Kind[Any], newer: Kind[Any]
) -> None:
    await MongoRecords(database, [older]).ensure_indexes()
    for first, then in ((older, newer), (newer, older)):
        request = request_for(subject="a", method="Put", request_id=str(uuid4()), body=b"")
        await put(database, first, request)
        assert await put(database, then, request) == ANNA[then]


async def test_what_is_written_at_once_the_release_before_cannot_read(database: Database) -> None:
    """The control, and why it takes two releases."""
    await MongoRecords(database, [FIRST]).ensure_indexes()
    await put(database, THIRD)
    with pytest.raises(UnknownSchemaError):
        await read(database, FIRST)


@pytest.mark.parametrize(
    "wrong",
    [{"writes": 3}, {"downgrades": {}}, {"upgrades": {}}, {"writes": 0}],
    ids=["newer than it reads", "without a way back", "unreadable to itself", "of before all"],
)
def test_a_kind_that_could_not_read_what_it_writes_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        replace(SECOND, **wrong)
