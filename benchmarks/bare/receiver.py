"""A bare receiver of spans (OTLP/gRPC): takes them, keeps nothing, does not even decode them."""

import argparse

import uvloop

from benchmarks.bare.owner import serve

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
TAKEN = b""  # An ExportTraceServiceResponse that has nothing to say.


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    uvloop.run(serve(parser.parse_args().port, TAKEN, path=EXPORT))


if __name__ == "__main__":
    main()
