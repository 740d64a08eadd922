"""Two replicas of inventory and what they need: MongoDB of three members, associate for tokens."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import grpc
from comptoir.associate.v1 import client_service_pb2 as client_pb
from comptoir.associate.v1.client_service_pb2_grpc import ClientServiceStub
from comptoir.inventory.v1 import location_service_pb2 as location_pb
from comptoir.inventory.v1.location_service_pb2_grpc import LocationServiceStub

from comptoir_client import Credentials, Session, open_channel
from deploy.local import engines
from deploy.local.demo.sending import Stream, send, sign_in
from deploy.local.suite import BOOTSTRAP_CLIENT, Replica, Suite
from tests.chaos import mongo_set
from tests.chaos.rig import NOBODY, Rig, all_closed, by_module
from tests.simulation.repertoire import PLACES

REPLICA_MODULE = "tests.history.replica"
MEMBERS_COUNT = 3
# What a client's name has before it, where it is the subject of a call.
SUBJECT = "client:"
# Who asks: each as the simulation calls it, and what that may do.
CLIENTS: Mapping[str, Sequence[str]] = {
    "market": ("stock.reserve",),
    "bazaar": ("stock.reserve",),
    "till": ("sale.write",),
    "erp": ("inventory.write", "stock.read", "events.read"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Attributes:
    channels: To all replicas of inventory, by its name, and to associate.
    sessions: Of each of CLIENTS.
    """

    rig: Rig
    channels: dict[str, grpc.aio.Channel]
    sessions: Mapping[str, Session]

    @property
    def replicas(self) -> list[Replica]:
        return self.rig.replicas("inventory")

    def session(self, subject: str) -> Session:
        return self.sessions[subject.removeprefix(SUBJECT)]

    def set_clock(self, replica: Replica, offset_s: float) -> None:
        clock_file(self.rig, replica).write_text(str(offset_s))


@asynccontextmanager
async def housed(folder: Path, port: int, *, flaw: str = "") -> AsyncIterator[House]:
    """All of it running inside the block, with the locations that are asked for, in an empty
    folder: what another run has left there nobody has written down here.

    Raises LocalError.
    """
    async with AsyncExitStack() as stack:
        uri = await stack.enter_async_context(
            mongo_set.running(folder / "mongo", members_count=MEMBERS_COUNT)
        )
        started = await stack.enter_async_context(engines.running(folder, mongo_uri=uri))
        suite = Suite(
            folder=folder,
            gateway_port=port,
            engines=started,
            replicas_count=2,
            alone=frozenset({"associate"}),
        )
        rig = Rig(
            folder=folder,
            suite=suite,
            accounts=NOBODY,
            members_count=MEMBERS_COUNT,
            control_port=0,
        )
        stack.push_async_callback(all_closed, rig.kept)
        await rig.keep(rig.replicas("associate")[0], suite.command("associate"))
        for replica in rig.replicas("inventory"):
            command = suite.command("inventory", replica.number)
            words = [str(clock_file(rig, replica)), *filter(None, [flaw])]
            await rig.keep(replica, by_module(command, REPLICA_MODULE, *words))
        yield await entered(rig, stack)


def clock_file(rig: Rig, replica: Replica) -> Path:
    return rig.folder / f"{replica.name}.clock"


async def entered(rig: Rig, stack: AsyncExitStack) -> House:
    channels = {}
    for name in ("inventory", "associate"):
        channels[name] = open_channel(rig.suite.target(name))
        stack.push_async_callback(channels[name].close, None)
    secrets = await registered(rig, channels["associate"])
    sessions = {
        name: Session(Credentials(name, secret), channels["associate"])
        for name, secret in secrets.items()
    }
    locations = [
        location_pb.ImportLocationsRequest(location=shop(location_id))
        for location_id in sorted({place.location_id for place in PLACES})
    ]
    bearer = await sign_in(channels["associate"], "erp", secrets["erp"])
    import_locations = LocationServiceStub(channels["inventory"]).ImportLocations
    await send(Stream("locations", import_locations, locations), bearer)
    return House(rig=rig, channels=channels, sessions=sessions)


def shop(location_id: str) -> location_pb.Location:
    return location_pb.Location(
        location_id=location_id,
        kind=location_pb.LOCATION_KIND_SHOP,
        name=location_id.title(),
        address=location_pb.Address(country="FR"),
        time_zone="Europe/Paris",
    )


async def registered(rig: Rig, channel: grpc.aio.Channel) -> Mapping[str, str]:
    """The secret of each client."""
    secret = (rig.suite.secrets / f"{BOOTSTRAP_CLIENT}.secret").read_text().strip()
    bearer = await sign_in(channel, BOOTSTRAP_CLIENT, secret)
    found, stub = {}, ClientServiceStub(channel)
    for name, scopes in CLIENTS.items():
        request = client_pb.PutClientRequest(
            request_id=str(uuid4()), client_id=name, scopes=scopes, renew_secret=True
        )
        found[name] = str((await stub.PutClient(request, metadata=bearer.metadata)).secret)
    return found
