"""Our places follow inventory's locations, through events, snapshots and late answers."""

from dataclasses import replace

from comptoir.type.v1 import event_service_pb2 as event_pb

from chassis.records import Where
from services.collect.point.notice import Notice, read, told
from services.collect.point.store import NOTICES, PLACES
from services.collect.point.workflow import location_changed
from tests.collect.point.shop import Shop
from tests.collect.shops import place

OLD, NEW = place(hours=(), revision=1), place(revision=2)


async def tell(shop: Shop, location_id: str, revision: int) -> None:
    event = event_pb.Event(name="location_changed", key=location_id, revision=revision)
    effect = location_changed(event)
    await shop.records.update(effect.refs, effect.change, answer=type(None), timeout_s=2)


async def unread(shop: Shop) -> list[str]:
    notices = await shop.records.select(NOTICES, Where(equal={"read": False}, limit=10))
    return [notice.location_id for notice in notices]


async def test_a_location_that_changed_is_read_again(real_shop: Shop) -> None:
    await real_shop.put(OLD)
    real_shop.neighbours.locations.put(NEW)
    await tell(real_shop, "paris", 2)

    assert await real_shop.places.read_notices() == 1
    assert await real_shop.records.find(PLACES, "paris") == NEW
    assert await unread(real_shop) == []


async def test_a_location_that_is_new_becomes_a_place(real_shop: Shop) -> None:
    real_shop.neighbours.locations.put(OLD)
    await tell(real_shop, "paris", 1)
    await real_shop.places.read_notices()

    assert await real_shop.records.find(PLACES, "paris") == OLD


async def test_nothing_told_is_nothing_asked(shop: Shop) -> None:
    assert await shop.places.read_notices() == 0
    assert shop.neighbours.locations.asked == []


async def test_an_event_told_twice_is_read_once(shop: Shop) -> None:
    shop.neighbours.locations.put(NEW)
    await tell(shop, "paris", 2)
    await shop.places.read_notices()
    await tell(shop, "paris", 2)
    await tell(shop, "paris", 1)

    assert await unread(shop) == []


async def test_a_change_that_inventory_does_not_show_yet_is_asked_for_again(shop: Shop) -> None:
    shop.neighbours.locations.put(OLD)
    await tell(shop, "paris", 2)
    assert await shop.places.read_notices() == 0
    assert await unread(shop) == ["paris"]

    shop.neighbours.locations.put(NEW)
    await shop.places.read_notices()
    assert await unread(shop) == []
    assert await shop.records.find(PLACES, "paris") == NEW


async def test_an_answer_long_on_its_way_does_not_win(real_shop: Shop) -> None:
    await real_shop.put(NEW)
    real_shop.neighbours.locations.put(OLD)
    await real_shop.places.learn(["paris"])

    assert await real_shop.records.find(PLACES, "paris") == NEW


async def test_what_inventory_does_not_have_is_not_learned(shop: Shop) -> None:
    assert await shop.places.learn(["nowhere"]) == {}
    assert await shop.records.find(PLACES, "nowhere") is None


async def test_a_resync_reads_every_location_and_goes_on_from_the_head(shop: Shop) -> None:
    for number in range(450):
        shop.neighbours.locations.put(place(f"shop-{number:03}"))

    assert await shop.places.resync() == "head"
    assert len(await shop.records.select(PLACES, Where(limit=1000))) == 450


async def test_after_a_restore_what_inventory_has_wins(real_shop: Shop) -> None:
    await real_shop.put(replace(NEW, revision=9))
    await tell(real_shop, "paris", 9)
    real_shop.neighbours.locations.put(NEW)
    await real_shop.places.resync()

    assert await real_shop.records.find(PLACES, "paris") == NEW
    assert await unread(real_shop) == []
    real_shop.neighbours.locations.put(replace(NEW, revision=3))
    await tell(real_shop, "paris", 3)
    assert await unread(real_shop) == ["paris"]


async def test_hours_that_changed_are_those_of_the_next_answer(shop: Shop) -> None:
    shop.neighbours.locations.put(NEW)
    await tell(shop, "paris", 2)
    await shop.places.read_notices()
    shop.neighbours.locations.put(replace(NEW, opening_hours=(), revision=3))
    await tell(shop, "paris", 3)
    await shop.places.read_notices()

    found = await shop.records.find(PLACES, "paris")
    assert found is not None and found.opening_hours == ()


def test_a_notice_is_read_once_our_place_is_of_its_revision() -> None:
    notice = told(None, location_id="paris", revision=2)
    assert notice == Notice(location_id="paris", revision=2, read=False)

    assert not read(notice, OLD).read
    assert read(notice, NEW).read
    assert told(read(notice, NEW), location_id="paris", revision=2) is None
