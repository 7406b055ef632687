"""dlt without its surroundings: no `.dlt` folders, no variables, no telemetry, no home folder.

dlt fills every argument that it is not given from configuration files and from variables with
names as common as `CREDENTIALS`. What a sync does must be in `sync.yaml`.
"""

from pathlib import Path

from dlt.common.configuration.container import Container
from dlt.common.configuration.providers.doc import CustomLoaderDocProvider
from dlt.common.configuration.providers.provider import ConfigProvider
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext
from dlt.common.runtime.run_context import RunContext

_CONFIG = {
    "runtime": {"dlthub_telemetry": False, "log_level": "ERROR"},
    "load": {"raise_on_max_retries": 1, "delete_completed_jobs": True},
}


def isolate(folder: Path) -> None:
    """Makes dlt of this process live in `folder` and know nothing but what it is told."""
    context = _Alone(str(folder))
    context._global_dir = str(folder)
    Container()[PluggableRunContext].reload(context)


class _Alone(RunContext):
    def initial_providers(self) -> list[ConfigProvider]:
        return [CustomLoaderDocProvider("tenuto", lambda: _CONFIG, supports_secrets=False)]
