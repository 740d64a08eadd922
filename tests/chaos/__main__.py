"""`python -m tests.chaos`: the suite under faults, with a verdict. See docs/reliability.md."""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path

from deploy.local.child_stack import free_ports
from deploy.local.suite import ROOT
from tests.chaos import report
from tests.chaos.defects import FLAWS, members_count_of
from tests.chaos.leaving import exit_code
from tests.chaos.nemesis import Fault, round_of
from tests.chaos.rig import Rig, rigged
from tests.chaos.running import Plan, ran
from tests.chaos.verdict import shortcomings, violations

DEFECTS = "tests.chaos.defects"


def main(arguments: Sequence[str]) -> int:
    options = options_from(arguments)
    return exit_code(partial(run, options), options.folder, name="chaos")


def options_from(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--seconds", type=float, default=330.0, help="of faults")
    parser.add_argument("--per-s", type=float, default=1.0, help="journeys begun in a second")
    parser.add_argument("--stall-s", type=float, default=15.0)
    parser.add_argument("--members", type=int, default=3, help="of MongoDB")
    parser.add_argument("--control", choices=[*FLAWS, "all"], help="runs that must not pass")
    parser.add_argument("--folder", type=Path, help="keeps logs and journal there")
    return parser.parse_args(arguments)


async def run(options: argparse.Namespace, folder: Path) -> int:
    if options.control:
        names = list(FLAWS) if options.control == "all" else [options.control]
        seen = [await is_seen(name, options, folder / name) for name in names]
        return 0 if all(seen) else 1
    faults = round_of(options.seed, members_count=options.members)
    async with started(folder, options.members) as rig:
        print(f"seed {options.seed}: the suite runs, its journal is in {folder}", flush=True)
        result = await ran(rig, planned(options, faults))
    print(report.text(result.run, seed=options.seed, commit=commit(), usage=result.usage))
    return 1 if violations(result.run) or shortcomings(result.run) else 0


async def is_seen(name: str, options: argparse.Namespace, folder: Path) -> bool:
    """Whether the checker finds what is broken in a run with this flaw."""
    flaw = FLAWS[name]
    async with started(folder, members_count_of(flaw)) as rig:
        await rig.run_instead(flaw.program, DEFECTS, name)
        plan = replace(planned(options, flaw.faults), ways=flaw.ways)
        result = await ran(rig, plan)
    telling = [v.example for v in violations(result.run) if v.invariant == flaw.invariant]
    what = f"seen, {flaw.invariant}: {telling[0]}" if telling else "NOT SEEN"
    print(f"{name}: {what}", flush=True)
    return bool(telling)


def started(folder: Path, members_count: int) -> AbstractAsyncContextManager[Rig]:
    return rigged(folder, free_ports(replicas_count=2), members_count=members_count)


def planned(options: argparse.Namespace, faults: Sequence[Fault]) -> Plan:
    return Plan(
        seed=options.seed,
        seconds=options.seconds,
        faults=faults,
        per_s=options.per_s,
        stall_s=options.stall_s,
    )


def commit() -> str:
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True
    )
    return said.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
