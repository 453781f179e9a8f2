"""What the web process counts, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from flask import current_app
from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.web.parts import WebStore
from bot.web.spool import Spool

EXTENSION = "motcua_counters"


class Counters:
    """One set of counters per app, so that two apps in one process never share them."""

    def __init__(self, store: WebStore, spool: Spool, clock: Callable[[], datetime]) -> None:
        self.registry = CollectorRegistry()
        self.webhooks = Counter(
            "motcua_webhooks", "Webhook calls.", ["channel", "outcome"], registry=self.registry
        )
        self.reasons = Counter(
            "motcua_webhook_reasons",
            "Webhook calls by what they were taken for.",
            ["channel", "outcome", "reason"],
            registry=self.registry,
        )
        self.repeats = Counter(
            "motcua_webhook_repeats",
            "Webhook calls the platform marked as sent before.",
            ["channel"],
            registry=self.registry,
        )
        self.messages = Counter(
            "motcua_chat_messages", "Web chat messages kept.", ["kind"], registry=self.registry
        )
        self.streams = Gauge("motcua_chat_streams", "Open streams.", registry=self.registry)
        self.registry.register(_DeliveryStates(store))
        self.registry.register(_SpoolSizes(spool))
        self.registry.register(_WrongCodes(store, clock))


class _DeliveryStates(Collector):
    """Reads the number of deliveries per state when asked for."""

    def __init__(self, store: WebStore) -> None:
        self._store = store

    def describe(self) -> Iterator[Metric]:
        yield self._family()

    def collect(self) -> Iterator[Metric]:
        family = self._family()
        for state, number in self._store.deliveries.counts().items():
            family.add_metric([str(getattr(state, "value", state))], number)
        yield family

    def _family(self) -> GaugeMetricFamily:
        return GaugeMetricFamily("motcua_deliveries", "Deliveries by state.", labels=["state"])


class _SpoolSizes(Collector):
    """Counts the events that wait on disk for the store, when asked for."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def collect(self) -> Iterator[Metric]:
        waiting = self._spool.waiting()
        for name, number, help in (
            ("motcua_spool_events", waiting.events, "Webhook events waiting for the store."),
            ("motcua_spool_bytes", waiting.bytes, "Size of the events that wait."),
            ("motcua_spool_refused", waiting.refused, "Events the store will never take."),
        ):
            yield GaugeMetricFamily(name, help, value=number)


class _WrongCodes(Collector):
    """Reads how many codes nobody knows were tried, and the alarms, when asked for."""

    def __init__(self, store: WebStore, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def describe(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("motcua_lookup_wrong_codes", "Wrong codes of ten minutes.")

    def collect(self) -> Iterator[Metric]:
        known = self._store.lookups.figures(self._clock())
        for name, number, help in (
            ("motcua_lookup_wrong_codes", known.wrong, "Wrong codes of ten minutes."),
            ("motcua_lookup_alarm", int(known.alarm), "1 while too many codes are tried."),
        ):
            yield GaugeMetricFamily(name, help, value=number)
        alarms = CounterMetricFamily("motcua_lookup_alarms", "Alarms begun.", labels=["scope"])
        for scope, times in known.alarms:
            alarms.add_metric([scope], times)
        yield alarms


def counters() -> Counters:
    """Return the counters of the running app."""
    found: Counters = current_app.extensions[EXTENSION]
    return found
