"""Composition root of associate: what it keeps, serves, and is told by its environment."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import grpc
from comptoir.associate.v1 import (
    client_service_pb2,
    client_service_pb2_grpc,
    staff_service_pb2,
    staff_service_pb2_grpc,
    terminal_service_pb2,
    terminal_service_pb2_grpc,
)

from chassis import config, runtime, server
from chassis.keys import key_from_file, keys_from_file
from chassis.passwords import open_passwords
from chassis.runtime import Parts, Runtime
from services.associate.client.bootstrap import put_bootstrap_client, secret_from_file
from services.associate.client.servicer import ClientServicer
from services.associate.client.store import CLIENTS
from services.associate.events import DETAILS
from services.associate.staff.servicer import StaffServicer
from services.associate.staff.store import STAFF
from services.associate.terminal.locations import Locations
from services.associate.terminal.servicer import TerminalServicer
from services.associate.terminal.store import (
    ATTEMPTS,
    CHALLENGE_USES,
    ENROLMENT_CODES,
    SESSIONS,
    TERMINALS,
    WRONG_CODES,
)

KINDS = (
    STAFF,
    TERMINALS,
    ENROLMENT_CODES,
    WRONG_CODES,
    CHALLENGE_USES,
    SESSIONS,
    ATTEMPTS,
    CLIENTS,
)


@dataclass(frozen=True, kw_only=True)
class Config(runtime.Settings):
    """Environment of associate.

    Attributes:
        pepper_file: A key without which PINs' hashes are worth nothing; below it those before
            it, for whoever has not signed in since. Without them all staff need new PINs.
        refresh_key_file: A key of which refresh tokens, challenges and enrolment codes are
            made; below it those before it. Without them every session ends.
        client_key_file: A key of which clients' secrets are made. With another one, secrets
            there are go on working.
        bootstrap_client: The id of the client that makes all others.
        bootstrap_secret_file: Its secret, 32 characters or more.
    """

    pepper_file: Path
    refresh_key_file: Path
    client_key_file: Path
    bootstrap_client: str
    bootstrap_secret_file: Path


async def add(cfg: Config, opened: Runtime, grpc_server: grpc.aio.Server) -> None:
    """Puts the configuration's client, and serves."""
    secret = secret_from_file(cfg.bootstrap_secret_file)
    await put_bootstrap_client(opened.records, client_id=cfg.bootstrap_client, secret=secret)
    peppers = keys_from_file(cfg.pepper_file)
    passwords = opened.stack.enter_context(open_passwords(*peppers, registry=opened.registry))
    staff_service_pb2_grpc.add_StaffServiceServicer_to_server(
        StaffServicer(opened.records, passwords), grpc_server
    )
    terminals = TerminalServicer(
        opened.records,
        passwords,
        opened.issuer,
        Locations(await opened.channel("inventory")),
        secrets=keys_from_file(cfg.refresh_key_file),
    )
    terminal_service_pb2_grpc.add_TerminalServiceServicer_to_server(terminals, grpc_server)
    clients = ClientServicer(
        opened.records, opened.issuer, secret=key_from_file(cfg.client_key_file)
    )
    client_service_pb2_grpc.add_ClientServiceServicer_to_server(clients, grpc_server)


def build(cfg: Config) -> server.Service:
    parts = Parts(
        name="associate",
        kinds=KINDS,
        descriptors=[
            staff_service_pb2.DESCRIPTOR,
            terminal_service_pb2.DESCRIPTOR,
            client_service_pb2.DESCRIPTOR,
        ],
        add=partial(add, cfg),
        details=DETAILS,
    )
    return runtime.service_of(parts, cfg)


def main() -> None:
    cfg = config.from_env(Config, prefix="ASSOCIATE")
    server.run(build(cfg), cfg)


if __name__ == "__main__":
    main()
