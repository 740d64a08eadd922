"""How prices are kept: all intervals of a sku together, since they are read together."""

from chassis.records import Kind
from services.catalog.price.domain import Prices

PRICES: Kind[Prices] = Kind(type=Prices, collection="prices", key=lambda prices: prices.sku)
