"""Tenuto's side as a pack."""

from tenuto.core.pack import Pack

pack = Pack(
    name="bench",
    summary="Five steps for a comparison.",
    catalog=("bench.five_steps.contract",),
    workflows=("bench.five_steps.workflow:BenchFiveSteps",),
    activities=("bench.five_steps.bodies",),
)
