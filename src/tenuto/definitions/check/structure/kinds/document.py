"""The form of everything outside the tasks: head, input, reusable parts, schedule."""

from tenuto.definitions.check.structure import codes
from tenuto.definitions.check.structure.kinds.authentication import REUSABLE_AUTHENTICATION
from tenuto.definitions.check.structure.kinds.errors import ERROR, RETRY
from tenuto.definitions.check.structure.kinds.form import (
    Schema,
    closed,
    list_of,
    mapping_of,
    refused,
)
from tenuto.definitions.check.structure.kinds.text import CONDITION, NAME, TEXT, VERSION
from tenuto.definitions.check.structure.kinds.values import (
    DURATION,
    INPUT,
    OUTPUT,
    TASKS,
    TIMEOUT,
    TIMEOUT_OR_NAME,
)
from tenuto.definitions.tasks import KINDS

DSL_VERSIONS = ("1.0.0", "1.0.1", "1.0.2", "1.0.3")

_NAMED_DSL = ", ".join(f"`{version}`" for version in DSL_VERSIONS)

_DSL: Schema = {
    "type": "string",
    "if": {"type": "string"},
    "then": {
        "enum": list(DSL_VERSIONS),
        "title": f"one of {_NAMED_DSL}",
        "code": codes.DSL,
        "remedy": f"Write `dsl: '{DSL_VERSIONS[-1]}'`.",
    },
    "title": "a version as text",
    "remedy": f"Write it in quotes: `dsl: '{DSL_VERSIONS[-1]}'`.",
}

_HEAD = closed(
    {
        "dsl": _DSL,
        "namespace": NAME,
        "name": NAME,
        "version": VERSION,
        "title": TEXT,
        "summary": TEXT,
        "tags": {"type": "object", "title": "a mapping from tag to value"},
        "metadata": {"type": "object", "title": "a mapping"},
    },
    ("dsl", "namespace", "name", "version"),
    title="a mapping with `dsl`, `namespace`, `name`, and `version`",
)

_STARTED_OTHERWISE = refused(
    codes.SCHEDULE_REFUSED,
    "A start by events or after the end of a run is not in this release.",
    "Use `every` or `cron`; a run can `listen` for events itself.",
)

_SCHEDULE: Schema = closed(
    {
        "every": DURATION,
        "cron": {**TEXT, "title": "five fields of cron, as text", "examples": ["0 17 * * 1-5"]},
        "after": _STARTED_OTHERWISE,
        "on": _STARTED_OTHERWISE,
        "read": _STARTED_OTHERWISE,
    },
    minProperties=1,
    title="a mapping with `every` or `cron`",
)

_EVALUATE: Schema = closed(
    {
        "language": {
            "const": "jq",
            "title": "`jq`",
            "code": codes.EVALUATE_REFUSED,
            "remedy": "Write expressions in jq, and leave `language` out.",
        },
        "mode": {
            "const": "strict",
            "title": "`strict`",
            "code": codes.EVALUATE_REFUSED,
            "remedy": "Put expressions in `${ }`, and leave `mode` out.",
        },
    }
)

_EXTENDABLE = sorted({*KINDS, "all", "composite"} - {"do", "fork"})
_EXTENSION = closed(
    {
        "extend": {
            "enum": _EXTENDABLE,
            "title": "one of " + ", ".join(f"`{kind}`" for kind in _EXTENDABLE),
        },
        "when": CONDITION,
        "before": TASKS,
        "after": TASKS,
    },
    ("extend",),
)

USE: Schema = closed(
    {
        "authentications": mapping_of(REUSABLE_AUTHENTICATION),
        "errors": mapping_of(ERROR),
        "extensions": list_of(
            mapping_of(
                _EXTENSION,
                minProperties=1,
                maxProperties=1,
                title="exactly one extension, with its name",
            ),
            title="a list of extensions",
        ),
        "functions": {"type": "object", "title": "a mapping from name to task"},
        "retries": mapping_of(RETRY),
        "secrets": list_of(TEXT, title="a list of names"),
        "timeouts": mapping_of(TIMEOUT),
        "catalogs": refused(
            codes.CATALOGS_REFUSED,
            "Catalogs from elsewhere are not in this release.",
            "Take `catalogs` away; every function of Tenuto is in the catalog `default`.",
        ),
    },
)

DOCUMENT: Schema = closed(
    {
        "document": _HEAD,
        "input": INPUT,
        "use": USE,
        "do": TASKS,
        "timeout": TIMEOUT_OR_NAME,
        "output": OUTPUT,
        "schedule": _SCHEDULE,
        "evaluate": _EVALUATE,
    },
    ("document", "do"),
    title="a mapping with `document` and `do`",
)
"""The whole document; tasks are only seen to be lists."""
