"""The workflow sandbox, which also refuses a start that the workflow's constructor cannot take.

A `@workflow.init` constructor gets the start's arguments before any interceptor does. Another
number of them raises TypeError there, which fails the workflow task again and again and leaves
the run RUNNING for ever; here it ends the run as failed.
"""

import inspect
from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import Info

from tenuto.core.errors import DataError
from tenuto.engine.guard import refuse_argument_count


class GuardedWorkflowRunner(SandboxedWorkflowRunner):
    """The SDK's sandbox with guarded constructors."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """An instance in the sandbox."""
        instance = super().create_instance(det)
        takes_arguments = hasattr(
            inspect.getattr_static(det.defn.cls, "__init__"), "__temporal_workflow_init"
        )
        return _GuardedInstance(instance, det) if takes_arguments else instance


class _GuardedInstance(WorkflowInstance):
    """Passes everything on, except a start with the wrong number of arguments."""

    def __init__(self, instance: WorkflowInstance, details: WorkflowInstanceDetails) -> None:
        self._instance = instance
        self._details = details

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        for job in act.jobs:
            if job.HasField("initialize_workflow"):
                try:
                    refuse_argument_count(
                        self._details.defn.run_fn, len(job.initialize_workflow.arguments)
                    )
                except DataError as error:
                    return self._failed(act.run_id, error)
        return self._instance.activate(act)

    def _failed(self, run_id: str, error: DataError) -> WorkflowActivationCompletion:
        completion = WorkflowActivationCompletion(run_id=run_id)
        command = completion.successful.commands.add()
        self._details.failure_converter_class().to_failure(
            error,
            self._details.payload_converter_factory(),
            command.fail_workflow_execution.failure,
        )
        return completion

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:
        return self._instance.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:
        return self._instance.get_external_store_context(command_info)

    def get_info(self) -> Info:
        return self._instance.get_info()

    def get_thread_id(self) -> int | None:
        return self._instance.get_thread_id()
