"""The form of `raise`: end with an error."""

from tenuto.definitions.check.structure.kinds.errors import ERROR_OR_NAME
from tenuto.definitions.check.structure.kinds.form import closed
from tenuto.definitions.check.structure.kinds.task import task

RAISE = task(
    {
        "raise": closed(
            {"error": ERROR_OR_NAME},
            ("error",),
            title="a mapping with `error`",
            remedy="Put the error under `raise.error`.",
        )
    },
    ("raise",),
)
