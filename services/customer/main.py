"""Composition root: the only module that knows the servicers, the vault and MongoDB."""

import base64
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import grpc
from comptoir.customer.v1 import (
    history_service_pb2,
    history_service_pb2_grpc,
    identity_service_pb2,
    identity_service_pb2_grpc,
    profile_service_pb2,
    profile_service_pb2_grpc,
)

from chassis import config, mongo, server
from chassis.config import ConfigError
from chassis.keys import KEY_BYTES, Wrapping
from chassis.mongo_records import MongoRecords
from chassis.passwords import open_passwords
from chassis.runtime import Parts, Runtime, Settings, service_of
from services.customer.events import DETAILS
from services.customer.history.servicer import HistoryServicer
from services.customer.history.workflow import OrderReader, order_consumer
from services.customer.identity.servicer import IdentityServicer
from services.customer.kinds import KEY_KINDS, KINDS
from services.customer.profile.servicer import ProfileServicer
from services.customer.vault import Vault


@dataclass(frozen=True, kw_only=True)
class Config(Settings):
    """Environment: `CUSTOMER_<FIELD>`. Each key file holds 32 random bytes in base64.

    Attributes:
        keys_database: The customers' keys alone; not backed up with the other.
        vault_key_file: Wraps the customers' keys.
        address_key_file: Under which addresses are found. Another one finds none of them.
        refresh_key_file: Of refresh tokens. Another one ends every session.
    """

    keys_database: str
    vault_key_file: Path
    address_key_file: Path
    refresh_key_file: Path


def build(cfg: Config) -> server.Service:
    parts = Parts(
        name="customer",
        kinds=KINDS,
        descriptors=[
            history_service_pb2.DESCRIPTOR,
            identity_service_pb2.DESCRIPTOR,
            profile_service_pb2.DESCRIPTOR,
        ],
        add=partial(add, cfg),
        details=dict(DETAILS),
    )
    return service_of(parts, cfg)


async def add(cfg: Config, runtime: Runtime, grpc_server: grpc.aio.Server) -> None:
    vault = await opened_vault(cfg, runtime)
    address_key = key_from_file(cfg.address_key_file)
    identity = IdentityServicer(
        runtime.records,
        vault,
        runtime.stack.enter_context(open_passwords()),
        runtime.issuer,
        address_key=address_key,
        refresh_key=key_from_file(cfg.refresh_key_file),
    )
    profile = ProfileServicer(runtime.records, vault, address_key=address_key)
    history = HistoryServicer(runtime.records)
    identity_service_pb2_grpc.add_IdentityServiceServicer_to_server(identity, grpc_server)
    profile_service_pb2_grpc.add_ProfileServiceServicer_to_server(profile, grpc_server)
    history_service_pb2_grpc.add_HistoryServiceServicer_to_server(history, grpc_server)
    collect = await runtime.channel("collect")
    runtime.follow(order_consumer(collect, runtime.records))
    runtime.spawn(OrderReader(collect, runtime.records).run)


async def opened_vault(cfg: Config, runtime: Runtime) -> Vault:
    uri = cfg.mongo_uri_file.read_text().strip()
    database = await runtime.stack.enter_async_context(
        mongo.connect(uri, cfg.keys_database, driver=cfg.mongo_driver)
    )
    keys = MongoRecords(database, KEY_KINDS)
    await keys.ensure_indexes()
    return Vault(keys, Wrapping.from_file(cfg.vault_key_file))


def key_from_file(path: Path) -> bytes:
    """Raises ConfigError."""
    try:
        key = base64.b64decode(path.read_text().strip(), validate=True)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read as a key in base64") from error
    if len(key) != KEY_BYTES:
        raise ConfigError(f"{path} must hold {KEY_BYTES} bytes in base64, not {len(key)}")
    return key


def main() -> None:
    cfg = config.from_env(Config, prefix="CUSTOMER")
    server.run(build(cfg), cfg)


if __name__ == "__main__":
    main()
