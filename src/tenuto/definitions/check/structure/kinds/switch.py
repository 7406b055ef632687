"""The form of `switch`: choose where to go on."""

from tenuto.definitions.check.structure.kinds.form import closed, list_of, mapping_of
from tenuto.definitions.check.structure.kinds.task import THEN, task
from tenuto.definitions.check.structure.kinds.text import CONDITION

_CASE = closed({"when": CONDITION, "then": THEN}, ("then",), title="a mapping with `then`")

SWITCH = task(
    {
        "switch": list_of(
            mapping_of(
                _CASE,
                minProperties=1,
                maxProperties=1,
                title="exactly one case, with its name",
                remedy="Write each case as `- name: {when: ..., then: ...}`.",
            ),
            minItems=1,
            title="a list of at least one case",
        )
    },
    ("switch",),
)
