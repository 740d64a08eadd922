"""Runs a load generator in a process of its own and notes how busy everybody was."""

import asyncio
import json
import resource
import shutil
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.rounds import Run
from deploy.local.errors import LocalError

SCRIPT = Path(__file__).parent / "paths.lua"
PATIENCE_S = 30.0  # Beyond the seconds a run is given.


class GeneratorError(LocalError):
    """A load generator did not do its work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gets:
    """Paths of a file, one a line, asked for in turn at `url`."""

    url: str
    paths: Path
    connections_count: int

    def command(self, seconds: float) -> tuple[str, ...]:
        count = str(self.connections_count)
        if wrk := shutil.which("wrk"):
            options = ("-t1", f"-c{count}", f"-d{seconds:g}s", "-s", str(SCRIPT))
            return (wrk, *options, self.url, "--", str(self.paths))
        own = (sys.executable, "-m", "benchmarks.generator", self.url, str(self.paths))
        return (*own, "--connections", count, "--seconds", str(seconds))


async def loaded(command: Sequence[str], *, seconds: float, servers: Iterable[int]) -> Run:
    """What `command`, a generator that prints its summary last, did to the processes `servers`.

    No other child may end meanwhile: its processor time would count as the generator's.
    """
    processes = [psutil.Process(pid) for pid in servers]
    used_before_s, children_before_s = [used_s(each) for each in processes], children_s()
    begin_s = time.perf_counter()
    said = await output_of(command, timeout_s=seconds + PATIENCE_S)
    took_s = time.perf_counter() - begin_s
    busy_s = [used_s(each) - before for each, before in zip(processes, used_before_s, strict=True)]
    summary = json.loads(said.splitlines()[-1])
    return Run(
        **summary,
        generator_cores=(children_s() - children_before_s) / took_s,
        server_cores=max(busy_s, default=0.0) / took_s,
        server_ms=sum(busy_s) * 1000 / max(summary["per_s"] * seconds, 1.0),
    )


async def output_of(command: Sequence[str], *, timeout_s: float) -> str:
    """Raises GeneratorError."""
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        out, _ = await asyncio.wait_for(child.communicate(), timeout_s)
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        raise GeneratorError(f"{command[0]} ended with {child.returncode}")
    return out.decode()


def used_s(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


def children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
