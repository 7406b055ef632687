"""What a webhook says about a released NAV: the figures, and the files by hash."""

from datetime import date
from decimal import Decimal
from typing import Literal

from tenuto.core.currency import Currency
from tenuto.core.records import Record
from tenuto.core.references import Sha256
from tenuto.packs.finance.models import Identifier
from tenuto.packs.finance.nav.models import NavPack, NavResult
from tenuto.packs.finance.nav.parts import NavType
from tenuto.packs.finance.nav.report.manifest import PackFile, files_of, pack_file


class AnnouncedClass(Record):
    """One class's NAV."""

    class_id: Identifier
    name: str
    currency: Currency
    units: Decimal
    nav: Decimal
    """Class currency."""
    nav_per_unit: Decimal
    """Class currency."""


class AnnouncedNav(Record):
    """One NAV and the pack it came in."""

    nav_id: str
    fund_id: Identifier
    fund_name: str
    date: date
    nav_type: NavType
    strike: int
    status: Literal["candidate", "final"]
    base_currency: Currency
    nav: Decimal
    """Base currency."""
    classes: tuple[AnnouncedClass, ...]
    pack_sha256: Sha256
    """Of `manifest.json`."""
    files: tuple[PackFile, ...]


class Announcement(Record):
    """The body of a webhook. Decimals are JSON strings, so that no digit is lost."""

    type: Literal["nav.released"] = "nav.released"
    data: AnnouncedNav


def announce(result: NavResult, pack: NavPack) -> bytes:
    """The body as JSON: the same for every attempt and every recipient."""
    data = AnnouncedNav(
        nav_id=result.nav_id,
        fund_id=result.fund_id,
        fund_name=result.fund_name,
        date=result.date,
        nav_type=result.nav_type,
        strike=result.strike,
        status=result.status,
        base_currency=result.base_currency,
        nav=result.nav,
        classes=tuple(
            AnnouncedClass(
                class_id=each.class_id,
                name=each.name,
                currency=each.currency,
                units=each.units,
                nav=each.nav,
                nav_per_unit=each.nav_per_unit,
            )
            for each in result.classes
        ),
        pack_sha256=pack.manifest.sha256,
        files=tuple(pack_file(name, file) for name, file in files_of(pack).items()),
    )
    return Announcement(data=data).model_dump_json().encode()
