"""How the runs and tasks of a governed agent are called."""

AGENT_SUFFIX = "/agent"
STARTED_BY = "TenutoStartedBy"
"""Memo key under which the gate says who started a run; whatever the input says, that person is
kept away from its decisions."""
SAMPLE_PREFIX = "sample-workflow-"
"""What runs that `tenuto agent start` starts are called, before a UUID."""


def agent_of(workflow_id: str) -> str:
    """Workflow id of the agent's own run, below the governed task."""
    return workflow_id + AGENT_SUFFIX


def task_of(workflow_id: str) -> str:
    """Workflow id of the governed task, of its own and of its agent's run."""
    return workflow_id.removesuffix(AGENT_SUFFIX)
