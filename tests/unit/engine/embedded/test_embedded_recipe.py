"""The recipe is the measured one, and its flags are the binary's."""

import itertools
import json

import pytest

from tenuto.engine.embedded.ports import Ports
from tenuto.engine.embedded.recipe import Profile, dynamic_config, pragmas, server_arguments

PORTS = Ports(frontend=7233, metrics=9090, http=7243, ui=8233)


def repeated(arguments: list[str], flag: str) -> dict[str, str]:
    values = [value for name, value in itertools.pairwise(arguments) if name == flag]
    return dict(value.split("=", 1) for value in values)


def option(arguments: list[str], flag: str) -> str:
    return arguments[arguments.index(flag) + 1]


@pytest.mark.parametrize(
    ("profile", "synchronous"),
    [(Profile.DURABLE, "FULL"), (Profile.FAST, "NORMAL"), (Profile.TESTING, "NORMAL")],
)
def test_only_durable_flushes_every_commit(profile: Profile, synchronous: str) -> None:
    given = repeated(server_arguments(profile, PORTS, "temporal.db"), "--sqlite-pragma")
    assert given["journal_mode"] == "WAL"
    assert given["synchronous"] == synchronous
    assert int(given["busy_timeout"]) >= 5000, "backup and index changes share the file"
    assert given == pragmas(profile)


def test_values_reach_the_server_as_json() -> None:
    arguments = server_arguments(Profile.DURABLE, PORTS, "temporal.db")
    given = repeated(arguments, "--dynamic-config-value")
    assert given["history.timerProcessorMaxTimeShift"] == '"10ms"', "quotes included"
    assert given["system.forceSearchAttributesCacheRefreshOnRead"] == "false"
    assert {key: json.loads(value) for key, value in given.items()} == dynamic_config(
        Profile.DURABLE
    )


@pytest.mark.parametrize("profile", Profile)
def test_nothing_calls_home_under_any_profile(profile: Profile) -> None:
    assert dynamic_config(profile)["frontend.enableServerVersionCheck"] is False
    arguments = server_arguments(profile, PORTS, "temporal.db")
    assert "--ui-disable-news-fetch" in arguments
    assert option(arguments, "--ip") == "127.0.0.1"


@pytest.mark.parametrize("profile", Profile)
def test_time_is_skipped_only_in_tests(profile: Profile) -> None:
    config = dynamic_config(profile)
    is_testing = profile is Profile.TESTING
    assert config.get("frontend.WorkflowTimeSkippingEnabled", False) is is_testing
    assert config["history.timerProcessorMaxTimeShift"] == ("1ms" if is_testing else "10ms")
    assert config["history.timerProcessorMaxPollRPS"] == (1000 if is_testing else 50)


def test_ports_and_database_are_the_given_ones() -> None:
    arguments = server_arguments(Profile.DURABLE, PORTS, "some.db", {"Desk": "Keyword"})
    flags = ("--port", "--metrics-port", "--http-port", "--ui-port", "--db-filename")
    assert [option(arguments, flag) for flag in flags] == [
        "7233",
        "9090",
        "7243",
        "8233",
        "some.db",
    ]
    assert repeated(arguments, "--search-attribute") == {"Desk": "Keyword"}
    assert "--headless" not in arguments


def test_without_a_page_port_it_is_headless() -> None:
    ports = Ports(frontend=1, metrics=2, http=3, ui=None)
    arguments = server_arguments(Profile.DURABLE, ports, "temporal.db")
    assert "--headless" in arguments
    assert not [argument for argument in arguments if argument.startswith("--ui")]
