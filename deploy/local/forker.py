"""Forks processes that run a module which this one has imported: a start without the imports.

`deploy.local.forking` starts it, writes what is to run to its stdin, a line each, and reads from
its stdout who runs and how they end. It ends with its stdin; whom it forked goes on. Where nobody
reads who runs any more it ends too, with whom nobody was told of: nobody would ever stop that one.
Multiprocessing's server would do, but whatever that forks holds a pipe of the server's: both
outlive a killed parent, with its terminal open.
"""

import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

STDIN, STDOUT, STDERR = range(3)


def main() -> None:
    replies = os.dup(STDOUT)
    os.dup2(STDERR, STDOUT)  # What a module prints is no reply.
    for module in sys.argv[1:]:
        importlib.import_module(module)
    # Shared by all that are forked, as long as nobody writes there: the collector would.
    gc.collect()
    gc.freeze()
    wanted = served(replies)
    if wanted is not None:
        become(**wanted)


def served(replies: int) -> Mapping[str, Any] | None:
    """Fork for each line until there are none. In what is forked: what it is to become."""
    # Unbuffered: of a line that was read beside another nobody would tell.
    requests = open(STDIN, "rb", buffering=0, closefd=False)
    waiting = selectors.DefaultSelector()
    waiting.register(STDIN, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            if key.data is not None:
                waiting.unregister(key.fd)
                os.close(key.fd)
                with suppress(BrokenPipeError):
                    tell(replies, pid=key.data, code=ended(key.data))
            elif not (line := requests.readline()):
                return None
            elif pid := os.fork():
                try:
                    tell(replies, pid=pid)
                except BrokenPipeError:
                    os.kill(pid, signal.SIGKILL)
                    return None
                waiting.register(os.pidfd_open(pid), selectors.EVENT_READ, data=pid)
            else:
                # While it held them too, others would see no end of the server.
                held = [replies, *(fd for fd in waiting.get_map() if fd != STDIN)]
                waiting.close()
                close(held)
                return dict(json.loads(line))


def ended(pid: int) -> int:
    """The exit code; minus the signal's number if a signal ended it."""
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def tell(replies: int, **said: int) -> None:
    os.write(replies, f"{json.dumps(said)}\n".encode())


def close(fds: Iterable[Any]) -> None:
    for fd in fds:
        os.close(fd)


def become(
    name: str, module: str, arguments: Iterable[str], env: Mapping[str, str], log: str
) -> None:
    """`python -m module`, in a session of its own, all that it says in `log`; `top` names it."""
    os.setsid()
    Path("/proc/self/comm").write_text(name)
    output = os.open(log, os.O_WRONLY | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for fd, target in ((nothing, STDIN), (output, STDOUT), (output, STDERR)):
        os.dup2(fd, target)
    close((nothing, output))
    os.environ.clear()
    os.environ.update(env)
    sys.argv = [module, *arguments]
    # Imported it is a module among others; what runs is named __main__.
    sys.modules.pop(module, None)
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
