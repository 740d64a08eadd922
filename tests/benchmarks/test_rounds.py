"""When a run is void, and what is made of those that are not."""

from dataclasses import replace

import pytest

from benchmarks.rounds import Pair, Rounds, Run, alternated, per_s

GOOD = Run(
    per_s=1000.0,
    p50_ms=1.0,
    p99_ms=2.0,
    failed_count=0,
    generator_cores=0.4,
    server_cores=0.97,
    server_ms=0.25,
)
LIMITED = replace(GOOD, generator_cores=0.98, server_cores=0.5)


def at(rate: float) -> Run:
    return replace(GOOD, per_s=rate)


def test_a_run_whose_generator_was_the_limit_is_void() -> None:
    assert "generator was the limit (98% of a core, the server 50%)" in LIMITED.void


def test_a_busy_generator_is_fine_while_the_server_is_as_busy() -> None:
    assert not replace(GOOD, generator_cores=0.98, server_cores=0.95).void


def test_an_idle_server_is_fine_while_the_generator_has_more_to_give() -> None:
    assert not replace(GOOD, generator_cores=0.2, server_cores=0.3).void


@pytest.mark.parametrize("spoilt", [replace(GOOD, failed_count=1), at(0.0)])
def test_a_run_with_failures_or_without_answers_is_void(spoilt: Run) -> None:
    assert spoilt.void


def test_the_ratio_is_the_middle_one_of_neighbours_not_of_middles() -> None:
    # The machine grew twice as fast in between: each pair says 0.5 all the same.
    rounds = Rounds((Pair(at(100), at(200)), Pair(at(200), at(400)), Pair(at(210), at(420))))
    assert rounds.ratio(per_s) == 0.5


def test_one_wild_round_does_not_move_the_ratio() -> None:
    rounds = Rounds((Pair(at(50), at(100)), Pair(at(50), at(1000)), Pair(at(50), at(100))))
    assert rounds.ratio(per_s) == 0.5


@pytest.mark.parametrize("void", [Pair(LIMITED, at(500)), Pair(at(500), LIMITED)])
def test_a_pair_with_a_void_run_counts_for_nothing_and_is_said(void: Pair) -> None:
    rounds = Rounds((void, Pair(at(100), at(200))))
    assert (rounds.ours(per_s), rounds.bare(per_s), rounds.ratio(per_s)) == (100, 200, 0.5)
    assert "1 of 2 rounds void" in rounds.note


def test_with_nothing_valid_there_is_no_figure() -> None:
    rounds = Rounds((Pair(LIMITED, GOOD),))
    assert (rounds.ours(per_s), rounds.ratio(per_s)) == (None, None)


def test_the_note_says_how_busy_generator_and_servers_were() -> None:
    note = Rounds((Pair(GOOD, replace(GOOD, generator_cores=0.6)),)).note
    assert note == (
        "ours cpu 97% (0.25 ms each), generator 40%; bare cpu 97% (0.25 ms each), generator 60%"
    )


async def test_ours_and_the_baseline_take_turns() -> None:
    order: list[str] = []

    async def run(name: str) -> Run:
        order.append(name)
        return GOOD

    await alternated(lambda: run("ours"), lambda: run("bare"), rounds_count=2)

    assert order == ["ours", "bare", "ours", "bare"]
