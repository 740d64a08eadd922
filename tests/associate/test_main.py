"""The service as it runs: its environment, and the whole of it on real engines."""

import base64
import os
from pathlib import Path
from uuid import uuid4

import grpc
from comptoir.associate.v1 import client_service_pb2 as client_pb
from comptoir.associate.v1 import client_service_pb2_grpc as client_grpc

from chassis import server
from services.associate.main import Config, build
from tests.driver import DRIVER, connect


def secret_file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def key_file(folder: Path, name: str) -> Path:
    return secret_file(folder, name, base64.b64encode(os.urandom(32)))


async def test_the_configurations_client_gets_a_token_of_the_running_service(
    mongo_uri: str, redis_url: str, tmp_path: Path
) -> None:
    cfg = Config(
        address="127.0.0.1:0",
        unready_s=0,
        drain_s=0,
        mongo_uri_file=secret_file(tmp_path, "uri", mongo_uri.encode()),
        database=f"comptoir_test_{uuid4().hex}",
        mongo_driver=DRIVER,
        redis_url=redis_url,
        key_file=key_file(tmp_path, "wrapping"),
        peers="inventory=127.0.0.1:1",
        pepper_file=key_file(tmp_path, "pepper"),
        refresh_key_file=key_file(tmp_path, "refresh"),
        client_key_file=key_file(tmp_path, "client"),
        bootstrap_client="stack",
        bootstrap_secret_file=secret_file(tmp_path, "secret", b"s" * 32),
    )
    async with (
        server.running(build(cfg), cfg) as ports,
        grpc.aio.insecure_channel(f"127.0.0.1:{ports.port}") as channel,
    ):
        stub: client_grpc.ClientServiceAsyncStub = client_grpc.ClientServiceStub(channel)
        request = client_pb.IssueTokenRequest(client_id="stack", secret="s" * 32)
        token = await stub.IssueToken(request)

        put = client_pb.PutClientRequest(
            request_id=str(uuid4()), client_id="till", scopes=["sale.write"]
        )
        bearer = (("authorization", f"Bearer {token.access_token}"),)
        assert (await stub.PutClient(put, metadata=bearer)).secret
    async with connect(mongo_uri, cfg.database) as database:
        await database.drop()
