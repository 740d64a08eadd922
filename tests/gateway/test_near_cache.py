"""The near cache: what it keeps, and above all what it does not."""

from collections.abc import Callable
from contextlib import ExitStack

from hypothesis import given
from hypothesis import strategies as st

from services.catalog import replica
from services.gateway.near_cache import SETTLE_S, Entry, Fill, Key, NearCache, Record

PARIS, LYON, NOWHERE = (Key("saw", place, "fr") for place in ("paris", "lyon", ""))
PRODUCT = Record("product", "saw")
STOCK = Record("stock", "saw", "paris")
OWNERS = ("catalog", "inventory")


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def cache(
    clock: Clock | None = None, *, heard: bool = True, settle_s: float = 0, **limits: int
) -> NearCache:
    limits = {"entries_max": 10, **limits}
    made = NearCache(OWNERS, settle_s=settle_s, **limits, monotonic_s=clock or Clock())
    if heard:
        hear(made)
    return made


def hear(near: NearCache) -> None:
    for owner in OWNERS:
        near.heard(owner)


def entry(*, product: int = 1, stock: int = 1) -> Entry:
    revisions = {PRODUCT: product, STOCK: stock}
    return Entry(body=b"{}", etag='W/"1"', revisions=revisions, valid_until=None)


def keep(near: NearCache, key: Key = PARIS, *, lives_s: float = 60.0, **revisions: int) -> bool:
    with near.filling(key) as fill:
        return near.put(fill, entry(**revisions), lives_s=lives_s)


def test_what_was_kept_is_there() -> None:
    near = cache()
    keep(near)

    assert near.get(PARIS) == entry()


def test_another_place_or_language_is_another_answer() -> None:
    near = cache()
    keep(near)

    assert near.get(LYON) is None and near.get(Key("saw", "paris", "en")) is None


def test_a_change_of_the_product_drops_its_answers_everywhere() -> None:
    near = cache()
    for key in (PARIS, LYON, NOWHERE):
        keep(near, key)
    near.invalidate(PRODUCT, 2)

    assert [near.get(key) for key in (PARIS, LYON, NOWHERE)] == [None] * 3


def test_a_change_of_stock_drops_the_answers_of_its_place_alone() -> None:
    near = cache()
    for key in (PARIS, LYON):
        keep(near, key)
    near.invalidate(STOCK, 2)

    assert near.get(PARIS) is None and near.get(LYON) is not None


def test_news_that_an_answer_has_already_do_not_drop_it() -> None:
    near = cache()
    keep(near, product=2)
    near.invalidate(PRODUCT, 2)

    assert near.get(PARIS) is not None


def test_an_answer_begun_before_a_change_is_not_kept() -> None:
    near = cache()
    with near.filling(PARIS) as fill:
        near.invalidate(STOCK, 2)
        assert not near.put(fill, entry(stock=2), lives_s=60)

    assert near.get(PARIS) is None


def test_an_answer_below_the_newest_known_revision_is_not_kept() -> None:
    """A replica of the owner that lags gives old answers for a moment after the change."""
    near = cache()
    near.invalidate(PRODUCT, 3)

    assert not keep(near, product=2)


def test_an_old_event_does_not_undo_a_newer_one() -> None:
    near = cache()
    near.invalidate(PRODUCT, 3)
    near.invalidate(PRODUCT, 1)

    assert not keep(near, product=2)


def test_nothing_outlives_its_end() -> None:
    clock = Clock()
    near = cache(clock)
    keep(near, lives_s=0.5)
    clock.now_s += 0.5

    assert near.get(PARIS) is None


def test_what_has_ended_already_is_not_kept() -> None:
    assert not keep(cache(), lives_s=0)


def test_nothing_is_kept_until_all_owners_are_heard() -> None:
    near = cache(heard=False)
    near.heard("catalog")

    assert not keep(near)


def test_nothing_is_kept_until_owners_behind_their_logs_have_caught_up() -> None:
    """What one of them has not read yet, we shall never be told: it was before we listened."""
    clock = Clock()
    near = cache(clock, settle_s=2)
    clock.now_s += 1.9
    hear(near)
    assert not keep(near)

    clock.now_s += 0.1
    assert keep(near)
    near.lost("catalog")
    near.heard("catalog")
    assert not keep(near)


def test_an_owner_is_never_so_far_behind() -> None:
    assert replica.HEARD_S_MAX + replica.EPOCH_S < SETTLE_S


def test_after_a_second_of_silence_everything_passes_through() -> None:
    clock = Clock()
    near = cache(clock)
    keep(near)
    clock.now_s += 0.9
    near.heard("catalog")
    clock.now_s += 0.2

    assert near.get(PARIS) is None


def test_after_a_silence_what_was_kept_before_is_gone() -> None:
    """What changed meanwhile may still be on its way behind the first word."""
    clock = Clock()
    near = cache(clock)
    keep(near)
    clock.now_s += 1.5
    hear(near)

    assert near.get(PARIS) is None and keep(near)


def test_an_owner_that_was_lost_is_waited_for() -> None:
    near = cache()
    keep(near)
    near.lost("inventory")

    assert near.get(PARIS) is None


def test_it_is_bounded_and_the_oldest_goes_first() -> None:
    near = cache(entries_max=2)
    for key in (PARIS, LYON, NOWHERE):
        keep(near, key)

    assert len(near) == 2 and near.get(PARIS) is None


def test_it_is_bounded_by_size_too() -> None:
    """Anybody may ask for the largest page in any shop."""
    near = cache(bytes_max=5)
    for key in (PARIS, LYON, NOWHERE):
        keep(near, key)
    counts = [len(near)]
    for revision in (2, 3):
        near.invalidate(PRODUCT, revision)
        for key in (PARIS, LYON):
            keep(near, key, product=revision)
        counts.append(len(near))
    near.clear()
    for key in (PARIS, LYON):
        keep(near, key, product=3)

    assert (counts, len(near)) == ([2, 2, 2], 2)


def test_without_owners_it_keeps_nothing() -> None:
    near = NearCache(())

    assert not keep(near)


class World:
    """An owner whose records change, whose events come late, and fills that take their time."""

    def __init__(self) -> None:
        self.near = cache()
        self.revisions = {PRODUCT: 1, STOCK: 1}
        self.told = dict(self.revisions)
        self.untold: list[tuple[Record, int]] = []
        self.fills: list[tuple[ExitStack, Fill, Entry]] = []

    def product_changes(self) -> None:
        self._changes(PRODUCT)

    def stock_changes(self) -> None:
        self._changes(STOCK)

    def an_event_comes(self) -> None:
        if self.untold:
            record, revision = self.untold.pop(0)
            self.near.invalidate(record, revision)
            self.told[record] = revision

    def a_fill_begins(self) -> None:
        stack = ExitStack()
        fill = stack.enter_context(self.near.filling(PARIS))
        made = entry(product=self.revisions[PRODUCT], stock=self.revisions[STOCK])
        self.fills.append((stack, fill, made))

    def a_fill_ends(self) -> None:
        if self.fills:
            stack, fill, made = self.fills.pop(0)
            with stack:
                self.near.put(fill, made, lives_s=60)

    def _changes(self, record: Record) -> None:
        self.revisions[record] += 1
        self.untold.append((record, self.revisions[record]))


STEPS = (
    World.product_changes,
    World.stock_changes,
    World.an_event_comes,
    World.a_fill_begins,
    World.a_fill_ends,
)


@given(st.lists(st.sampled_from(STEPS), max_size=60))
def test_once_told_of_a_change_no_answer_is_older(steps: list[Callable[[World], None]]) -> None:
    world = World()
    for step in steps:
        step(world)
        found = world.near.get(PARIS)
        assert found is None or all(
            found.revisions[record] >= revision for record, revision in world.told.items()
        )
