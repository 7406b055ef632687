"""What the server process may see of this one's environment."""

import os
from collections.abc import Mapping

ALLOWED = ("HOME", "PATH", "TMPDIR", "TZ", "LANG", "GOMAXPROCS", "GOMEMLIMIT", "GOGC")
"""Enough to run; keys and passwords of the project stay here."""


def server_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The ALLOWED variables of `environment` that are set."""
    return {name: environment[name] for name in ALLOWED if name in environment}
