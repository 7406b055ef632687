"""Paced schedules as a pack: the run that asks a result, and the step that moves the next start."""

from tenuto.core.pack import Pack

_HERE = "tenuto.triggers.schedules.pacing"

pack = Pack(
    name="schedules",
    summary="Schedules: let a run decide when the next one is.",
    catalog=(f"{_HERE}.catalog",),
    workflows=(f"{_HERE}.workflow:PacedRun",),
    activities=(f"{_HERE}.activities",),
    passthrough=(f"{_HERE}.models", f"{_HERE}.path"),
)
