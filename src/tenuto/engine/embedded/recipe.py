"""How the server is started: the measured settings, as data.

Against the stock file server, one activity per run, the server alone gives two to three times
the throughput of 50 concurrent runs and a third of the latency, for half the CPU and a fifth of
the bytes written, at the same durability (`tests/bench/bench_embedded_server.py`).
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from tenuto.engine.embedded.ports import HOST, Ports


class Profile(StrEnum):
    """What the server is tuned for."""

    DURABLE = "durable"
    """An acknowledged start survives a killed process and a power loss."""
    FAST = "fast"
    """Survives a killed process; a power loss may take the last commits, never the file."""
    TESTING = "testing"
    """FAST, with time skipping and timers that wake within a millisecond."""


_PRAGMAS: Mapping[str, str] = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "busy_timeout": "5000",
    "temp_store": "MEMORY",
    "mmap_size": "268435456",
    "cache_size": "-65536",
}

_DYNAMIC_CONFIG: Mapping[str, Any] = {
    # The command line switches these caches off: 6 of 22 database calls of a small run.
    "system.forceSearchAttributesCacheRefreshOnRead": False,
    "system.forceNexusEndpointRefreshOnRead": False,
    # One process has nobody to spread partitions to; four of them forward to each other.
    "matching.numTaskqueueReadPartitions": 1,
    "matching.numTaskqueueWritePartitions": 1,
    # 20 polls a second by default: a floor of 100 ms under every run.
    "history.transferProcessorMaxPollRPS": 1000,
    "history.visibilityProcessorMaxPollRPS": 1000,
    # 1000 would burn four times the idle CPU.
    "history.timerProcessorMaxPollRPS": 50,
    # Guards against clock skew between hosts; there is one host. Stock is a second.
    "history.timerProcessorMaxTimeShift": "10ms",
    # The server asks version-info.temporal.io at start and every hour; not from here.
    # Verified with `strace -f -e trace=network` over a start, requests to the web page, and a
    # stop: with this key every connect() is to 127.0.0.1, without it the name is looked up.
    # tests/integration/embedded/test_embedded_isolation.py repeats it.
    "frontend.enableServerVersionCheck": False,
    # The HTTP API cannot be switched off and takes requests from any web page by default. No
    # browser can send this host name, and nothing of ours speaks HTTP to the server.
    "frontend.httpAllowedHosts": ["nobody.invalid"],
}

_TESTING_CONFIG: Mapping[str, Any] = {
    "history.timerProcessorMaxPollRPS": 1000,
    "history.timerProcessorMaxTimeShift": "1ms",
    "frontend.WorkflowTimeSkippingEnabled": True,
}


def pragmas(profile: Profile) -> dict[str, str]:
    """SQLite settings of `profile`, by pragma name."""
    if profile is Profile.DURABLE:
        return dict(_PRAGMAS)
    return {**_PRAGMAS, "synchronous": "NORMAL"}


def dynamic_config(profile: Profile) -> dict[str, Any]:
    """Server settings of `profile`, by Temporal's dynamic configuration key."""
    if profile is Profile.TESTING:
        return {**_DYNAMIC_CONFIG, **_TESTING_CONFIG}
    return dict(_DYNAMIC_CONFIG)


def server_arguments(
    profile: Profile,
    ports: Ports,
    database: str,
    search_attributes: Mapping[str, str] = MappingProxyType({}),
) -> list[str]:
    """Arguments of `temporal` that start the server on `database`, loopback only.

    The database name goes into an SQLite URI unescaped: pass a plain file name and start the
    server in its folder. `search_attributes` (name -> type) act only when the start creates the
    namespace.
    """
    return [
        *("server", "start-dev", "--ip", HOST, "--db-filename", database, "--log-level", "error"),
        *("--port", str(ports.frontend), "--http-port", str(ports.http)),
        *("--metrics-port", str(ports.metrics)),
        *_page_arguments(ports),
        *_repeat("--search-attribute", search_attributes),
        *_repeat("--sqlite-pragma", pragmas(profile)),
        *_repeat("--dynamic-config-value", _as_json(dynamic_config(profile))),
    ]


def _page_arguments(ports: Ports) -> list[str]:
    if ports.ui is None:
        return ["--headless"]
    return ["--ui-port", str(ports.ui), "--ui-disable-news-fetch"]


def _repeat(flag: str, values: Mapping[str, str]) -> list[str]:
    return [part for key, value in values.items() for part in (flag, f"{key}={value}")]


def _as_json(values: Mapping[str, Any]) -> dict[str, str]:
    return {key: json.dumps(value) for key, value in values.items()}
