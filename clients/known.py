"""What programs know of the house without being told each time: where it is, and secrets.

From the environment, which an operator sets once, or from the panel of a local stack. Never
from both: a secret of one would be sent to the other.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clients.reading import CannotRunError, read

PANEL = Path(".comptoir/panel.json")
PANEL_BYTES_MAX = 1 << 20
SECRET_BYTES_MAX = 4096
SERVICES = ("catalog", "inventory", "customer", "collect", "associate")
ADDRESSES = {service: f"COMPTOIR_{service.upper()}" for service in SERVICES}
AUTHORITY, SECRETS = "COMPTOIR_CA", "COMPTOIR_SECRETS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Addresses (host:port) by service, and where secrets of clients are."""

    addresses: Mapping[str, str] = field(default_factory=dict)
    ca_file: Path | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets_dir: Path | None = None

    def secret_of(self, client_id: str) -> str:
        """Empty where nobody knows it. Raises CannotRunError."""
        file = self.secrets_dir and self.secrets_dir / f"{client_id}.secret"
        if file and file.exists():
            return secret_in(file)
        return self.secrets.get(client_id, "")


def known(panel: Path | None) -> Known:
    """By a panel that is named; else by the environment; else by the panel that is there."""
    if panel is None and any(map(os.environ.get, (*ADDRESSES.values(), AUTHORITY, SECRETS))):
        return known_of_environment(os.environ)
    content = panel_of(panel)
    return Known(
        addresses={name: f"127.0.0.1:{port}" for name, port in content.get("ports", {}).items()},
        secrets=content.get("clients", {}),
    )


def known_of_environment(environment: Mapping[str, str]) -> Known:
    def path(name: str) -> Path | None:
        return Path(environment[name]) if environment.get(name) else None

    return Known(
        addresses={
            service: environment[name]
            for service, name in ADDRESSES.items()
            if environment.get(name)
        },
        ca_file=path(AUTHORITY),
        secrets_dir=path(SECRETS),
    )


def secret_in(file: Path) -> str:
    """Raises CannotRunError."""
    return read(file, SECRET_BYTES_MAX).decode(errors="replace").strip()


def panel_of(file: Path | None) -> Mapping[str, Any]:
    """The panel of a stack; of none where it was not named and is not there."""
    if file is None and not PANEL.exists():
        return {}
    try:
        panel = json.loads(read(file or PANEL, PANEL_BYTES_MAX))
    except ValueError:
        panel = None
    if not isinstance(panel, dict):
        raise CannotRunError(f"{file or PANEL} is not a panel: `make run` writes one")
    return panel
