"""The workflow sandbox, guarded where no interceptor sees what arrives.

It refuses a start that the workflow's constructor cannot take. A `@workflow.init` constructor gets
the start's arguments before any interceptor does. Another number of them raises TypeError there,
which fails the workflow task again and again and leaves the run RUNNING for ever; here it ends the
run as failed.

And it hashes signed messages as they came: interceptors see them decoded, with the fields filled in
that the sender left out.

`stalls` says what else it is guarded against.
"""

import inspect

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from tenuto.core.errors import DataError
from tenuto.engine.content import input_hash, message_hash, write_content
from tenuto.engine.guard import refuse_argument_count
from tenuto.engine.stalls import PatientInstance
from tenuto.identity.ticket import HEADER_PERMIT, HEADER_TICKET


class GuardedWorkflowRunner(SandboxedWorkflowRunner):
    """The SDK's sandbox with guarded constructors and hashed messages."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """An instance in the sandbox."""
        return _GuardedInstance(super().create_instance(det), det)


class _GuardedInstance(PatientInstance):
    """Passes everything on, except a start with the wrong number of arguments."""

    def __init__(self, instance: WorkflowInstance, details: WorkflowInstanceDetails) -> None:
        super().__init__(instance)
        self._details = details
        self._constructor_takes_arguments = hasattr(
            inspect.getattr_static(details.defn.cls, "__init__"), "__temporal_workflow_init"
        )

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        for job in act.jobs:
            if job.HasField("initialize_workflow"):
                start = job.initialize_workflow
                try:
                    self._check_constructor(len(start.arguments))
                except DataError as error:
                    return self._failed(act.run_id, error)
                write_content(start.headers, HEADER_PERMIT, start.arguments, input_hash)
            elif job.HasField("do_update"):
                write_content(
                    job.do_update.headers, HEADER_TICKET, job.do_update.input, message_hash
                )
        return super().activate(act)

    def _check_constructor(self, count: int) -> None:
        if self._constructor_takes_arguments:
            refuse_argument_count(self._details.defn.run_fn, count)

    def _failed(self, run_id: str, error: DataError) -> WorkflowActivationCompletion:
        completion = WorkflowActivationCompletion(run_id=run_id)
        command = completion.successful.commands.add()
        self._details.failure_converter_class().to_failure(
            error,
            self._details.payload_converter_factory(),
            command.fail_workflow_execution.failure,
        )
        return completion
