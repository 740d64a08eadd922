"""Composition root of catalog: what it keeps and serves."""

import grpc
from comptoir.catalog.v1 import (
    price_service_pb2,
    price_service_pb2_grpc,
    product_service_pb2,
    product_service_pb2_grpc,
    review_service_pb2,
    review_service_pb2_grpc,
)

from chassis import config, runtime, server
from chassis.runtime import Parts, Runtime
from services.catalog.events import DETAILS
from services.catalog.kinds import KINDS
from services.catalog.price.servicer import PriceServicer
from services.catalog.product.servicer import ProductServicer
from services.catalog.replica import Replica
from services.catalog.review.servicer import ReviewServicer


async def add(opened: Runtime, grpc_server: grpc.aio.Server) -> None:
    # The log itself, not its tail: an answer from there proves that the engine was heard.
    replica = Replica(opened.records, opened.log)
    await opened.stack.enter_async_context(replica.kept_up())
    product_service_pb2_grpc.add_ProductServiceServicer_to_server(
        ProductServicer(opened.records, replica), grpc_server
    )
    price_service_pb2_grpc.add_PriceServiceServicer_to_server(
        PriceServicer(opened.records, replica), grpc_server
    )
    review_service_pb2_grpc.add_ReviewServiceServicer_to_server(
        ReviewServicer(opened.records, replica), grpc_server
    )


PARTS = Parts(
    name="catalog",
    kinds=KINDS,
    descriptors=(
        product_service_pb2.DESCRIPTOR,
        price_service_pb2.DESCRIPTOR,
        review_service_pb2.DESCRIPTOR,
    ),
    add=add,
    details=dict(DETAILS),
)


def main() -> None:
    settings = config.from_env(runtime.Settings, prefix="CATALOG")
    server.run(runtime.service_of(PARTS, settings), settings)


if __name__ == "__main__":
    main()
