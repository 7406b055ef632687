"""What `make attacks` says at the end."""

import pytest


def pytest_unconfigure(config: pytest.Config) -> None:
    """After the runner's own closing line: how many attacks were held off, and how many got in."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or config.option.markexpr != "attack":
        return
    counts = {kind: len(reporter.stats.get(kind, ())) for kind in ("passed", "failed", "error")}
    reporter.write_line(
        f"attacks: {counts['passed']} passed, {counts['failed'] + counts['error']} failed"
    )
