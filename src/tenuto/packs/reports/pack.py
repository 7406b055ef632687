"""Reports as a pack."""

from tenuto.core.pack import Pack

_REPORTS = "tenuto.packs.reports"

pack = Pack(
    name="reports",
    summary="Reports: a query, a template for each channel, and receipts of who got it.",
    catalog=(f"{_REPORTS}.catalog",),
    workflows=(f"{_REPORTS}.workflow:RunReportWorkflow",),
    activities=tuple(
        f"{_REPORTS}.activities.{step}"
        for step in ("open_report", "check_channel", "query", "render", "render_alert")
    ),
    passthrough=(f"{_REPORTS}.models", f"{_REPORTS}.handoffs", f"{_REPORTS}.catalog"),
    commands=(
        (
            "report",
            f"{_REPORTS}.commands:report",
            "Reports: list, check, preview, run, deliveries.",
        ),
    ),
    extra="reports",
    needs=("apprise", "babel", "duckdb", "jinja2", "mjml", "polars", "sqlalchemy", "typst"),
)
