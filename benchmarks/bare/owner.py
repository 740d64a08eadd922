"""A bare grpc.aio server: answers every call of one method with so many bytes."""

import argparse
from typing import Any

import grpc
import uvloop

PATH = "/bare.Owner/Get"


async def serve(port: int, content: bytes, *, path: str = PATH) -> None:
    """Answer every call of the method at `path` with `content`."""
    _, service, method = path.split("/")

    async def answered(request: bytes, context: Any) -> bytes:
        return content

    handlers: dict[str, Any] = {method: grpc.unary_unary_rpc_method_handler(answered)}
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("answer_bytes", type=int)
    given = parser.parse_args()
    uvloop.run(serve(given.port, bytes(given.answer_bytes)))


if __name__ == "__main__":
    main()
