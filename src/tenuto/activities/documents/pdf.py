"""Setting a PDF: the same content gives the same bytes, on any machine."""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import typst

from tenuto.core.errors import DataError

TEMPLATES = Path(__file__).parents[2]
"""Templates import each other from here: `/activities/documents/template/style.typ`."""

_STANDARDS = ("a-2a", "ua-1")
"""For archives (PDF/A-2a) and for screen readers (PDF/UA-1)."""


def render_pdf(
    template: str,
    content: Mapping[str, Any],
    *,
    dated: date,
) -> bytes:
    """`template` (a path below `TEMPLATES`), filled with `content`, as PDF.

    Its only date is `dated`, so no clock is read; only typst's own fonts are used, whatever the
    machine has. Raises DataError `report.pdf-failed`.
    """
    standards = list(_STANDARDS)
    pdf: bytes = _compiled(template, content, dated, format="pdf", pdf_standards=standards)
    return pdf


def render_pages(
    template: str,
    content: Mapping[str, Any],
    *,
    dated: date,
    ppi: float = 110,
) -> list[bytes]:
    """The same pages as PNG images."""
    pages: bytes | list[bytes] = _compiled(template, content, dated, format="png", ppi=ppi)
    return pages if isinstance(pages, list) else [pages]


def _compiled(
    template: str,
    content: Mapping[str, Any],
    dated: date,
    **options: Any,
) -> Any:
    try:
        return typst.compile(
            TEMPLATES / template,
            root=TEMPLATES,
            font_paths=_own_fonts(),
            ignore_system_fonts=True,
            sys_inputs={
                "content": json.dumps(content),
                "dated": dated.isoformat(),
            },
            **options,
        )
    except typst.TypstError as exc:
        raise DataError(
            f"the report cannot be set as PDF: {exc.message}; the result itself is unharmed, "
            "report this with the result",
            code="report.pdf-failed",
            details={"diagnostic": exc.diagnostic},
        ) from exc


@cache
def _own_fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)
