"""The demonstration of definitions as a pack."""

from tenuto.activities.calculate.pack import pack as calculate
from tenuto.activities.fetch.pack import pack as fetch
from tenuto.activities.notify.pack import pack as notify
from tenuto.activities.validate.pack import pack as validate
from tenuto.core.pack import Pack

pack = Pack(
    name="definitions-demo",
    summary="Definitions: workflows written as YAML, from a broken draft to a finished run.",
    catalog=(),
    demos=(
        (
            "definition",
            "tenuto.packs.definitions.demo.play:play",
            "Check, plan, deploy, and run a workflow written as YAML.",
        ),
    ),
    extra="finance",
    # What the packs need whose activities it calls.
    needs=tuple(sorted({*calculate.needs, *fetch.needs, *notify.needs, *validate.needs})),
)
