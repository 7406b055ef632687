"""Which packs this installation has, by reference: reading the list imports nothing heavy."""

from tenuto.core.errors import UsageError
from tenuto.core.pack import Pack, resolve

BUILT_IN = (
    "tenuto.activities.fetch.pack:pack",
    "tenuto.activities.validate.pack:pack",
    "tenuto.activities.notify.pack:pack",
    "tenuto.activities.calculate.pack:pack",
    "tenuto.activities.definitions.pack:pack",
    "tenuto.activities.tasks.pack:pack",
    "tenuto.activities.evidence.pack:pack",
    "tenuto.triggers.schedules.pacing.pack:pack",
    "tenuto.triggers.events.files.pack:pack",
    "tenuto.packs.definitions.pack:pack",
    "tenuto.packs.finance.calculate.pack:pack",
    "tenuto.packs.finance.pricing.pack:pack",
    "tenuto.packs.finance.reconciliation.pack:pack",
    "tenuto.packs.finance.nav.pack:pack",
    "tenuto.packs.agents.pack:pack",
    "tenuto.packs.reports.pack:pack",
    "tenuto.packs.monitors.pack:pack",
    "tenuto.packs.sync.pack:pack",
)
ENTRY_POINT_GROUP = "tenuto.packs"


def installed_packs() -> list[Pack]:
    """Every pack that is built in or installed beside Tenuto, whether or not its extra is here."""
    from importlib.metadata import entry_points  # here, because it takes as long as all of --help

    beside = [point.value for point in entry_points(group=ENTRY_POINT_GROUP)]
    return [load_pack(reference) for reference in (*BUILT_IN, *beside)]


def load_pack(reference: str) -> Pack:
    """The pack that `module:attribute` names. Raises UsageError when it is none."""
    pack = resolve(reference)
    if not isinstance(pack, Pack):
        raise UsageError(
            f"`{reference}` is a {type(pack).__name__}, expected a tenuto Pack.",
            code="pack.not-a-pack",
        )
    return pack
