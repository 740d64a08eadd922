"""Composition root: the only module that knows the servicers, the vault and MongoDB."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import grpc
from comptoir.customer.v1 import (
    history_service_pb2,
    history_service_pb2_grpc,
    identity_service_pb2,
    identity_service_pb2_grpc,
    privacy_service_pb2,
    privacy_service_pb2_grpc,
    profile_service_pb2,
    profile_service_pb2_grpc,
)

from chassis import config, mongo, server
from chassis.background import every
from chassis.keys import Wrapping, key_from_file, keys_from_file
from chassis.mongo_records import MongoRecords
from chassis.passwords import open_passwords
from chassis.records import Kind, Records
from chassis.runtime import TEND_S, Parts, Runtime, Settings, service_of
from services.customer.events import DETAILS
from services.customer.history.servicer import HistoryServicer
from services.customer.history.workflow import OrderReader, order_consumer
from services.customer.identity.servicer import IdentityServicer
from services.customer.kinds import ERASURE_KINDS, KEY_KINDS, KINDS
from services.customer.privacy.servicer import PrivacyServicer
from services.customer.privacy.workflow import Eraser
from services.customer.profile.servicer import ProfileServicer
from services.customer.vault import Vault


@dataclass(frozen=True, kw_only=True)
class Config(Settings):
    """Environment: `CUSTOMER_<FIELD>`. Each key file holds 32 random bytes in base64; those of
    the vault and of refresh tokens may hold the keys before it too, a line each.

    Attributes:
        keys_database: The customers' keys alone; not backed up with the other.
        erasures_database: The list of the erased alone: never put back to an earlier point.
        erasures_uri_file: Holds the URI of its replica set, where that is another one.
        vault_key_file: Wraps the customers' keys.
        address_key_file: Under which addresses are found. Another one finds none of them.
        refresh_key_file: Of refresh tokens. Without the one before, every session ends.
    """

    keys_database: str
    erasures_database: str
    vault_key_file: Path
    address_key_file: Path
    refresh_key_file: Path
    erasures_uri_file: str = ""


def build(cfg: Config) -> server.Service:
    parts = Parts(
        name="customer",
        kinds=KINDS,
        descriptors=[
            history_service_pb2.DESCRIPTOR,
            identity_service_pb2.DESCRIPTOR,
            privacy_service_pb2.DESCRIPTOR,
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
        runtime.stack.enter_context(open_passwords(registry=runtime.registry)),
        runtime.issuer,
        address_key=address_key,
        refresh_keys=keys_from_file(cfg.refresh_key_file),
    )
    profile = ProfileServicer(runtime.records, vault, address_key=address_key)
    history = HistoryServicer(runtime.records)
    identity_service_pb2_grpc.add_IdentityServiceServicer_to_server(identity, grpc_server)
    profile_service_pb2_grpc.add_ProfileServiceServicer_to_server(profile, grpc_server)
    history_service_pb2_grpc.add_HistoryServiceServicer_to_server(history, grpc_server)
    await add_privacy(cfg, runtime, grpc_server, vault, address_key)
    runtime.spawn(partial(rewrapped, vault))
    collect = await runtime.channel("collect")
    runtime.follow(order_consumer(collect, runtime.records))
    runtime.spawn(OrderReader(collect, runtime.records).run)


async def add_privacy(
    cfg: Config, runtime: Runtime, grpc_server: grpc.aio.Server, vault: Vault, address_key: bytes
) -> None:
    erasures = await opened_erasures(cfg, runtime)
    eraser = Eraser(runtime.records, vault, erasures, address_key=address_key)
    # Before anybody is served: a restore may have brought back who was erased since.
    await eraser.erase_listed()
    runtime.spawn(lambda: every(TEND_S, eraser.erase_listed))
    servicer = PrivacyServicer(eraser)
    privacy_service_pb2_grpc.add_PrivacyServiceServicer_to_server(servicer, grpc_server)


async def rewrapped(vault: Vault) -> None:
    """Now, and again later: another replica may go on wrapping by the older key for a while."""
    await vault.rewrap()
    await every(TEND_S, vault.rewrap)


async def opened_vault(cfg: Config, runtime: Runtime) -> Vault:
    uri = uri_of(cfg.mongo_uri_file)
    keys = await opened_records(cfg, runtime, uri, cfg.keys_database, KEY_KINDS)
    return Vault(keys, Wrapping.from_file(cfg.vault_key_file))


async def opened_erasures(cfg: Config, runtime: Runtime) -> Records:
    uri = uri_of(cfg.erasures_uri_file or cfg.mongo_uri_file)
    return await opened_records(cfg, runtime, uri, cfg.erasures_database, ERASURE_KINDS)


async def opened_records(
    cfg: Config, runtime: Runtime, uri: str, name: str, kinds: Iterable[Kind[Any]]
) -> Records:
    """A store beside the service's own, in a database of its own."""
    database = await runtime.stack.enter_async_context(
        mongo.connect(uri, name, driver=cfg.mongo_driver)
    )
    records = MongoRecords(database, kinds)
    await records.ensure_indexes()
    return records


def uri_of(file: Path | str) -> str:
    return Path(file).read_text().strip()


def main() -> None:
    cfg = config.from_env(Config, prefix="CUSTOMER")
    server.run(build(cfg), cfg)


if __name__ == "__main__":
    main()
