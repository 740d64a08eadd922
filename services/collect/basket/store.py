"""How baskets are kept."""

from chassis.records import Kind
from services.collect.basket.domain import Basket

BASKETS = Kind(type=Basket, collection="baskets", key=lambda basket: basket.customer_id)
