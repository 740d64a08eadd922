"""The first client, by which all others are made: from the configuration, put at every start."""

from functools import partial
from pathlib import Path

from chassis.changes import Changed
from chassis.config import ConfigError
from chassis.records import Records, Ref, State
from services.associate.client import domain
from services.associate.client.store import CLIENTS

SECRET_LENGTH_MIN = 32
WRITE_S_MAX = 5.0


def secret_from_file(path: Path) -> str:
    """Raises ConfigError. Made e.g. with `openssl rand -base64 32`."""
    try:
        secret = path.read_text().strip()
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read as a client's secret") from error
    if len(secret) < SECRET_LENGTH_MIN:
        raise ConfigError(f"{path} must hold a secret of {SECRET_LENGTH_MIN} characters or more")
    return secret


async def put_bootstrap_client(records: Records, *, client_id: str, secret: str) -> bool:
    """Whether anything changed. Idempotent; a new secret in the file replaces the old one.

    Raises ConfigError for an id that no client can have.
    """
    if not domain.CLIENT_ID.fullmatch(client_id):
        raise ConfigError(
            "the bootstrap client's id is not one: lower-case letters, digits, hyphens"
        )
    put = partial(domain.put_configured, client_id=client_id, secret=secret)

    def change(state: State) -> Changed[bool]:
        return put(state.find(CLIENTS, client_id))

    refs = [Ref(CLIENTS, client_id)]
    return await records.update(refs, change, answer=bool, timeout_s=WRITE_S_MAX)
