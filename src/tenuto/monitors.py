"""A monitor in one line of Python, in this project and as whoever runs it:

await monitor("Is Python 3.15 out?").when("it is").check_every("6 hours").notify(
    email="ann@example.com"
).create()
"""

from tenuto.cli.session import open_session
from tenuto.packs.monitors.building import MonitorBuilder, fields_of
from tenuto.packs.monitors.opening import monitors_in
from tenuto.packs.monitors.operations import Monitors


def monitor(search_query: str) -> MonitorBuilder:
    """The beginning of a monitor that asks `search_query`."""
    return MonitorBuilder(fields=fields_of(search_query), opens=open_monitors)


async def open_monitors() -> Monitors:
    """The monitors of the project around the current folder, as whoever runs this.

    Raises UnreachableError where there is no server, UsageError for wrong settings.
    """
    session = await open_session()
    return monitors_in(session.client, session.gate, session.settings)
