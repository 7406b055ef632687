"""The monitors of a project, as its settings want them."""

from functools import partial

from temporalio.client import Client

from tenuto.engine.settings import Settings
from tenuto.packs.monitors.addresses.allowed import free_addresses
from tenuto.packs.monitors.operations import Monitors
from tenuto.packs.monitors.providers.registry import check_config
from tenuto.triggers.gate.gate import Gate


def monitors_in(client: Client, gate: Gate, settings: Settings) -> Monitors:
    """The monitors that the server of `client` has, in the name of whoever passes `gate`."""
    return Monitors(
        client,
        gate,
        check_config=partial(check_config, settings=settings.monitors),
        free_addresses=free_addresses(settings),
    )
