"""What traces cost: product views from their owners, sampled as by default against not at all."""

from dataclasses import replace

from benchmarks.figures import Figure, Target
from benchmarks.house import House
from benchmarks.loading import Gets, loaded
from benchmarks.products import CONNECTIONS_COUNT, ROUND_S, Sample, compared, local, throughput
from chassis.tracing import SAMPLE_RATIO
from deploy.local.child_stack import free_ports

# Both sides are the same but for the hundredth request, so it takes more rounds to tell them
# apart than it does where they are of different kinds.
ROUNDS_COUNT = 7
RATIO_MIN = 0.95


async def cost(house: House, sample: Sample, otlp_endpoint: str) -> list[Figure]:
    """The rate with spans that are sent to `otlp_endpoint`, by the rate without any.

    Two gateways before the same services, asked in turn. The services send their spans there
    as well, but have some only of what a gateway samples.
    """
    port = free_ports()
    with_spans = {"OTLP_ENDPOINT": otlp_endpoint, "SAMPLE_RATIO": str(SAMPLE_RATIO)}
    async with (
        house.second_gateway(port, NEAR_CACHE="false", **with_spans) as traced_pid,
        house.second_gateway(
            port + 1, name="gateway-3", NEAR_CACHE="false", SAMPLE_RATIO="0"
        ) as plain_pid,
    ):
        traced = Gets(url=local(port), paths=sample.paths, connections_count=CONNECTIONS_COUNT)
        plain = replace(traced, url=local(port + 1))
        owners = [house.stack.pid("catalog"), house.stack.pid("inventory")]
        for gets in (traced, plain):  # Warm, as they stay.
            await loaded(gets.command(ROUND_S), seconds=ROUND_S, servers=[])
        rounds = await compared(
            traced,
            [traced_pid, *owners],
            plain,
            [plain_pid, *owners],
            seconds=ROUND_S,
            rounds_count=ROUNDS_COUNT,
        )
    return [throughput("telemetry_cost", rounds, Target(least=RATIO_MIN))]
