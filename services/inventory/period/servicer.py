"""The gRPC face of periods: protobuf in, one call, protobuf out. No rules here."""

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from typing import Any, TypeAlias

import grpc
from comptoir.inventory.v1 import period_service_pb2 as pb
from comptoir.inventory.v1 import period_service_pb2_grpc as pb_grpc

from chassis.access import caller
from services.inventory.balance.asked import question_of
from services.inventory.balance.proof import Question, TooManyProofsError
from services.inventory.balance.store import Balances
from services.inventory.books import Books
from services.inventory.period import workflow
from services.inventory.period.domain import check_before
from services.inventory.period.messages import (
    all_proven_to_pb,
    before_from_pb,
    closed_to_pb,
    proven_to_pb,
    step_to_pb,
)
from services.inventory.period.workflow import Closing, TooManyClosingsError

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

OTHERS_S = 10.0  # What some hundred archives take.


class PeriodServicer(pb_grpc.PeriodServiceServicer):
    """`open_s` is for how long a movement stays in the ledger at least."""

    def __init__(self, books: Books, *, balances: Balances, open_s: float) -> None:
        self._books = books
        self._balances = balances
        self._open_s = open_s
        self._is_closing = self._is_proving = False

    async def ClosePeriod(
        self, request: pb.ClosePeriodRequest, context: Context
    ) -> AsyncIterator[pb.ClosePeriodResponse]:
        asked = before_from_pb(request)
        before = check_before(asked, now=self._books.clock(), open_s=self._open_s)
        question = await self._question("close", request.location_id)
        behind = question.behind(request.cursor)
        closing = Closing(
            records=self._books.records,
            clock=self._books.clock,
            before=before,
            actor=caller().subject,
            movements_max=workflow.MOVEMENTS_MAX,
        )
        with self._closing_alone():
            async with aclosing(workflow.closed(closing, question, behind)) as steps:
                async for step in steps:
                    behind = step.behind
                    yield step_to_pb(step, question)
        yield closed_to_pb(question, behind)

    async def VerifyArchives(
        self, request: pb.VerifyArchivesRequest, context: Context
    ) -> AsyncIterator[pb.VerifyArchivesResponse]:
        question = await self._question("archives", request.location_id)
        behind = question.behind(request.cursor)
        with self._proving_alone():
            async with aclosing(workflow.proven(self._books.records, question, behind)) as found:
                async for proven in found:
                    behind = behind._replace(location_id=proven.location_id)
                    for answer in proven_to_pb(proven, question):
                        yield answer
        yield all_proven_to_pb(question, behind)

    async def _question(self, verb: str, asked: str) -> Question:
        """Raises UnknownLocationError."""
        return await question_of(
            verb, asked, balances=self._balances, locations=self._books.locations
        )

    @contextmanager
    def _closing_alone(self) -> Iterator[None]:
        if self._is_closing:
            raise TooManyClosingsError("another closes here: try again", retry_after_s=OTHERS_S)
        self._is_closing = True
        try:
            yield
        finally:
            self._is_closing = False

    @contextmanager
    def _proving_alone(self) -> Iterator[None]:
        if self._is_proving:
            raise TooManyProofsError("others are proven here: try again", retry_after_s=OTHERS_S)
        self._is_proving = True
        try:
            yield
        finally:
            self._is_proving = False
