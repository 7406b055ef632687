"""Workflows as documents: their interpreter, and the activities it calls, as a pack."""

from tenuto.core.pack import Pack

_LIBRARY = "tenuto.catalog.library.definitions"
_BODIES = "tenuto.activities.definitions"
_INTERPRETER = "tenuto.workflows.interpreter"

pack = Pack(
    name="definitions",
    summary="Definitions: workflows as YAML, with HTTP, OpenAPI, events, and approvals.",
    catalog=(f"{_LIBRARY}.catalog", f"{_LIBRARY}.entries", f"{_INTERPRETER}.entry"),
    workflows=(f"{_INTERPRETER}.workflow:RunDefinition",),
    activities=(
        f"{_BODIES}.call_http",
        f"{_BODIES}.call_openapi",
        f"{_BODIES}.check_policy",
        f"{_BODIES}.load_definition",
        f"{_BODIES}.publish_event",
    ),
    # The interpreter is shared as a whole: the entry's models must be the very ones it runs on.
    passthrough=(
        "tenuto.definitions",
        _INTERPRETER,
        "purejq",
    ),
)
