"""Pid files that outlive a killed parent, and the end of the processes they name.

Knows no engine and no service. A pid alone names nobody for long, so a pid file
also says when the process started: a recycled pid is never signalled.
"""

import asyncio
import fcntl
import json
import os
import signal
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.local.errors import FolderInUseError, ProcessError

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
KILLED_S_MAX = 5.0  # From SIGKILL to the end; more means that the kernel is stuck on a disk.


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One process among all that ever had its pid (proc_pid_stat(5), field 22)."""

    pid: int
    start_ticks: int  # Clock ticks from boot, hence the boot.
    boot: str


@contextmanager
def alone(folder: Path) -> Iterator[Path]:
    """Hold `folder`, made if need be, against other runs, which get FolderInUseError; absolute.

    The kernel lets go when the holder dies, however it dies. While it is held,
    whatever the pid files in it name belongs to a parent that is gone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FolderInUseError(
                f"{folder} is in use by another run: stop that one, or choose another folder"
            ) from error
        yield folder.absolute()


def identify(pid: int) -> Identity | None:
    """Say which process has this pid now; None if there is none, or one that has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name, in parentheses, may hold spaces and parentheses of its own.
    state, *fields = stat.rpartition(")")[2].split()
    if state == "Z":
        return None
    return Identity(pid=pid, start_ticks=int(fields[18]), boot=BOOT_ID.read_text().strip())


def write_pid_file(file: Path, pid: int) -> None:
    """Note which process has `pid`, at once or not at all; nothing if it has ended."""
    identity = identify(pid)
    if identity is not None:
        replace(file, json.dumps(asdict(identity)))


def replace(file: Path, text: str) -> None:
    """Write `text` so that a reader, or a crash, meets the old file or the new one."""
    draft = file.with_name(f"{file.name}.draft")
    draft.write_text(text)
    draft.replace(file)


def forget(file: Path) -> None:
    """Remove a pid file, once its process has ended."""
    file.unlink(missing_ok=True)


async def stop_leftovers(
    folder: Path, *, last: Collection[str] = (), patience_s: float = 10.0
) -> None:
    """Stop every process that a pid file in `folder` names; call it within `alone(folder)`.

    Those named in `last` once the others have ended, which may need them to end well.
    SIGTERM, then SIGKILL after `patience_s`. Raises ProcessError for one that
    belongs to another user or outlives both.
    """
    files = _pid_files(folder)
    for turn in (False, True):
        theirs = [file for file in files if (file.stem in last) is turn]
        await asyncio.gather(*(_stop_leftover(file, patience_s) for file in theirs))


async def _stop_leftover(file: Path, patience_s: float) -> None:
    identity = _read_pid_file(file)
    if identity is not None:
        try:
            await _stop(identity, patience_s)
        except PermissionError as error:
            raise ProcessError(
                f"process {identity.pid}, left over from an earlier run ({file}), belongs to "
                f"another user: stop it as that user"
            ) from error
    forget(file)


def _pid_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.pid"))


def _read_pid_file(file: Path) -> Identity | None:
    """Whom the file names; None where it is not one of ours."""
    try:
        return Identity(**json.loads(file.read_text()))
    except (ValueError, TypeError):
        return None


async def _stop(identity: Identity, patience_s: float) -> None:
    try:
        handle = os.pidfd_open(identity.pid)
    except ProcessLookupError:
        return
    try:
        # Compared after the handle is open: whoever gets the pid later, the
        # signal goes to the process compared here, or to nobody.
        if identify(identity.pid) != identity:
            return
        signal.pidfd_send_signal(handle, signal.SIGTERM)
        if await _ended(handle, patience_s):
            return
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        if not await _ended(handle, KILLED_S_MAX):
            raise ProcessError(f"process {identity.pid} outlives SIGKILL: is a disk stuck?")
    except ProcessLookupError:
        return
    finally:
        os.close(handle)


async def _ended(handle: int, timeout_s: float) -> bool:
    """Wait until the process of a pidfd has ended, child or not; False if it has not in time."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(handle, ended.set)
    try:
        async with asyncio.timeout(timeout_s):
            await ended.wait()
    except TimeoutError:
        return False
    finally:
        loop.remove_reader(handle)
    return True
