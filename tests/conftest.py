"""Real engines for the session, and a store factory for suites that every store must pass."""

import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import pytest
from hypothesis import settings
from xdist.remote import Producer

import tests.cabinet
from chassis.clock import Clock, utc_now
from chassis.committer import Committer
from chassis.deadline import left_s
from chassis.memory_records import MemoryRecords
from chassis.mongo import Database, connect
from chassis.mongo_drivers import DriverName
from chassis.mongo_records import MongoRecords
from chassis.passwords import Cost
from chassis.records import Kind, Records
from deploy.local.engines import Engines, running
from tests.cabinet import CABINET, Cabinet
from tests.driver import DRIVER
from tests.receiver import Receiver, receiving
from tests.replicas import Replicas
from tests.rows import Rows, turn_of
from tests.suite import ROOT, Stack, started
from tests.waiting import until

# No test is timed: on a busy machine any of them is slow. In CI the same is tried each time: what
# chance finds is found at a desk, and does not stop a change that has nothing to do with it.
settings.register_profile("house", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("house")

MakeRecords: TypeAlias = Callable[..., Awaitable[Records]]


# What the house gives the engine, two seconds, a busy machine may take from it.
HOUSE_S, ENGINE_S_MAX = 2.0, 20.0


def pytest_configure() -> None:
    """Until all tests are found, nothing is garbage: looking for it took a quarter of that."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for garbage took a seventh of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)
    gc.enable()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Rows:
    return Rows(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put each in its turn, and mark what reaches an engine: `make test-drivers` runs it again on
    the second driver."""
    items.sort(key=lambda item: turn_of(item.path.relative_to(ROOT).as_posix()))
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        callspec = getattr(item, "callspec", None)
        values = map(str, callspec.params.values()) if callspec else ()
        if fixtures & {"engines", "stack"} or any("mongo" in value for value in values):
            item.add_marker(pytest.mark.engine)


@pytest.fixture(scope="session")
async def engines(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engines]:
    """Those that the environment names, else children of this session."""
    folder: Path = tmp_path_factory.mktemp("engines")
    mongo_uri = os.environ.get("COMPTOIR_TEST_MONGO_URI", "")
    redis_url = os.environ.get("COMPTOIR_TEST_REDIS_URL", "")
    async with running(folder, mongo_uri=mongo_uri, redis_url=redis_url) as opened:
        yield opened


@pytest.fixture(scope="session", autouse=True)
def unhurried_transactions() -> Iterator[None]:
    """Those of this process, unless a test is about their time and gives them less."""
    hurried, hurried_update = Database.transaction, Committer.update
    committer_defaults: Any = Committer.__init__.__kwdefaults__

    def unhurried(self: Database, work: Any, *, timeout_s: float, **rest: Any) -> Awaitable[Any]:
        timeout_s = timeout_s if timeout_s < HOUSE_S else left_s(ENGINE_S_MAX)
        return hurried(self, work, timeout_s=timeout_s, **rest)

    def unhurried_update(self: Committer, *args: Any, timeout_s: float, **rest: Any) -> Any:
        timeout_s = timeout_s if timeout_s < HOUSE_S else left_s(ENGINE_S_MAX)
        return hurried_update(self, *args, timeout_s=timeout_s, **rest)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Database, "transaction", unhurried)
        patched.setattr(Committer, "update", unhurried_update)
        # Of a batch half of it.
        patched.setitem(committer_defaults, "write_s", 2 * ENGINE_S_MAX)
        yield


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Dear by intent: what they cost has a test of its own, all others paid a tenth of the run."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("chassis.passwords.COST", Cost(memory_kib=64, passes=1))
        yield


@pytest.fixture(scope="module", autouse=True)
def collected() -> Iterator[None]:
    """What a file's tests left open is told of in that file, and fails."""
    yield
    gc.collect(1)  # What is older is of files before: looking there took twice as long.


@pytest.fixture(scope="session")
async def receiver() -> AsyncIterator[Receiver]:
    """Where the session's suite sends the spans of what its edge has sampled."""
    async with receiving() as opened:
        yield opened


@pytest.fixture(scope="session")
async def stack(
    tmp_path_factory: pytest.TempPathFactory, receiver: Receiver
) -> AsyncIterator[Stack]:
    """The suite as `make run` starts it, once a session, on ports of its own."""
    folder: Path = tmp_path_factory.mktemp("stack")
    async with started(folder, otlp_endpoint=receiver.address) as running_stack:
        yield running_stack


@pytest.fixture(scope="session")
def state_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the session's cabinet remembers: the key that the suite's one code has let in."""
    return tmp_path_factory.mktemp("cabinet") / "state.json"


@pytest.fixture
async def cabinet(stack: Stack, state_file: Path) -> AsyncIterator[Cabinet]:
    async with tests.cabinet.running(
        stack, state_file, code=stack.panel["cabinets"][CABINET]
    ) as opened:
        await until(opened.is_attached)
        yield opened


@pytest.fixture
def mongo_uri(engines: Engines) -> str:
    return engines.mongo_uri


@pytest.fixture
def redis_url(engines: Engines) -> str:
    return engines.redis_url


@pytest.fixture
def mongo_driver(request: pytest.FixtureRequest) -> DriverName:
    """The one of this run, or that of the mark `on_both_drivers`."""
    driver: DriverName = getattr(request, "param", DRIVER)
    return driver


@pytest.fixture(scope="module")
async def database_name(engines: Engines) -> AsyncIterator[str]:
    """One for all tests of a file: to make collections takes longer than most tests."""
    name = f"comptoir_test_{uuid4().hex}"
    yield name
    async with connect(engines.mongo_uri, name) as opened:
        await opened.drop()


@pytest.fixture
async def database(
    mongo_uri: str, database_name: str, mongo_driver: DriverName
) -> AsyncIterator[Database]:
    """Its collections may be there from the test before, empty."""
    uri = with_timeout(mongo_uri, ENGINE_S_MAX)
    async with connect(uri, database_name, driver=mongo_driver) as opened:
        yield opened
        await opened.settle()
        await empty(opened)


@pytest.fixture
async def new_database(mongo_uri: str, mongo_driver: DriverName) -> AsyncIterator[Database]:
    """With nothing in it yet: for tests about what is made."""
    uri, name = with_timeout(mongo_uri, ENGINE_S_MAX), f"comptoir_test_{uuid4().hex}"
    async with connect(uri, name, driver=mongo_driver) as opened:
        yield opened
        await opened.settle()
        await opened.drop()


def with_timeout(mongo_uri: str, timeout_s: float) -> str:
    address, _, options = mongo_uri.partition("?")
    kept = [each for each in options.split("&") if each and not each.startswith("timeoutMS=")]
    return f"{address}?{'&'.join([*kept, f'timeoutMS={timeout_s * 1000:.0f}'])}"


async def empty(database: Database) -> None:
    for name in await filled(database):
        await database.collection(name).delete_many({})


async def filled(database: Database) -> list[str]:
    """Collections with anything in them, by one question: of twenty a test fills a few."""
    first, *others = sorted(await database.collection_names() - {"system.profile"}) or [""]
    if not first:
        return []
    unions = [{"$unionWith": {"coll": name, "pipeline": one_as(name)}} for name in others]
    return [found["name"] for found in await database.aggregate(first, [*one_as(first), *unions])]


def one_as(name: str) -> list[dict[str, Any]]:
    return [{"$limit": 1}, {"$project": {"_id": 0, "name": {"$literal": name}}}]


@pytest.fixture
def memory_records() -> MakeRecords:
    async def make(kinds: Iterable[Kind[Any]], *, clock: Clock = utc_now) -> Records:
        return MemoryRecords(kinds, clock=clock)

    return make


@pytest.fixture
def mongo_records(database: Database) -> MakeRecords:
    async def make(kinds: Iterable[Kind[Any]], *, clock: Clock = utc_now) -> Records:
        kept = tuple(kinds)
        return Replicas(*(MongoRecords(database, kept, clock=clock) for _ in range(2)))

    return make


@pytest.fixture(params=["memory", "mongo"])
def records(request: pytest.FixtureRequest) -> MakeRecords:
    """`await records(kinds, clock=…)`: a store of those kinds, ready, once in memory, once real."""
    make: MakeRecords = request.getfixturevalue(f"{request.param}_records")

    async def ready(kinds: Iterable[Kind[Any]], *, clock: Clock = utc_now) -> Records:
        made = await make(kinds, clock=clock)
        await made.ensure_indexes()
        return made

    return ready
