"""What is generated is what the protos say: nobody edits it, nobody forgets it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
OUTPUTS = ("--python_out", "--grpc_python_out", "--mypy_out=quiet", "--mypy_grpc_out=quiet")


def test_gen_is_what_make_proto_writes(tmp_path: Path) -> None:
    protos = ROOT / "protos"
    files = sorted(str(file.relative_to(protos)) for file in protos.rglob("*.proto"))
    outputs = [f"{name}{':' if '=' in name else '='}{tmp_path}" for name in OUTPUTS]
    # The plugins stand beside the interpreter.
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", "--proto_path=.", *outputs, *files],
        cwd=protos,
        env={**os.environ, "PATH": tools},
        check=True,
    )

    assert contents(tmp_path) == contents(ROOT / "gen")


def contents(folder: Path) -> dict[str, str]:
    kept = (file for file in folder.rglob("*.py*") if "__pycache__" not in file.parts)
    return {str(file.relative_to(folder)): file.read_text() for file in kept}
