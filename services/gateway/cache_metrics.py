"""What the near cache is worth, for operators."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.gateway.near_cache import NearCache


class CacheMetrics(Collector):
    """Counted by the cache itself and read when scraped: a hit must cost nothing here."""

    def __init__(self, cache: NearCache) -> None:
        self._cache = cache

    def collect(self) -> Iterator[Metric]:
        counts = self._cache.counts
        asked = CounterMetricFamily("near_cache_answers", "Answers by where from.", labels=["from"])
        asked.add_metric(["cache"], counts.hits)
        asked.add_metric(["owners"], counts.misses)
        yield asked
        yield CounterMetricFamily(
            "near_cache_dropped", "Made, but out of date before they were kept.", counts.dropped
        )
        yield GaugeMetricFamily("near_cache_entries", "Answers kept.", len(self._cache))
