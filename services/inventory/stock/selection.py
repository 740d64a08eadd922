"""Which rows a watch is of: those of some locations, of some articles, or of both. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from services.inventory.location.domain import check_location_ids
from services.inventory.stock.domain import Place, check_skus

WATCHED_MAX = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What somebody watches.

    Attributes:
        location_ids: None is every location, those to come too.
        skus: None is every article.
        is_of_caller: Whether the locations are the caller's, who asked for every location.
    """

    location_ids: frozenset[str] | None = None
    skus: frozenset[str] | None = None
    is_of_caller: bool = False

    def takes(self, place: Place) -> bool:
        return (self.location_ids is None or place.location_id in self.location_ids) and (
            self.skus is None or place.sku in self.skus
        )

    @property
    def query(self) -> str:
        """What was asked: a cursor is good for that, and for nothing else."""
        every = ("*",) if self.location_ids is None else self.location_ids
        named = ("*", "own") if self.is_of_caller else sorted(every)
        locations = " ".join(["stock", *named])
        return locations if self.skus is None else "\n".join([locations, *sorted(self.skus)])

    @property
    def whose(self) -> str:
        """What a cursor is good for besides, until its caller has other shops.

        What is theirs since then lies behind no position. Empty where locations were named.
        """
        if not self.is_of_caller:
            return ""
        return "." + sha256(" ".join(sorted(self.location_ids or ())).encode()).hexdigest()[:16]


def check_selection(location_ids: Sequence[str], skus: Sequence[str]) -> None:
    """Raises InvalidLocationIdsError, InvalidSkusError."""
    if skus:
        check_skus(skus)
    if location_ids or not skus:
        check_location_ids(location_ids, count_max=WATCHED_MAX)
