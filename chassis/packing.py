"""Events in documents: those of one instant in one, in the outbox and in the log. Pure.

Each by itself would cost the engine several times what it holds: it is inserted twice, indexed
and deleted, and all of that goes to every member. Documents of before hold one event each, as
`event_to_document` makes it; they are read as the others are.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chassis.records import Document

# What an event weighs that holds nothing: as many bytes as so many items, about.
EVENT_WEIGHT = 10
# Of one document, which stays below a tenth of a megabyte; one event alone may weigh more. A
# reader that stops within a document reads it again, and one that is far behind four.
EVENTS_MAX = 300
WEIGHT_MAX = EVENTS_MAX * EVENT_WEIGHT
# What an event has to itself. Most have no `kind`: what tells apart few would be kept with all.
FIELDS = ("name", "key", "revision", "detail", "kind")


def weight(detail: Mapping[str, Any]) -> int:
    """What an event comes to: itself, and the items of the lists and maps in its detail."""
    weighed = EVENT_WEIGHT
    for value in detail.values():  # No generator, which takes twice as long: each event is weighed.
        if isinstance(value, (list, tuple, dict)):
            weighed += len(value)
    return weighed


def packed(events: Iterable[Document]) -> list[Document]:
    """As few documents as hold them in their order, each event with its `occur_time`."""
    documents, room = list[Document](), 0
    for event in events:
        needed, occur_time = weight(event["detail"]), event["occur_time"]
        if needed > room or documents[-1]["occur_time"] != occur_time:
            documents.append({"occur_time": occur_time, "events": []})
            room = WEIGHT_MAX
        documents[-1]["events"].append({name: event[name] for name in FIELDS if name in event})
        room -= needed
    return documents


def unpacked(documents: Iterable[Document]) -> Iterator[Document]:
    """Each event with the `occur_time` of its document, in order."""
    for document in documents:
        if "events" not in document:
            yield document
            continue
        for event in document["events"]:
            yield {**event, "occur_time": document["occur_time"]}


def placed(documents: Iterable[Document], behind: int) -> Iterator[Document]:
    """With the positions that follow `behind`: `first` of the first event, `_id` of the last."""
    for document in documents:
        first, behind = behind + 1, behind + len(document["events"])
        yield {**document, "first": first, "_id": behind}


def first_of(document: Document) -> int:
    """The position of its first event."""
    return int(document["first"] if "first" in document else document["_id"])


def last_of(document: Document) -> int:
    """The position of its last event."""
    return int(document["_id"])
