"""Monitors as a pack."""

from tenuto.core.pack import Pack

_MONITORS = "tenuto.packs.monitors"

pack = Pack(
    name="monitors",
    summary="Monitors: questions to the web, asked on a schedule, and who is told of the answer.",
    catalog=(f"{_MONITORS}.catalog", f"{_MONITORS}.addresses.catalog"),
    workflows=(
        f"{_MONITORS}.workflow:MonitorCheck",
        f"{_MONITORS}.addresses.workflow:MonitorAddress",
    ),
    activities=(
        f"{_MONITORS}.activities.standing",
        f"{_MONITORS}.activities.looking",
        f"{_MONITORS}.activities.post_event",
        f"{_MONITORS}.addresses.activities",
    ),
    passthrough=(
        f"{_MONITORS}.models",
        f"{_MONITORS}.events",
        f"{_MONITORS}.timing",
        f"{_MONITORS}.catalog",
        f"{_MONITORS}.addresses.models",
        f"{_MONITORS}.addresses.catalog",
    ),
    commands=(
        (
            "monitor",
            f"{_MONITORS}.commands.group:monitor",
            "Watch the web: create, preview, list, show, pause, run, apply monitors.",
        ),
    ),
    demos=(
        (
            "monitor",
            f"{_MONITORS}.demo.play:play",
            "Watch a page that changes, tell of it once, and lose nothing to a killed worker.",
        ),
    ),
    extra="monitors",
    needs=("selectolax", "jsonpath", "trafilatura", "pydantic_ai"),
)
