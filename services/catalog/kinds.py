"""Everything the catalogue keeps."""

from typing import Any

from chassis.records import Kind
from services.catalog.category.store import CATEGORIES
from services.catalog.price.store import PRICES
from services.catalog.product.store import PRODUCTS
from services.catalog.review.store import RATINGS, REVIEWS

KINDS: tuple[Kind[Any], ...] = (PRODUCTS, CATEGORIES, PRICES, REVIEWS, RATINGS)
