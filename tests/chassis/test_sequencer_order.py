"""Which events the sequencer takes next, and in which order. Pure."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from chassis.mongo import Document
from chassis.sequencer import BATCH_MAX, due, in_order
from tests.chassis.event_house import change_told

CHANGES = st.builds(change_told, st.sampled_from("pq"), st.sampled_from("ab"), st.integers(1, 9))


@given(st.lists(CHANGES))
def test_each_records_events_go_by_revision_in_the_places_they_came_in(
    events: list[Document],
) -> None:
    def records_of(events: Iterable[Document]) -> list[tuple[str, str]]:
        return [(event["kind"], event["key"]) for event in events]

    ordered = in_order(events)

    assert records_of(ordered) == records_of(events)
    for record in set(records_of(events)):
        came, gone = (
            [each["revision"] for each in some if (each["kind"], each["key"]) == record]
            for some in (events, ordered)
        )
        assert gone == sorted(came)


def test_what_says_no_kind_is_of_one_with_all_of_its_key_that_says_none() -> None:
    waiting = [{"key": f"thing-{n}", "revision": 2} for n in range(BATCH_MAX)]
    behind = [{"key": "thing-0", "revision": 1, **kind} for kind in ({"kind": "other"}, {})]

    assert due([*waiting, *behind]) == [*waiting, behind[1]]


def test_events_of_one_key_go_by_revision_in_the_places_they_came_in() -> None:
    came = [("a", 2), ("b", 7), ("a", 1), ("c", 1), ("b", 6)]
    documents = [{"key": key, "revision": revision} for key, revision in came]

    placed = [(event["key"], event["revision"]) for event in in_order(documents)]

    assert placed == [("a", 1), ("b", 6), ("a", 2), ("c", 1), ("b", 7)]
