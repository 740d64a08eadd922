"""A short run under faults that must pass, and one with a flaw that must not, on one suite."""

import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from deploy.local.child_stack import free_ports
from tests.chaos import report
from tests.chaos.defects import FLAWS
from tests.chaos.journeys import (
    Way,
    cancelled_somewhere,
    collected_at_the_counter,
    sold_at_the_till,
    the_last_one,
)
from tests.chaos.nemesis import Fault, Kind
from tests.chaos.rig import Rig, rigged
from tests.chaos.running import Plan, ran
from tests.chaos.verdict import shortcomings, violations

# It takes two minutes of both cores, a quarter of what all other tests may take.
pytestmark = pytest.mark.skipif(
    not os.environ.get("COMPTOIR_CHAOS"), reason="set COMPTOIR_CHAOS=1, or run `make chaos`"
)

SEED = 20261122
# Two of what an order needs most: each process takes two seconds of a core to start.
ALONE = ("catalog", "customer", "associate", "gateway")
FAULTS = (Fault(Kind.KILL, "collect-1"), Fault(Kind.ROLL, "inventory"))
# Those that are over in a second; a hold takes half a minute to lapse.
QUICK: Mapping[Way, int] = {
    collected_at_the_counter: 4,
    cancelled_somewhere: 2,
    the_last_one: 1,
    sold_at_the_till: 1,
}


@pytest.fixture(scope="module")
async def rig(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rig]:
    folder: Path = tmp_path_factory.mktemp("chaos")
    port = free_ports(replicas_count=2)
    async with rigged(folder, port, members_count=1, alone=ALONE) as running:
        yield running


async def test_nothing_is_lost_or_doubled_under_faults(rig: Rig) -> None:
    result = await ran(rig, Plan(seed=SEED, seconds=60.0, faults=FAULTS, calm_s=1.0, ways=QUICK))

    words = report.text(result.run, seed=SEED, commit="smoke")
    assert violations(result.run) == [], words
    assert shortcomings(result.run) == [], words


async def test_a_service_that_makes_each_repeat_anew_is_found_out(rig: Rig) -> None:
    await rig.run_instead("collect", "tests.chaos.defects", "new-id-each-time")
    result = await ran(rig, Plan(seed=SEED, seconds=0.0, faults=(), calm_s=3.0, ways=QUICK))

    found = {violation.invariant for violation in violations(result.run)}
    assert FLAWS["new-id-each-time"].invariant in found, report.text(
        result.run, seed=SEED, commit="smoke"
    )
