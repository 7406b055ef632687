"""A run's page without what rules say is not to be shown."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tenuto.cli.run_page import RunPage
from tenuto.engine.runs.payloads import Shown
from tenuto.policy.redaction import without


def redacted(page: RunPage, paths: Sequence[str]) -> RunPage:
    """The page without what `paths` name of input and result.

    The same values travel through steps, so these show no payloads at all then, nor does the memo.
    """
    if not paths:
        return page
    steps = [step.model_copy(update={"input": None, "output": None}) for step in page.history.steps]
    history = {
        "input": _redacted(page.history.input, "input", paths),
        "output": _redacted(page.history.output, "result", paths),
        "steps": tuple(steps),
    }
    run: dict[str, Any] = {"result": _redacted(page.run.result, "result", paths), "memo": {}}
    return replace(
        page,
        run=page.run.model_copy(update=run),
        history=page.history.model_copy(update=history),
    )


def _redacted(shown: Shown | None, root: str, paths: Sequence[str]) -> Shown | None:
    if shown is None:
        return None
    values = tuple(without(each, root, paths) for each in shown.values)
    return shown.model_copy(update={"values": values})
