"""A short run under faults that must pass, and one with a flaw that must not, on one suite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.child_stack import free_ports
from tests.chaos import report
from tests.chaos.defects import FLAWS
from tests.chaos.nemesis import Fault, Kind
from tests.chaos.rig import Rig, rigged
from tests.chaos.running import Plan, ran
from tests.chaos.verdict import shortcomings, violations

SEED = 20261122
# Two of what an order needs most: each process takes two seconds of a core to start.
ALONE = ("catalog", "customer", "associate", "gateway")
FAULTS = (
    Fault(Kind.KILL, "collect-1"),
    Fault(Kind.KILL, "inventory-2"),
    Fault(Kind.ROLL, "inventory"),
)


@pytest.fixture(scope="module")
async def rig(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rig]:
    folder: Path = tmp_path_factory.mktemp("chaos")
    port = free_ports(replicas_count=2)
    async with rigged(folder, port, members_count=1, alone=ALONE) as running:
        yield running


async def test_nothing_is_lost_or_doubled_under_faults(rig: Rig) -> None:
    plan = Plan(seed=SEED, seconds=60.0, faults=FAULTS, per_s=1.5, calm_s=2.0)
    result = await ran(rig, plan)

    words = report.text(result.run, seed=SEED, commit="smoke")
    assert violations(result.run) == [], words
    assert shortcomings(result.run) == [], words


async def test_a_service_that_makes_each_repeat_anew_is_found_out(rig: Rig) -> None:
    await rig.run_instead("collect", "tests.chaos.defects", "new-id-each-time")
    result = await ran(rig, Plan(seed=SEED, seconds=0.0, faults=(), per_s=3.0, calm_s=4.0))

    found = {violation.invariant for violation in violations(result.run)}
    assert FLAWS["new-id-each-time"].invariant in found, report.text(
        result.run, seed=SEED, commit="smoke"
    )
