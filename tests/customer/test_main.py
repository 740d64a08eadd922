"""The service as it is wired, on real engines."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import grpc
import pytest
from comptoir.customer.v1 import history_service_pb2 as history_pb
from comptoir.customer.v1 import history_service_pb2_grpc as history_grpc
from comptoir.customer.v1 import identity_service_pb2_grpc as identity_grpc
from comptoir.customer.v1 import profile_service_pb2 as profile_pb
from comptoir.customer.v1 import profile_service_pb2_grpc as profile_grpc
from comptoir.type.v1 import key_service_pb2 as key_pb
from comptoir.type.v1 import key_service_pb2_grpc as key_grpc

from chassis.config import ConfigError
from chassis.server import running
from services.customer.main import Config, build, key_from_file
from tests.customer.house import refused, sign_up
from tests.driver import DRIVER, connect


def file_of(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


@pytest.fixture
async def channel(
    tmp_path: Path, mongo_uri: str, redis_url: str
) -> AsyncIterator[grpc.aio.Channel]:
    key = file_of(tmp_path, "key", base64.b64encode(b"k" * 32).decode())
    name = f"comptoir_test_{uuid4().hex}"
    cfg = Config(
        address="127.0.0.1:0",
        unready_s=0,
        drain_s=0,
        mongo_uri_file=file_of(tmp_path, "uri", mongo_uri),
        database=name,
        mongo_driver=DRIVER,
        redis_url=redis_url,
        key_file=key,
        # Nobody listens there: the service starts without the others.
        peers="collect=127.0.0.1:9,associate=127.0.0.1:9,gateway=http://127.0.0.1:9/jwks.json",
        keys_database=f"{name}_keys",
        vault_key_file=key,
        address_key_file=key,
        refresh_key_file=key,
    )
    async with running(build(cfg), cfg) as ports:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{ports.port}") as opened:
            yield opened
    for database in (name, f"{name}_keys"):
        async with connect(mongo_uri, database) as left:
            await left.drop()


async def test_every_service_is_there_and_closed_to_strangers(channel: grpc.aio.Channel) -> None:
    keys = await key_grpc.KeyServiceStub(channel).ListKeys(key_pb.ListKeysRequest())
    answers = [
        await refused(identity_grpc.IdentityServiceStub(channel).SignUp(sign_up())),
        await refused(
            profile_grpc.ProfileServiceStub(channel).GetProfile(profile_pb.GetProfileRequest())
        ),
        await refused(
            history_grpc.HistoryServiceStub(channel).ListPurchases(
                history_pb.ListPurchasesRequest()
            )
        ),
    ]

    assert {key.key_id.partition("-")[0] for key in keys.keys} == {"customer"}
    assert answers == ["UNAUTHENTICATED"] * 3


@pytest.mark.parametrize("text", ["", "no base64!", base64.b64encode(b"short").decode()])
def test_a_key_file_that_holds_no_key_is_told_at_start(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        key_from_file(file_of(tmp_path, "key", text))
