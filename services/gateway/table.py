"""Every route of /v1. What serves them, the OpenAPI document and the tests are made of it."""

from services.gateway.mobile import (
    basket,
    catalogue,
    orders,
    product_batch,
    profile,
    quotes,
    sessions,
    shops,
)
from services.gateway.routes import Route
from services.gateway.terminal import floor, parcels, queue
from services.gateway.terminal import orders as terminal_orders
from services.gateway.terminal import sessions as terminal_sessions

ROUTES: tuple[Route, ...] = (
    *sessions.ROUTES,
    *profile.ROUTES,
    *catalogue.ROUTES,
    *product_batch.ROUTES,
    *shops.ROUTES,
    *basket.ROUTES,
    *quotes.ROUTES,
    *orders.ROUTES,
    *terminal_sessions.ROUTES,
    *queue.ROUTES,
    *terminal_orders.ROUTES,
    *parcels.ROUTES,
    *floor.ROUTES,
)
