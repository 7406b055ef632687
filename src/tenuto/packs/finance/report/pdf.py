"""Setting the PDF: the same content gives the same bytes, on any machine."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import typst

from tenuto.core.errors import DataError

_TEMPLATE = Path(__file__).with_name("template")
_STANDARDS = ("a-2a", "ua-1")
"""For archives (PDF/A-2a) and for screen readers (PDF/UA-1)."""


def render_pdf(content: dict[str, Any], *, dated: date) -> bytes:
    """The NAV pack as PDF. Its only date is `dated`, so no clock is read.

    Only typst's own fonts are used, whatever the machine has. Raises DataError
    `nav.pdf-failed`.
    """
    pdf: bytes = _compiled(content, dated, format="pdf", pdf_standards=list(_STANDARDS))
    return pdf


def render_pages(content: dict[str, Any], *, dated: date, ppi: float = 110) -> list[bytes]:
    """The same pages as PNG images."""
    pages: bytes | list[bytes] = _compiled(content, dated, format="png", ppi=ppi)
    return pages if isinstance(pages, list) else [pages]


def _compiled(content: dict[str, Any], dated: date, **options: Any) -> Any:
    try:
        return typst.compile(
            _TEMPLATE / "nav-pack.typ",
            root=_TEMPLATE,
            font_paths=_own_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"content": json.dumps(content), "dated": dated.isoformat()},
            **options,
        )
    except typst.TypstError as exc:
        raise DataError(
            f"the NAV pack cannot be set as PDF: {exc.message}; the result itself is unharmed, "
            "report this with the NAV result",
            code="nav.pdf-failed",
            details={"diagnostic": exc.diagnostic},
        ) from exc


@cache
def _own_fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)
