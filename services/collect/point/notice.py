"""What inventory has told of its locations and we have yet to read there. Pure."""

from dataclasses import dataclass, replace

from services.collect.point.domain import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """That a location came to `revision`; `read` once our place is of that revision."""

    location_id: str
    revision: int
    read: bool


def told(before: Notice | None, *, location_id: str, revision: int) -> Notice | None:
    """The notice after an event, or None if it brings nothing new."""
    if before is not None and before.revision >= revision:
        return None
    return Notice(location_id=location_id, revision=revision, read=False)


def read(notice: Notice, place: Place | None) -> Notice:
    """After inventory was asked again: `place` is what it has, None if it has none any more."""
    return replace(notice, read=place is None or place.revision >= notice.revision)


def newer(before: Place | None, place: Place) -> bool:
    """Whether `place` should stand: an answer that was long on its way must not win."""
    return before is None or place.revision > before.revision
