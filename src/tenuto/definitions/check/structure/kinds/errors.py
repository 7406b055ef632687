"""Forms around errors: an error, a filter of errors, a retry policy."""

from tenuto.definitions.check.structure.kinds.form import Schema, closed, one_of, text_or_mapping
from tenuto.definitions.check.structure.kinds.text import CONDITION, TEXT, URI
from tenuto.definitions.check.structure.kinds.values import DURATION

_STATUS: Schema = {"type": "integer", "title": "a status as HTTP counts them, a whole number"}

ERROR = closed(
    {"type": URI, "status": _STATUS, "instance": TEXT, "title": TEXT, "detail": TEXT},
    ("type", "status"),
    title="an error with `type` and `status`",
)
ERROR_OR_NAME = text_or_mapping(
    TEXT, ERROR, title="an error, or the name of one under `use.errors`"
)

ERROR_FILTER = closed(
    {"type": TEXT, "status": _STATUS, "instance": TEXT, "title": TEXT, "detail": TEXT},
    minProperties=1,
    title="at least one member that the error must have",
)

_NOTHING = closed({}, title="an empty mapping `{}`")

RETRY = closed(
    {
        "when": CONDITION,
        "exceptWhen": CONDITION,
        "delay": DURATION,
        "backoff": one_of(
            {"constant": _NOTHING, "exponential": _NOTHING, "linear": _NOTHING},
            title="one of `constant`, `exponential`, `linear`",
            examples=[{"exponential": {}}],
        ),
        "limit": closed(
            {
                "attempt": closed(
                    {
                        "count": {
                            "type": "integer",
                            "minimum": 1,
                            "title": "a whole number, 1 or more",
                        },
                        "duration": DURATION,
                    },
                    title="a mapping with `count` or `duration`",
                    examples=[{"count": 3}],
                ),
                "duration": DURATION,
            },
            title="a mapping with `attempt` or `duration`",
            examples=[{"attempt": {"count": 3}}],
        ),
        "jitter": closed({"from": DURATION, "to": DURATION}, ("from", "to")),
    },
    title="a retry policy",
)
RETRY_OR_NAME = text_or_mapping(
    TEXT, RETRY, title="a retry policy, or the name of one under `use.retries`"
)
