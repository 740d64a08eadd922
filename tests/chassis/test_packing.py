"""Events in documents: none is lost or moved, however they are packed and read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.changes import Event
from chassis.events import LoggedEvent, batch_of, events_in
from chassis.packing import EVENT_WEIGHT, EVENTS_MAX, WEIGHT_MAX, packed, placed, unpacked, weight
from chassis.writes import event_to_document

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def listed(items_count: int) -> dict[str, Any]:
    return {"skus": ["s"] * items_count}


def mapped(items_count: int) -> dict[str, Any]:
    return {"held": {str(n): 1 for n in range(items_count)}}


EVENTS = st.lists(
    st.builds(
        lambda key, detail, tenths: event_to_document(
            Event("changed", key, 1, detail), NOON + timedelta(milliseconds=100 * tenths)
        ),
        st.sampled_from("abc"),
        st.builds(
            lambda made, items_count: made(items_count),
            st.sampled_from([listed, mapped]),
            st.sampled_from([0, 1, 990, WEIGHT_MAX - EVENT_WEIGHT, WEIGHT_MAX, 2 * WEIGHT_MAX]),
        ),
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


@pytest.mark.parametrize("detail_of", [listed, mapped])
def test_an_event_weighs_what_it_holds_whether_listed_or_mapped(
    detail_of: Callable[[int], dict[str, Any]],
) -> None:
    events = [event_to_document(Event("changed", "a", 1, detail_of(90)), NOON)] * 60

    assert weight(detail_of(90)) == EVENT_WEIGHT + 90
    assert [len(document["events"]) for document in packed(events)] == [30, 30]


def test_of_the_lightest_events_a_document_holds_the_most() -> None:
    events = [event_to_document(Event("changed", "a", 1), NOON)] * (EVENTS_MAX + 1)

    assert [len(document["events"]) for document in packed(events)] == [EVENTS_MAX, 1]


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
