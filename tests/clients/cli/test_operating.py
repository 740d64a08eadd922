"""What operators type: what it shows, what it does, what it exits with."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import grpc
import pytest
from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1.stock_service_pb2_grpc import (
    StockServiceServicer,
    StockServiceStub,
    add_StockServiceServicer_to_server,
)

from chassis.changes import Changed
from chassis.records import Ref
from clients.cli import operating
from clients.cli.resuming import resumed
from clients.cli.verifying import ROWS_PROVEN
from clients.house import CannotRunError, GivenToken
from services.inventory.stock.domain import Place
from services.inventory.stock.store import ROWS
from tests.clients.cli.desk import Desk, open_desk
from tests.clients.programs import Ended, run
from tests.clients.shop import Shop
from tests.collect.order.orders import NOON

LYON = '{"location_id":"lyon","name":"Lyon","country":"FR","time_zone":"Europe/Paris"}\n'
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
CAUSE = "void by the provider's desk"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as opened:
        yield opened


class TestOrders:
    async def test_none_stuck_is_zero(self, desk: Desk) -> None:
        ended = await desk.cli("orders", "stuck")
        assert (ended.code, ended.out, ended.err) == (0, "", "0 stuck\n")

    async def test_a_stuck_order_is_shown_with_why_and_is_one(self, desk: Desk) -> None:
        order_id = await desk.stuck_undoing()
        ended = await desk.cli("orders", "stuck", "--tries", "1")
        assert (ended.code, ended.err) == (1, "1 stuck\n")
        names, values = ended.out.splitlines()
        assert names.split()[:4] == ["order", "id", "location", "id"]
        for word in (order_id, "paris", "cancelled", "void, unreserve", "AWAY"):
            assert word in values

    async def test_for_programs_it_is_a_json_object_a_line(self, desk: Desk) -> None:
        order_id = await desk.stuck_undoing()
        (row,) = await desk.rows("orders", "stuck", "--tries", "1")
        assert (row["order_id"], row["steps"], row["tries"]) == (order_id, ["void", "unreserve"], 1)
        assert row["since"] == f"{NOON:%Y-%m-%dT%H:%M:%SZ}"

    async def test_a_retry_that_helps_is_zero(self, desk: Desk) -> None:
        order_id = await desk.stuck_undoing()
        failed = await desk.cli("orders", "retry", order_id)
        desk.house.line.mend()
        ended = await desk.cli("orders", "retry", order_id)
        assert (failed.code, failed.err) == (1, "it still owes what is listed\n")
        assert (ended.code, ended.err) == (0, "it owes nothing any more\n")

    async def test_what_is_given_up_is_left_to_settle_until_it_is(self, desk: Desk) -> None:
        order_id = await desk.stuck_undoing()
        step = ("--step", "void", "--cause", CAUSE)
        ended = await desk.cli("orders", "abandon", order_id, *step)
        (left,) = await desk.rows("orders", "residues")
        settled = await desk.cli("orders", "settle", left["residue_id"], "--cause", CAUSE)

        assert ended.code == 1
        assert left["what"][0].startswith("payment ")
        assert left["what"][0].endswith(" of 3980 EUR (smallest unit)")
        assert (settled.code, await desk.rows("orders", "residues")) == (0, [])
        acts = await desk.rows("acts", "--service", "collect")
        assert {(act["actor"], act["act"], act["cause"]) for act in acts} == {
            ("client:operator", "abandon_step", CAUSE),
            ("client:operator", "settle_residue", CAUSE),
        }

    async def test_holds_that_inventory_lost_are_made_again_page_after_page(
        self, desk: Desk
    ) -> None:
        for _ in range(2):
            await desk.house.place()
        ended = await desk.cli("orders", "hold-again")
        words = "0 held again, 2 had their hold, 0 have none\n"
        assert (ended.code, ended.out, ended.err) == (0, "", words)

        order = (await desk.house.kept())[0]
        location = replace(order, location_id="nowhere", reservation_id=str(uuid4()), attempt=2)
        await desk.house.put(location)
        (row,) = await desk.rows("orders", "hold-again")
        assert row == {
            "order_id": order.order_id,
            "location_id": "nowhere",
            "reason": "UNKNOWN_LOCATION",
        }

    async def test_a_refusal_is_two_with_its_reason(self, desk: Desk) -> None:
        ended = await desk.cli("orders", "retry", "no-such-order")
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith("could not run: UNKNOWN_ORDER: no such order")

    async def test_a_step_that_is_none_is_two_and_says_which_there_are(self, desk: Desk) -> None:
        ended = await desk.cli("orders", "abandon", "o1", "--step", "pay", "--cause", CAUSE)
        assert ended.code == 2
        assert "there is no step pay: one of reserve, authorise, " in ended.err

    async def test_an_operator_comes_with_the_token_they_were_given(self, desk: Desk) -> None:
        await desk.stuck_undoing()
        listed = ("orders", "stuck", "--tries", "1", "--client", "nobody", "--token-file")
        ended = await desk.cli(*listed, desk.token_file("staff:operator"))
        refused = await desk.cli(*listed, desk.token_file("staff:manager"))
        assert (ended.code, ended.err) == (1, "1 stuck\n")
        assert refused.code == 2
        assert "ACCESS_DENIED" in refused.err


class TestEvents:
    async def test_parked_events_are_retried_one_discarded_and_all_is_kept(
        self, desk: Desk
    ) -> None:
        of = ("--service", "collect")
        await desk.park("paris", "paris", "lyon")
        listed = await desk.cli("events", "parked", *of)
        rows = await desk.rows("events", "parked", *of)
        failed = await desk.cli("events", "retry", "locations", "paris", *of)
        gone = await desk.cli("events", "discard", "locations", "3", *of, "--cause", "shop closed")
        desk.poison.clear()
        (taken,) = await desk.rows("events", "retry", "locations", "paris", *of)
        none = await desk.cli("events", "parked", *of)

        assert (listed.code, listed.err) == (1, "3 parked\n")
        assert [(row["number"], row["key"]) for row in rows] == [
            (1, "paris"),
            (2, "paris"),
            (3, "lyon"),
        ]
        assert (failed.code, "LookupError" in failed.out) == (1, True)
        assert gone.code == 0
        assert (taken["taken"], taken["parked"]) == (2, 0)
        assert (none.code, none.err) == (0, "0 parked\n")
        acts = await desk.rows("acts", *of)
        assert sorted(act["act"] for act in acts) == [
            "discard_parked_event",
            "retry_parked_events",
            "retry_parked_events",
        ]
        assert await desk.rows("acts", *of, "--last", "2") == acts[:2]


class TestVerify:
    async def test_rows_that_are_what_their_ledger_says_are_zero(self, house: Shop) -> None:
        await stock_of(house)
        ended = await verify(house, "lyon")
        assert (ended.code, ended.out) == (0, "")
        assert ended.err == "lyon: 2 rows, 0 not what their ledger says\n"

    async def test_a_row_that_is_not_is_shown_beside_what_it_should_be(self, house: Shop) -> None:
        await stock_of(house)
        row = await house.inventory.find(ROWS, Place("lyon", "LAMP"))
        assert row is not None
        wrong = replace(row, on={bucket: 9 for bucket in row.on})
        await house.inventory.update(
            [Ref(ROWS, row.place)],
            lambda state: Changed(answer=None, records=(wrong,)),
            answer=type(None),
            timeout_s=2,
        )
        at_lyon, one = await verify(house, "lyon", "--json"), await verify(house, "--sku", "CUP")
        lamps = await verify(house, "--sku", "LAMP", "--sku", "CUP")

        assert at_lyon.code == 1
        assert json.loads(at_lyon.out) == {
            "location_id": "lyon",
            "sku": "LAMP",
            "what": "sellable",
            "stands": 9,
            "proven": 7,
            "revision": row.revision,
        }
        assert (one.code, one.err) == (0, "everywhere: 1 rows, 0 not what their ledger says\n")
        assert (lamps.code, lamps.err) == (1, "everywhere: 2 rows, 1 not what their ledger says\n")

    async def test_a_proof_that_is_cut_goes_on_where_it_was(self, tmp_path: Path) -> None:
        """As by services that drain, one after the other: streams end cleanly then, or not."""

        class Cut(StockServiceServicer):
            async def VerifyBalances(
                self, request: pb.VerifyBalancesRequest, context: Context
            ) -> AsyncIterator[pb.VerifyBalancesResponse]:
                number = int(request.cursor or 0) + 1
                yield pb.VerifyBalancesResponse(
                    row_count=number, cursor=str(number), complete=number == 4
                )
                if number == 2:
                    await context.abort(grpc.StatusCode.UNAVAILABLE, "draining")

        assert await rows_proven(Cut(), tmp_path) == [1, 2, 3, 4]  # type: ignore[abstract]

    async def test_a_proof_that_never_comes_further_proves_nothing(self, tmp_path: Path) -> None:
        class Draining(StockServiceServicer):
            async def VerifyBalances(
                self, request: pb.VerifyBalancesRequest, context: object
            ) -> AsyncIterator[pb.VerifyBalancesResponse]:
                if not request.cursor:
                    yield pb.VerifyBalancesResponse(row_count=1, cursor="1")

        with pytest.raises(CannotRunError, match="ended before all rows were proven"):
            await rows_proven(Draining(), tmp_path)  # type: ignore[abstract]


async def rows_proven(servicer: StockServiceServicer, folder: Path) -> list[int]:
    token = folder / "token"
    token.write_text("t")
    async with plainly_served(servicer) as channel:
        desk = operating.Desk(channel, GivenToken(token))
        stub: Any = StockServiceStub(channel)
        request = pb.VerifyBalancesRequest()
        proof = resumed(desk, stub.VerifyBalances, request, until=ROWS_PROVEN)
        return [answer.row_count async for answer in proof]


@asynccontextmanager
async def plainly_served(servicer: StockServiceServicer) -> AsyncIterator[grpc.aio.Channel]:
    """To whoever comes, with no house around it."""
    server = grpc.aio.server()
    add_StockServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel
    finally:
        await server.stop(None)


async def stock_of(house: Shop) -> None:
    await house.cli("locations", house.file("places.jsonl", LYON))
    levels = "location_id;sku;sellable_quantity\nlyon;LAMP;7\nlyon;CUP;3\n"
    await house.cli("stock", house.file("stock.csv", levels))


async def verify(house: Shop, *options: str) -> Ended:
    who = ("--client", "importer", *house.panel())
    return await run("clients.cli", "verify", *options, *who)
