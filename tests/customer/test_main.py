"""The service as it is wired, on real engines."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

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
from chassis.keys import key_from_file
from tests.customer.house import refused, sign_up
from tests.customer.wired import file_of, wired


@pytest.fixture
async def channel(
    tmp_path: Path, mongo_uri: str, redis_url: str
) -> AsyncIterator[grpc.aio.Channel]:
    async with wired(tmp_path, mongo_uri, redis_url) as house, house.running() as opened:
        yield opened


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
