"""Tenuto's side as a pack."""

from tenuto.core.pack import Pack

pack = Pack(
    name="bench",
    summary="Five steps for a comparison.",
    catalog=("five_steps.contract",),
    workflows=("five_steps.workflow:BenchFiveSteps",),
    activities=("five_steps.bodies",),
)
