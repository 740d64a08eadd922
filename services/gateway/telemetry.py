"""What operators see of the gateway: requests as metrics, and as spans where sampled."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from aiohttp import web
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, Metric
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
        labels = ["method", "route"]
        self._latency = Histogram(
            "http_server_latency_seconds",
            "How long requests took, event streams left out.",
            labels,
            buckets=BUCKETS_S,
            registry=registry,
        )
        self._in_flight = Gauge(
            "http_server_requests_in_flight", "Requests under way.", labels, registry=registry
        )
        # Looking a series up by its labels costs more than counting in it. Bounded by routes.
        self._timed: dict[tuple[str, str], tuple[Gauge, Histogram]] = {}

    def begun(self, route: Route, request: web.Request) -> "Observed":
        labels = route.method, route.path
        if labels not in self._timed:
            self._timed[labels] = self._in_flight.labels(*labels), self._latency.labels(*labels)
        self._timed[labels][0].inc()
        return Observed(self, route, self._span(route, request))

    def ended(self, route: Route, status: int, latency_s: float) -> None:
        in_flight, latency = self._timed[route.method, route.path]
        in_flight.dec()
        self.counted(route, status)
        if route.content_type != EVENT_STREAM:
            latency.observe(latency_s)

    def counted(self, route: Route, status: int) -> None:
        """An answer that was too quick to be worth timing."""
        self._requests.counts[route.method, route.path, status] += 1

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


class Requests(Collector):
    """Requests answered, counted in plain numbers: a client library's counter costs more than
    the answer of a cache."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str, int]] = Counter()

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(
            "http_server_requests", "Requests answered.", labels=["method", "route", "status"]
        )
        for (method, path, status), count in self.counts.items():
            family.add_metric([method, path, str(status)], count)
        yield family


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
