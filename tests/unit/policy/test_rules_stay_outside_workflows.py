"""Workflow code asks policy through an entry: it never loads the rule engine."""

import subprocess
import sys

from tenuto.engine.worker import sandboxed_runner

WORKFLOW_SIDE = (
    "tenuto.policy.decision",
    "tenuto.catalog.library.definitions.policy",
    "tenuto.catalog.library.definitions.entries",
    "tenuto.workflows.interpreter.workflow",
    "tenuto.packs.finance.nav.workflow",
)


def test_what_workflows_import_does_not_import_the_engine() -> None:
    code = f"import sys, {', '.join(WORKFLOW_SIDE)}\nsys.exit('cedarpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def test_the_native_engine_is_never_imported_a_second_time_by_the_sandbox() -> None:
    assert "cedarpy" in sandboxed_runner().restrictions.passthrough_modules
