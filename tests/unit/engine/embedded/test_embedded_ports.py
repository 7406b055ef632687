"""Ports are checked before a server is started on them."""

import socket

import pytest

from tenuto.core.errors import UsageError
from tenuto.engine.embedded.ports import HOST, choose_ports, free_port


def test_zero_takes_free_ports_all_different() -> None:
    ports = choose_ports(frontend=0, ui=0)
    assert ports.ui
    assert len({ports.frontend, ports.metrics, ports.http, ports.ui}) == 4


def test_a_free_port_can_be_bound_by_number() -> None:
    port = free_port()
    socket.create_server((HOST, port)).close()


def test_no_page_takes_no_port() -> None:
    assert choose_ports(frontend=0, ui=None).ui is None


@pytest.mark.parametrize(
    ("argument", "setting", "variable"),
    [
        ("frontend", "embedded.port", "TENUTO_EMBEDDED__PORT"),
        ("metrics", "embedded.metrics_port", "TENUTO_EMBEDDED__METRICS_PORT"),
        ("ui", "embedded.ui_port", "TENUTO_EMBEDDED__UI_PORT"),
    ],
)
def test_a_taken_port_names_itself_and_its_setting(
    argument: str, setting: str, variable: str
) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError) as refused:
            choose_ports(**{"frontend": 0, argument: port})
    assert refused.value.code == "embedded.port-in-use"
    assert refused.value.details == {"port": port, "setting": setting}
    for part in (f"Port {port} ", f"`{setting}`", f"`{variable}`", "another program listens"):
        assert part in str(refused.value)
