"""A stream that is cut goes on where it was answered; the file is read in bounds."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from comptoir.inventory.v1 import location_service_pb2 as pb
from comptoir.type.v1.rejection_pb2 import ImportProgress, Rejection
from rich.console import Console

from clients.cli import sending
from clients.cli.entries import Entry, Note, Read, Refusal
from clients.cli.report import Count, Report
from clients.cli.sending import IN_FLIGHT_MAX, Sending
from clients.house import CannotRunError, Session

CHUNK = 500
BOUND_S = 10.0


class Service:
    """Answers each CHUNK of items; the streams named in `cuts` end after their first answer."""

    def __init__(self, *cuts: grpc.StatusCode) -> None:
        self.cuts = list(cuts)
        self.taken: dict[str, int] = {}

    async def import_locations(
        self, items: AsyncIterator[pb.ImportLocationsRequest], context: Any
    ) -> AsyncIterator[pb.ImportLocationsResponse]:
        read, rejections = 0, list[Rejection]()
        async for item in items:
            read += 1
            name = item.location.location_id
            self.taken[name] = self.taken.get(name, 0) + 1
            if name.endswith("13"):
                rejections.append(Rejection(number=item.number, reason="UNLUCKY", message=name))
            if read % CHUNK == 0:
                yield answer(read, rejections)
                rejections = []
                if self.cuts:
                    await context.abort(self.cuts.pop(0), "cut")
        yield answer(read, rejections)


def answer(read: int, rejections: list[Rejection]) -> pb.ImportLocationsResponse:
    unlucky = (read + 87) // 100
    progress = ImportProgress(read_count=read, written_count=read - unlucky, rejections=rejections)
    return pb.ImportLocationsResponse(progress=progress)


class SignedIn(Session):
    """Whoever we are, we are in: signing in has its own tests."""

    def __init__(self) -> None:
        self.forgotten_count = 0

    async def metadata(self) -> tuple[tuple[str, str], ...]:
        return ()

    def forget(self) -> None:
        self.forgotten_count += 1


def entries(count: int) -> Iterator[Read[pb.Location]]:
    for number in range(1, count + 1):
        yield Entry(10 * number, pb.Location(location_id=str(number)))


@asynccontextmanager
async def stub_of(service: Service) -> AsyncIterator[Any]:
    server = grpc.aio.server()
    handler = grpc.stream_stream_rpc_method_handler(
        service.import_locations,
        request_deserializer=pb.ImportLocationsRequest.FromString,
        response_serializer=pb.ImportLocationsResponse.SerializeToString,
    )
    handlers = grpc.method_handlers_generic_handler("test.Import", {"Import": handler})
    server.add_generic_rpc_handlers((handlers,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel.stream_stream(
                "/test.Import/Import",
                request_serializer=pb.ImportLocationsRequest.SerializeToString,
                response_deserializer=pb.ImportLocationsResponse.FromString,
            )
    finally:
        await server.stop(None)


async def sent(
    service: Service, items: Iterator[Read[pb.Location]], session: Session | None = None
) -> tuple[Count, Report]:
    report = Report(Console(file=io.StringIO()), place="line", rejects=None)
    async with stub_of(service) as stub:
        work: Sending[pb.Location] = Sending(
            "locations",
            items,
            open=stub,
            wrap=lambda number, value: pb.ImportLocationsRequest(number=number, location=value),
            session=session or SignedIn(),
            report=report,
        )
        return await work.run(), report


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failures in a row are awaited in no time."""
    monkeypatch.setattr(sending, "PAUSE_FIRST_S", 0.0)


async def test_everything_is_counted_and_rejections_name_their_place() -> None:
    count, report = await sent(Service(), entries(5000))

    assert (count.read, count.written, count.rejected) == (5000, 4950, 50)
    assert min(report.rejected) == 130


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.ABORTED])
async def test_a_cut_stream_goes_on_behind_the_last_answer(code: grpc.StatusCode) -> None:
    service = Service(code, code, code)
    count, report = await sent(service, entries(5000))

    assert count.read == 5000
    assert len(service.taken) == 5000
    assert len(report.rejected) == 50


async def test_a_stream_that_ends_early_without_a_word_is_begun_again() -> None:
    """Full of what waits for an answer, the writer would else wait for one for ever."""

    class Hasty(Service):
        async def import_locations(
            self, items: AsyncIterator[pb.ImportLocationsRequest], context: Any
        ) -> AsyncIterator[pb.ImportLocationsResponse]:
            if self.taken:
                async for answered in super().import_locations(items, context):
                    yield answered
            else:
                self.taken["0"] = 1
                while len(self.taken) < IN_FLIGHT_MAX:
                    item = await anext(aiter(items))
                    self.taken[item.location.location_id] = 1

    async with asyncio.timeout(BOUND_S):
        count, _ = await sent(Hasty(), entries(5000))

    assert count.read == 5000


async def test_a_token_refused_is_renewed() -> None:
    session = SignedIn()
    count, _ = await sent(Service(grpc.StatusCode.UNAUTHENTICATED), entries(1000), session)

    assert (count.read, session.forgotten_count) == (1000, 1)


async def test_a_refusal_that_trying_again_would_not_mend_stops_it() -> None:
    with pytest.raises(CannotRunError, match="PERMISSION_DENIED"):
        await sent(Service(grpc.StatusCode.PERMISSION_DENIED), entries(1000))


async def test_the_file_is_never_read_further_than_the_service_may_fall_behind() -> None:
    service, ahead = Service(), [0]

    def watched() -> Iterator[Read[pb.Location]]:
        for number, entry in enumerate(entries(20_000), 1):
            answered = len(service.taken) // CHUNK * CHUNK
            ahead.append(number - answered)
            yield entry

    await sent(service, watched())

    assert max(ahead) <= IN_FLIGHT_MAX + CHUNK


async def test_what_the_file_itself_refuses_is_counted_beside_the_rest() -> None:
    refusal = Refusal(1, Note("NOT_JSON", "whole"))
    count, report = await sent(Service(), iter([refusal, *entries(2)]))

    assert (count.read, count.rejected, report.rejected) == (3, 1, {1})


async def test_a_file_that_cannot_be_read_on_stops_it() -> None:
    def broken() -> Iterator[Read[pb.Location]]:
        yield from entries(10)
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        await sent(Service(), broken())
