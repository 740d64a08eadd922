"""`python -m tests.history`: inventory alone under faults, its history replayed. docs/stock.md."""

import argparse
import os
import pickle
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from deploy.local.child_stack import free_ports
from tests.chaos.__main__ import commit
from tests.chaos.leaving import exit_code
from tests.history import report
from tests.history.checks import violations
from tests.history.recorded import History
from tests.history.replica import FLAWS
from tests.history.rig import housed
from tests.history.running import Plan, ran


def main(arguments: Sequence[str]) -> int:
    options = options_from(arguments)
    if options.folder is not None:
        options.folder.mkdir(parents=True, exist_ok=True)
    if options.folder is not None and any(options.folder.iterdir()):
        print(f"{options.folder} is not empty: another run's stock may be there", file=sys.stderr)
        return 1
    return exit_code(partial(run, options), options.folder, name="history")


def options_from(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.history", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--seconds", type=float, default=90.0, help="of faults")
    parser.add_argument("--callers", type=int, default=24)
    parser.add_argument("--stall-s", type=float, default=15.0)
    parser.add_argument("--control", choices=[*FLAWS, "all"], help="runs that must not pass")
    parser.add_argument("--folder", type=Path, help="keeps logs and journal there")
    return parser.parse_args(arguments)


async def run(options: argparse.Namespace, folder: Path) -> int:
    if not options.control:
        return 0 if await has_passed(options, folder, flaw="") else 1
    names = list(FLAWS) if options.control == "all" else [options.control]
    for name in names:
        os.makedirs(folder / name, exist_ok=True)
    seen = [await is_seen(name, options, folder / name) for name in names]
    return 0 if all(seen) else 1


async def has_passed(options: argparse.Namespace, folder: Path, *, flaw: str) -> bool:
    plan = planned(options)
    async with housed(folder, free_ports(replicas_count=2), flaw=flaw) as house:
        print(f"seed {plan.seed}: inventory runs, its journal is in {folder}", flush=True)
        result = await ran(house, plan)
    keep(result.history, folder)
    begin_s = time.process_time()
    found = violations(result.history)
    check_s = time.process_time() - begin_s
    print(report.text(result, found, seed=plan.seed, commit=commit(), check_s=check_s))
    return not found and not report.shortcomings(result)


def keep(history: History, folder: Path) -> None:
    """For whoever has to find out why: `violations(pickle.load(file))` says it again."""
    (folder / "history.pickle").write_bytes(pickle.dumps(history))


async def is_seen(name: str, options: argparse.Namespace, folder: Path) -> bool:
    """Whether the checker finds what is broken in a run with this flaw."""
    async with housed(folder, free_ports(replicas_count=2), flaw=name) as house:
        result = await ran(house, planned(options))
    _, invariants = FLAWS[name]
    telling = report.seen(result, violations(result.history), invariants)
    what = f"seen, {telling.invariant}: {telling.example}" if telling else "NOT SEEN"
    print("; ".join([f"{name}: {what}", *report.shortcomings(result)]), flush=True)
    return telling is not None


def planned(options: argparse.Namespace) -> Plan:
    return Plan(
        seed=options.seed,
        seconds=options.seconds,
        callers_count=options.callers,
        stall_s=options.stall_s,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
