"""What the stack tells whoever started it: pages, accounts, commands, how to stop."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.secrets import write_private
from deploy.local.suite import GRPC_SERVICES, ROOT, Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Who may sign in on the demo chain. Secrets of clients by client id, codes by cabinet id."""

    customers: tuple[Mapping[str, str], ...]
    staff: tuple[Mapping[str, Any], ...]
    terminal_code: str
    clients: Mapping[str, str]
    cabinets: Mapping[str, str]


def write(suite: Suite, accounts: Accounts) -> Path:
    """The panel as JSON, for scripts and tests, readable by its owner alone.

    Not the pids: those change when a service is started again, and stand in NAME.pid.
    """
    file = suite.folder / "panel.json"
    content = {
        "url": suite.url,
        "pages": {"app": f"{suite.url}/app", "terminal": f"{suite.url}/terminal"},
        "docs": f"{suite.url}/docs",
        "ports": suite.ports(),
        "customers": list(accounts.customers),
        "staff": list(accounts.staff),
        "terminal_code": accounts.terminal_code,
        "clients": dict(accounts.clients),
        "cabinets": dict(accounts.cabinets),
        "mongo_uri": suite.engines.mongo_uri,
        "redis_url": suite.engines.redis_url,
    }
    write_private(file, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return file


def text(suite: Suite, accounts: Accounts, file: Path) -> str:
    """The panel for people. Ends with the line that says that all is ready."""
    told = of_demo(suite, accounts, file) if accounts.customers else of_nobody(suite, file)
    return f"{told}\nready: {suite.url}"


def of_nobody(suite: Suite, file: Path) -> str:
    return f"""
  An empty Comptoir runs: docs/first-shop.md says what comes first

  App and terminal  {suite.url}/app, {suite.url}/terminal
  HTTP API          {suite.url}/docs
  gRPC              {services(suite)}

  The secret of the client that makes all others is in {short(file)}.
  Stop with Ctrl-C. `make clean` forgets everything.
"""


def of_demo(suite: Suite, accounts: Accounts, file: Path) -> str:
    customer, member = accounts.customers[0], accounts.staff[0]
    return f"""
  Fargue, the demo chain, runs on Comptoir

  Customer's app    {suite.url}/app
                    {customer["email"]}, {customer["password"]}
  Shop's terminal   {suite.url}/terminal
                    code {accounts.terminal_code}, badge {member["badge"]}, PIN {member["pin"]}
  HTTP API          {suite.url}/docs
  gRPC              {services(suite)}

  A locker and another team's till, each in a terminal of its own:
    {locker_command(suite, accounts)}
    {till_command(suite, file)}

  All accounts, codes and secrets of this run are in {short(file)}.
  Codes are new at each start: a terminal's is good for 15 minutes, a cabinet's for a day.
  Stop with Ctrl-C. `make clean` forgets everything.
"""


def services(suite: Suite) -> str:
    return ", ".join(f"{name} {ports_of(suite, name)}" for name in GRPC_SERVICES)


def ports_of(suite: Suite, service: str) -> str:
    """All of them, where it has replicas."""
    return "/".join(str(suite.port(service, number)) for number in suite.numbers(service))


def locker_command(suite: Suite, accounts: Accounts) -> str:
    cabinet_id, code = next(iter(accounts.cabinets.items()))
    state = suite.folder / f"{cabinet_id}.json"
    return (
        f"{python()} -m clients.locker --cabinet {cabinet_id} --code {code} "
        f"--server {suite.address('collect')} --state {short(state)}"
    )


def till_command(suite: Suite, file: Path) -> str:
    return (
        f"{python()} -m clients.till sell --panel {short(file)} "
        f"--location paris-bastille --sku PER-1802 --quantity 1"
    )


def python() -> str:
    """As one types it from here; the generated code is found beside ours."""
    roots = os.pathsep.join(short(root) for root in (ROOT, ROOT / "gen"))
    return f"PYTHONPATH={roots} {short(Path(sys.executable))}"


def short(path: Path) -> str:
    """From where the stack was started, where that is on the way."""
    absolute, here = path.absolute(), Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)
