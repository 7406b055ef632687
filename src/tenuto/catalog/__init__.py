"""What can be called: typed entries for activities and workflows."""

from tenuto.catalog.entries import (
    ActivityEntry,
    BuiltinEntry,
    SideEffect,
    WorkflowEntry,
    activity,
    local_activity,
    workflow_entry,
)
from tenuto.catalog.implement import implements

__all__ = [
    "ActivityEntry",
    "BuiltinEntry",
    "SideEffect",
    "WorkflowEntry",
    "activity",
    "implements",
    "local_activity",
    "workflow_entry",
]
