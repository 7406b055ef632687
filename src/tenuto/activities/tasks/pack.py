"""Tasks for people as a pack: a queue of their own, which no busy domain delays."""

from tenuto.core.pack import Pack

_LIBRARY = "tenuto.catalog.library.tasks"
_WORKFLOW = "tenuto.workflows.human_task"
_PURE = ("changes", "contents", "ladder", "letters", "rules", "situation", "state", "voting")
"""Functions of values, without a clock: shared with the sandbox, which imports anything else anew
for every task."""

pack = Pack(
    name="tasks",
    summary="Ask people: claim, delegate, decide, four eyes, quorum, reminders, escalation.",
    catalog=(f"{_LIBRARY}.catalog",),
    workflows=(f"{_WORKFLOW}.workflow:HumanTask",),
    passthrough=(
        *(f"{_LIBRARY}.{module}" for module in ("attributes", "messages", "outcome", "request")),
        *(f"{_WORKFLOW}.{module}" for module in _PURE),
        "tenuto.workflows.quorum",
    ),
)
