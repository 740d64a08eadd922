"""What operators see of the gateway: requests as metrics, and as spans where sampled."""

import random
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate

from aiohttp import web
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from chassis import tracing
from chassis.telemetry import BUCKETS_S
from services.gateway.routes import EVENT_STREAM, Route


class Telemetry:
    """Rate, errors and duration by route. Labels hold no ids: each value is a series."""

    def __init__(
        self, registry: CollectorRegistry, traces: tracing.Tracing, *, sample_ratio: float
    ) -> None:
        self.registry = registry
        self._traces = traces
        self._sample_ratio = sample_ratio
        self._requests = Requests()
        registry.register(self._requests)

    def begun(self, route: Route, request: web.Request) -> "Observed":
        self._requests.of(route).in_flight += 1
        return Observed(self, route, self._span(route, request))

    def ended(self, route: Route, status: int, latency_s: float) -> None:
        series = self._requests.of(route)
        series.in_flight -= 1
        series.statuses[status] += 1
        if route.content_type != EVENT_STREAM:
            series.timed(latency_s)

    def counted(self, route: Route, status: int) -> None:
        """An answer that was too quick to be worth timing."""
        self._requests.of(route).statuses[status] += 1

    def _span(self, route: Route, request: web.Request) -> Span | None:
        """Enters the caller's trace. Whether it is sampled is ours to say, or anybody could
        have all of theirs kept."""
        came = request.headers.get("traceparent")
        sampled = random.random() < self._sample_ratio
        if came is None and not sampled:
            self._traces.entered(None)
            return None
        place = tracing.place_from(came) or tracing.new_place(sampled=sampled)
        self._traces.entered(replace(place, sampled=sampled).traceparent)
        attributes = {"http.request.method": route.method, "http.route": route.path}
        started = tracing.start_span(f"{route.method} {route.path}", SpanKind.SERVER, attributes)
        if started is not None:
            tracing.enter(started)
        return started


class Series:
    """What is counted of one route, in plain numbers: a client library's counters cost more than
    the answer of a cache."""

    __slots__ = ("in_flight", "statuses", "took_s", "within")

    def __init__(self) -> None:
        self.in_flight = 0
        self.statuses: Counter[int] = Counter()
        self.within = [0] * (len(BUCKETS_S) + 1)  # By the first bucket that holds them.
        self.took_s = 0.0

    def timed(self, latency_s: float) -> None:
        self.within[bisect_left(BUCKETS_S, latency_s)] += 1
        self.took_s += latency_s

    @property
    def buckets(self) -> list[tuple[str, float]]:
        """As Prometheus has them: each with all that was quicker."""
        bounds = [*map(str, BUCKETS_S), "+Inf"]
        return list(zip(bounds, accumulate(self.within), strict=True))


class Requests(Collector):
    """Requests by route. Bounded, since routes are."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str], Series] = {}

    def of(self, route: Route) -> Series:
        key = route.method, route.path
        found = self._series.get(key)
        if found is None:
            found = self._series[key] = Series()
        return found

    def collect(self) -> Iterator[Metric]:
        labels = ["method", "route"]
        answered = CounterMetricFamily(
            "http_server_requests", "Requests answered.", labels=[*labels, "status"]
        )
        latency = HistogramMetricFamily(
            "http_server_latency_seconds",
            "How long requests took, event streams and answers from the near cache left out.",
            labels=labels,
        )
        in_flight = GaugeMetricFamily(
            "http_server_requests_in_flight", "Requests under way.", labels=labels
        )
        for key, series in self._series.items():
            latency.add_metric(key, series.buckets, series.took_s)
            in_flight.add_metric(key, series.in_flight)
            for status, count in series.statuses.items():
                answered.add_metric([*key, str(status)], count)
        yield from (answered, latency, in_flight)


class Observed:
    """One request under way."""

    __slots__ = ("_begin_s", "_route", "_span", "_telemetry")

    def __init__(self, telemetry: Telemetry, route: Route, span: Span | None) -> None:
        self._telemetry = telemetry
        self._route = route
        self._span = span
        self._begin_s = time.perf_counter()

    def ended(self, status: int) -> None:
        self._telemetry.ended(self._route, status, time.perf_counter() - self._begin_s)
        if self._span is not None:
            self._span.set_attribute("http.response.status_code", status)
            if status >= 500:
                self._span.set_status(Status(StatusCode.ERROR))
            self._span.end()
