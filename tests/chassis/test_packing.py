"""Events in documents: none is lost or moved, however they are packed and read."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chassis.changes import Event
from chassis.events import LoggedEvent, batch_of, events_in
from chassis.packing import WEIGHT_MAX, packed, placed, unpacked, weight
from chassis.writes import event_to_document

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
EVENTS = st.lists(
    st.builds(
        lambda key, rows_count, tenths: event_to_document(
            Event("changed", key, 1, {"skus": ["s"] * rows_count}),
            NOON + timedelta(milliseconds=100 * tenths),
        ),
        st.sampled_from("abc"),
        st.sampled_from([0, 1, 99, WEIGHT_MAX - 1, WEIGHT_MAX, 1000]),
        st.integers(0, 2),
    ),
    max_size=40,
)


@given(EVENTS)
def test_what_was_packed_comes_out_as_it_went_in(events: list[dict[str, Any]]) -> None:
    assert list(unpacked(packed(events))) == events


@given(EVENTS)
def test_a_document_is_of_one_instant_and_no_larger_than_it_may(
    events: list[dict[str, Any]],
) -> None:
    for document in packed(events):
        weights = [weight(event["detail"]) for event in document["events"]]
        assert sum(weights) <= WEIGHT_MAX or len(weights) == 1


@given(EVENTS)
def test_documents_are_as_few_as_hold_them(events: list[dict[str, Any]]) -> None:
    for before, after in pairwise(packed(events)):
        together = [*before["events"], after["events"][0]]
        is_full = sum(weight(event["detail"]) for event in together) > WEIGHT_MAX
        assert is_full or before["occur_time"] != after["occur_time"]


@given(EVENTS, st.integers(1, 9), st.integers(0, 5))
def test_read_in_any_steps_each_event_comes_once_at_its_position(
    events: list[dict[str, Any]], limit: int, before_count: int
) -> None:
    """Behind documents of before, which hold one event each."""
    of_before = [{**event, "_id": at} for at, event in enumerate(events[:before_count], 1)]
    documents = [*of_before, *placed(packed(events[before_count:]), len(of_before))]
    read, position = list[LoggedEvent](), 0
    while position < len(events):
        following = [document for document in documents if document["_id"] > position]
        batch = batch_of(following[:limit], position, limit, ())
        assert batch.position == min(position + limit, len(events))
        read += batch.events
        position = batch.position

    assert [event.position for event in read] == list(range(1, len(events) + 1))
    assert [event.key for event in read] == [event["key"] for event in events]
    assert read == [event for document in documents for event in events_in(document)]
