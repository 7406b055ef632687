"""Validation as a pack of its own."""

from tenuto.core.pack import Pack

_AREAS = ("schema", "quality", "rules", "limits")

pack = Pack(
    name="validate",
    summary="Hold tables against schemas, quality checks, business rules, and limits.",
    catalog=tuple(f"tenuto.catalog.library.validate.{area}" for area in _AREAS),
    activities=tuple(f"tenuto.activities.validate.{area}" for area in _AREAS),
    passthrough=(
        "tenuto.catalog.library.validate.verdict",
        "tenuto.catalog.library.validate.ucits",
    ),
    extra="validate",
    needs=("holidays", "polars"),
)
