"""A bare receiver of spans (OTLP/gRPC): takes them, keeps nothing, does not even decode them."""

import argparse
from typing import Any

import grpc
import uvloop

SERVICE, METHOD = "opentelemetry.proto.collector.trace.v1.TraceService", "Export"
TAKEN = b""  # An ExportTraceServiceResponse that has nothing to say.


async def serve(port: int) -> None:
    async def taken(request: bytes, context: Any) -> bytes:
        return TAKEN

    handlers: dict[str, Any] = {METHOD: grpc.unary_unary_rpc_method_handler(taken)}
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    uvloop.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
