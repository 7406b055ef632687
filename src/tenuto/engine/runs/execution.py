"""Which run: the pair of ids that names one execution."""

from tenuto.core.records import Record


class Execution(Record):
    """One run of one workflow id."""

    workflow_id: str
    run_id: str = ""
    """Empty means the latest run of the workflow id."""

    def __str__(self) -> str:
        return self.workflow_id
