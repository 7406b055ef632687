"""The one place that knows all packs: built in, installed, and of the user's project."""

import sys

from tenuto.catalog.registry import Catalog
from tenuto.core.pack import Pack
from tenuto.engine.registration import Registration, load_catalog, load_registration
from tenuto.engine.settings import Settings
from tenuto.installed import installed_packs, load_pack

DEMO_WORKFLOW = "daily-nav"
DEMO_STRIKES = "tenuto.packs.finance.demo.files:demo_strikes"
"""Writes the demo's files into a folder and returns the inputs of its runs, in order."""


def known_packs(settings: Settings) -> list[Pack]:
    """Every pack, whether or not its extra is installed here: built in, entry points, project."""
    _let_project_import(settings)
    return [*installed_packs(), *(load_pack(reference) for reference in settings.packs)]


def project_catalog(settings: Settings) -> Catalog:
    """The catalog of every pack and of the project's own modules. Imports no pack's bodies."""
    return load_catalog(known_packs(settings), settings.modules, settings.queue)


def project_registration(settings: Settings) -> Registration:
    """What this installation can run: packs whose extra is missing are left out."""
    packs = [pack for pack in known_packs(settings) if pack.is_installed]
    return load_registration(packs, settings.modules, settings.queue)


def missing_packs(settings: Settings) -> list[Pack]:
    """Packs that cannot run here until their extra is installed."""
    return [pack for pack in known_packs(settings) if not pack.is_installed]


def _let_project_import(settings: Settings) -> None:
    for folder in (settings.root / "src", settings.root):
        if folder.is_dir() and str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
