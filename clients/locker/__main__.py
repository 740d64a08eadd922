"""Runs one cabinet: `python -m clients.locker --cabinet ID --server HOST:PORT --state FILE`."""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from clients.locker.cabinet import Cabinet, LoggedMotors, new_memory
from clients.locker.control import Control, serving
from clients.locker.line import Line, Settings
from clients.locker.memory import Memory
from clients.locker.panel import shown
from clients.locker.state_file import StateFile


def main() -> None:
    options = options_from(sys.argv[1:])
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    asyncio.run(run(options))


def options_from(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="clients.locker", description=__doc__)
    parser.add_argument("--cabinet", required=True, help="its id")
    parser.add_argument("--server", required=True, help="host:port of collect")
    parser.add_argument("--state", required=True, type=Path, help="file it remembers in")
    parser.add_argument("--code", default="", help="to enrol with, once")
    parser.add_argument("--ca", type=Path, help="authority of the server's certificate, PEM")
    parser.add_argument("--control", default="", help="127.0.0.1:PORT to act as people do; 0 any")
    parser.add_argument("--doors", type=Path, help="file that gets a line per door unlocked")
    parser.add_argument("--heartbeat-s", type=float, default=20.0)
    parser.add_argument("--pause-max-s", type=float, default=30.0, help="between two tries")
    return parser.parse_args(arguments)


async def run(options: argparse.Namespace) -> None:
    """Until SIGTERM, SIGINT or `quit`."""
    file = StateFile(options.state)
    cabinet = Cabinet(remembered(file, options.cabinet), file, LoggedMotors(options.doors))
    cabinet.wake()
    line = Line(cabinet, settings_from(options))
    stopping = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stopping.set)
    work = [asyncio.create_task(line.run()), asyncio.create_task(stopping.wait())]
    if sys.stdin.isatty() and sys.stdout.isatty():
        work.append(asyncio.create_task(shown(cabinet, line)))
    if options.control:
        work.append(asyncio.create_task(controlled(Control(cabinet, line), options.control)))
    done, running = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
    for task in running:
        task.cancel()
    await asyncio.wait(work)
    for task in done:
        task.result()  # Raises what has gone wrong.


def remembered(file: StateFile, cabinet_id: str) -> Memory:
    """What the file holds; a new cabinet where there is none."""
    memory = file.load()
    if memory is None:
        memory = new_memory(cabinet_id)
        file.save(memory)
    if memory.cabinet_id != cabinet_id:
        raise SystemExit(f"the state file is of cabinet {memory.cabinet_id}: name another")
    return memory


def settings_from(options: argparse.Namespace) -> Settings:
    return Settings(
        address=options.server,
        ca_file=options.ca,
        code=options.code,
        heartbeat_s=options.heartbeat_s,
        pause_first_s=min(0.5, options.pause_max_s),
        pause_max_s=options.pause_max_s,
    )


async def controlled(control: Control, address: str) -> None:
    host, _, port = address.rpartition(":")
    async with serving(control, host, int(port)) as taken:
        print(f"control on {host}:{taken}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()
