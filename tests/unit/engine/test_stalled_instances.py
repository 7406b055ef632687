"""A run whose thread does not come back, when its eviction comes."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from tenuto.engine.stalls import PatientInstance, StillAtWorkError, TaskInterruptedError

ACT = WorkflowActivation(run_id="r")


class Info:
    workflow_id = "w"


class Slow:
    """An instance whose first task ends when it is released, and spins or sleeps until then."""

    def __init__(self, *, spins: bool) -> None:
        self.spins = spins
        self.is_fresh = True
        self.thread_id: int | None = None
        self.released = threading.Event()
        self.working = threading.Event()

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        self.thread_id = threading.get_ident()
        self.working.set()
        is_first, self.is_fresh = self.is_fresh, False
        try:
            while is_first and not self.released.is_set():
                if not self.spins:
                    time.sleep(0.01)
            return WorkflowActivationCompletion(run_id=act.run_id)
        finally:
            self.thread_id = None

    def get_thread_id(self) -> int | None:
        return self.thread_id

    def get_info(self) -> Any:
        return Info()


def test_a_spinning_thread_is_interrupted_and_its_run_evicted_afterwards() -> None:
    slow = Slow(spins=True)
    patient = PatientInstance(slow)  # type: ignore[arg-type]  # (what is used of an instance)
    with ThreadPoolExecutor(1) as pool:
        task = pool.submit(patient.activate, ACT)
        assert slow.working.wait(10)
        assert _evicted(patient).run_id == "r"
        with pytest.raises(TaskInterruptedError):
            task.result()


def _evicted(patient: PatientInstance) -> WorkflowActivationCompletion:
    """Asks as often as it takes, as the SDK does."""
    for _ in range(20):
        with suppress(StillAtWorkError):
            return patient.activate(ACT)
    raise AssertionError("its turn never came")


def test_a_waiting_thread_is_left_alone_and_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    slow = Slow(spins=False)
    patient = PatientInstance(slow)  # type: ignore[arg-type]  # (what is used of an instance)
    with ThreadPoolExecutor(1) as pool:
        task = pool.submit(patient.activate, ACT)
        assert slow.working.wait(10)
        assert [patient.get_thread_id(), patient.get_thread_id()] == [None, None]
        with pytest.raises(StillAtWorkError):
            patient.activate(ACT)
        slow.released.set()
        assert task.result().run_id == "r"
    (said,) = caplog.messages
    assert "run `w` did not end its task in time" in said
    assert "time.sleep(0.01)" in said
