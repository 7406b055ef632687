"""A machine that stood still must not break the runs it holds in memory.

The SDK gives a workflow task two seconds. Then it fails the task, which is right: another worker
shall have it. But it also raises an exception in the thread, wherever that stands, and evicts the
run while the thread may still be at it. A spinning loop deserves this. A thread that only waited
for a busy or paused machine loses a step of its event loop; the run can then never be evicted, so
nothing more happens to it here, and the worker cannot shut down.
"""

import ctypes
import logging
import sys
import threading
import time
import traceback
from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import WorkflowInstance
from temporalio.workflow import Info

SPINS_S = 1.0
"""Who used the processor for so long within one task does not merely wait for it."""
_PATIENCE_S = 1.5
"""How long an eviction waits for a task under way; below the SDK's two seconds, which asks anew."""

logger = logging.getLogger(__name__)


class TaskInterruptedError(BaseException):
    """Raised in the thread of a run that never ends its task, so that it can be evicted."""


class StillAtWorkError(Exception):
    """An eviction came while the run's task goes on. The SDK asks again two seconds later."""


class PatientInstance(WorkflowInstance):
    """One thread at a time in a run, and none interrupted that only waited for the machine."""

    def __init__(self, instance: WorkflowInstance) -> None:
        self._instance = instance
        self._turn = threading.Lock()
        self._began_s = 0.0
        """Processor time of the working thread when its task began."""
        self._is_told = False
        """Whether the log has this task; the SDK asks twice for the thread that it would stop."""

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """One task, or the run's eviction."""
        if not self._turn.acquire(timeout=_PATIENCE_S):
            self._interrupt_spinning()
            raise StillAtWorkError(self._instance.get_info().workflow_id)
        try:
            self._began_s, self._is_told = time.thread_time(), False
            return self._instance.activate(act)
        finally:
            # Nothing else in between: an interruption may arrive here too, and only between calls.
            self._turn.release()

    def get_thread_id(self) -> int | None:
        """The working thread, for a trace and an interruption; None for one that is innocent."""
        thread_id = self._instance.get_thread_id()
        if thread_id is None or self._spins(thread_id):
            return thread_id
        if not self._is_told:
            self._is_told = True
            logger.warning(
                "workflow_task_stalled: run `%s` did not end its task in time, though it used"
                " little of the processor: the machine is busy, or workflow code blocks. It stands"
                " at:\n%s",
                self._instance.get_info().workflow_id,
                _stack(thread_id),
            )
        return None

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:
        """As the SDK's own instance."""
        return self._instance.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:
        """As the SDK's own instance."""
        return self._instance.get_external_store_context(command_info)

    def get_info(self) -> Info:
        """As the SDK's own instance."""
        return self._instance.get_info()

    def _interrupt_spinning(self) -> None:
        """For a machine so busy that two seconds did not show that the thread spins."""
        thread_id = self._instance.get_thread_id()
        if thread_id is not None and self._spins(thread_id):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(thread_id), ctypes.py_object(TaskInterruptedError)
            )

    def _spins(self, thread_id: int) -> bool:
        used_s = _processor_time_s(thread_id)
        return used_s is None or used_s - self._began_s >= SPINS_S


def _processor_time_s(thread_id: int) -> float | None:
    """What a living thread used of the processor; None where the system does not tell."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return None
    return time.clock_gettime(time.pthread_getcpuclockid(thread_id))


def _stack(thread_id: int) -> str:
    frame = sys._current_frames().get(thread_id)
    return "".join(traceback.format_stack(frame)[-12:]) if frame else "(gone)"
