"""The search for who serves what, against trying everything."""

import random
from collections.abc import Sequence
from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.inventory.sourcing.covering import Server, Value, best_cover, greedy, sums_of
from services.inventory.sourcing.explaining import cheapest_first, earliest_first
from services.inventory.sourcing.planning import Weights, fewest_first
from tests.inventory.house import Clock

WEIGHED = Weights(parcel=3, hour=1, cost=2).value(Clock.now)
BEGIN = int(Clock.now.timestamp())

servers = st.lists(
    st.builds(
        Server,
        lines=st.integers(1, 31),
        ready=st.integers(0, 4).map(lambda hours: BEGIN + hours * 3600),
        cost=st.integers(0, 5),
        parcels=st.just(1),
    ),
    min_size=1,
    max_size=7,
)
own = st.builds(
    Server,
    lines=st.integers(1, 31),
    ready=st.integers(0, 4).map(lambda hours: BEGIN + hours * 3600),
    cost=st.just(0),
    parcels=st.just(0),
)
values = st.sampled_from((fewest_first, earliest_first, cheapest_first, WEIGHED))


def lines_of(given: Sequence[Server]) -> int:
    lines = 0
    for server in given:
        lines |= server.lines
    return lines


def least_of_all(given: Sequence[Server], value: Value) -> tuple[float, ...]:
    """By trying every choice there is."""
    numbers = range(len(given))
    choices = chain.from_iterable(combinations(numbers, n) for n in range(1, len(given) + 1))
    return min(
        value(*sums_of(choice, given))
        for choice in choices
        if lines_of([given[n] for n in choice]) == lines_of(given)
    )


@given(st.lists(own, max_size=1), servers, values)
def test_no_choice_is_better_than_the_one_found(
    mine: list[Server], others: list[Server], value: Value
) -> None:
    given = [*mine, *others]
    cover = best_cover(lines_of(given), given, value)
    assert lines_of([given[number] for number in cover.chosen]) == lines_of(given)
    assert value(*sums_of(cover.chosen, given)) == least_of_all(given, value)
    assert cover.exact


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("value", [fewest_first, earliest_first, cheapest_first, WEIGHED])
def test_nor_where_ways_meet_again_and_again(seed: int, value: Value) -> None:
    chance = random.Random(seed)
    given = [
        Server(
            lines=sum((chance.random() < 0.3) << line for line in range(9)),
            ready=BEGIN + chance.randrange(4) * 3600,
            cost=chance.randrange(6) if number else 0,
            parcels=int(number > 0),
        )
        for number in range(11)
    ]
    cover = best_cover(lines_of(given), given, value)
    assert value(*sums_of(cover.chosen, given)) == least_of_all(given, value)


def hard(seed: int) -> list[Server]:
    """Each line at one location in ten: where most choices are worth a look."""
    chance = random.Random(seed)
    return [
        Server(
            lines=sum((chance.random() < 0.1) << line for line in range(20)),
            ready=BEGIN + chance.randrange(5) * 3600,
            cost=chance.randrange(300, 1500),
        )
        for _ in range(200)
    ]


def test_a_search_that_was_ended_says_so_and_is_no_worse_than_its_beginning() -> None:
    given = hard(seed=1)
    ended = best_cover(lines_of(given), given, fewest_first, steps_max=100)
    begun = greedy(lines_of(given), given)
    assert not ended.exact
    assert sums_of(ended.chosen, given) <= sums_of(begun, given)
    assert lines_of([given[number] for number in ended.chosen]) == lines_of(given)


def test_a_search_of_20_lines_at_200_locations_comes_to_its_end() -> None:
    """Each line at three of ten, in steps: the time they take is for the benchmark."""
    chance = random.Random(7)
    given = [
        Server(
            lines=sum((chance.random() < 0.3) << line for line in range(20)),
            ready=BEGIN + chance.randrange(5) * 3600,
            cost=chance.randrange(300, 1500),
        )
        for _ in range(200)
    ]
    cover = best_cover(lines_of(given), given, fewest_first, steps_max=5_000)
    assert cover.exact
    assert len(cover.chosen) == 3


def test_what_serves_itself_is_no_parcel() -> None:
    mine, other = Server(0b01, BEGIN, 0, parcels=0), Server(0b11, BEGIN, 0)
    another = Server(0b10, BEGIN + 3600, 0)
    cover = best_cover(0b11, [mine, other, another], fewest_first)
    assert sums_of(cover.chosen, [mine, other, another]) == (1, BEGIN, 0)
