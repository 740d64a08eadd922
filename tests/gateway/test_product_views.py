"""Views that are asked of their owners: in few calls, once for all who ask, nobody held up."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from chassis.errors import Kind
from services.gateway import product_views
from services.gateway.near_cache import Key
from tests.gateway import given
from tests.gateway.house import House, RefusedError
from tests.waiting import until

DRILL = "/v1/products/PER-1201"
AT_PARIS = f"{DRILL}?location_id=paris"


def hold_back_views(
    house: House, held: Callable[[Any], bool] = lambda request: True
) -> asyncio.Event:
    """Catalog answers the requests that are `held` once the event is set."""
    gate = asyncio.Event()

    async def answer(request: Any) -> Any:
        if held(request):
            await gate.wait()
        return given.views_answer()(request)

    house.neighbours["catalog"].answers["BatchGetProductViews"] = answer
    return gate


async def test_what_is_no_sku_spoils_nobody_elses_batch(plain_shop: House) -> None:
    await asyncio.gather(plain_shop.get(DRILL), plain_shop.get(f"/v1/products/{'x' * 65}"))

    [request] = plain_shop.made("catalog", "BatchGetProductViews")
    assert list(request.skus) == ["PER-1201"]


async def test_who_asks_at_once_is_answered_by_few_calls(plain_shop: House) -> None:
    paths = [f"/v1/products/S-{n}?location_id=paris" for n in range(300)]
    await asyncio.gather(*(plain_shop.get(path) for path in paths))

    requests = plain_shop.made("catalog", "BatchGetProductViews")
    assert len(requests) < 60
    assert sorted(sku for r in requests for sku in r.skus) == sorted(f"S-{n}" for n in range(300))


async def test_who_asks_behind_a_batch_that_is_late_does_not_wait_for_it(plain_shop: House) -> None:
    gate = hold_back_views(plain_shop, lambda request: "PER-1201" in request.skus)
    late = asyncio.create_task(plain_shop.get(AT_PARIS))
    await until(plain_shop.has_asked)
    others = [plain_shop.get(f"/v1/products/S-{n}?location_id=paris") for n in range(20)]

    assert {answer.status for answer in await asyncio.gather(*others)} == {200}
    assert not late.done() and len(plain_shop.made("catalog", "BatchGetProductViews")) < 10
    gate.set()
    assert (await late).status == 200


async def test_a_shop_whose_batches_are_all_late_takes_no_turns_of_others(
    plain_shop: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(product_views, "LATE_S", 0.001)
    gate = hold_back_views(plain_shop, lambda request: request.location_id == "paris")
    late = []
    for number in range(2 * product_views.BATCHES_MAX):
        path = f"/v1/products/S-{number}?location_id=paris"
        late.append(asyncio.create_task(plain_shop.get(path)))
        times = min(number + 1, product_views.BATCHES_OF_ONE_MAX)
        await until(partial(plain_shop.has_asked, times=times))

    assert (await plain_shop.get(f"{DRILL}?location_id=lyon")).status == 200
    gate.set()
    assert {answer.status for answer in await asyncio.gather(*late)} == {200}


async def test_the_same_asked_at_once_is_asked_for_once(plain_shop: House) -> None:
    gate = hold_back_views(plain_shop)
    asking = [asyncio.create_task(plain_shop.get(DRILL)) for _ in range(20)]
    await until(plain_shop.has_asked)
    gate.set()

    assert {(await one).status for one in asking} == {200}
    assert len(plain_shop.made("catalog", "BatchGetProductViews")) == 1


async def test_one_who_leaves_takes_nothing_from_those_who_wait(plain_shop: House) -> None:
    gate = hold_back_views(plain_shop)
    pages, key = plain_shop.opened.parts.pages, Key("PER-1201", "", "fr")
    leaving, staying = (asyncio.create_task(pages.page(key, fresh=False)) for _ in range(2))
    await until(plain_shop.has_asked)
    leaving.cancel()
    await asyncio.wait([leaving])
    gate.set()

    assert (await staying).body


async def test_a_failed_batch_is_a_problem_for_each_and_forgotten(plain_shop: House) -> None:
    catalog = plain_shop.neighbours["catalog"].answers
    catalog["BatchGetProductViews"] = RefusedError(Kind.DEADLINE_EXCEEDED, "SLOW")
    failed = await asyncio.gather(*(plain_shop.get(DRILL) for _ in range(3)))
    given.fill_shelves(plain_shop)

    assert {one.reason for one in failed} == {"SLOW"}
    assert (await plain_shop.get(DRILL)).status == 200
