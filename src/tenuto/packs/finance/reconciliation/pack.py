"""Reconciliation as a pack."""

from tenuto.core.pack import Pack

_REC = "tenuto.packs.finance.reconciliation"

pack = Pack(
    name="reconciliation",
    summary="Reconciliation: match two or three records of the same things, and keep what differs"
    " alive until somebody closes it.",
    catalog=(f"{_REC}.catalog",),
    workflows=(f"{_REC}.workflow:Reconciliation", f"{_REC}.desk:BreakDesk"),
    activities=tuple(
        f"{_REC}.activities.{step}"
        for step in (
            "collect",
            "match",
            "classify",
            "prove",
            "report",
            "render_report",
            "publish",
            "ask_desk",
            "tell_desk",
            "archive_cases",
            "send_notice",
            "compare_rules",
        )
    ),
    passthrough=(
        "tenuto.packs.finance.models",
        f"{_REC}.kinds",
        f"{_REC}.side_rules",
        f"{_REC}.rules",
        f"{_REC}.models",
        f"{_REC}.cases",
        f"{_REC}.handoffs",
        f"{_REC}.case_changes",
        f"{_REC}.refusals",
        f"{_REC}.closing",
        f"{_REC}.book",
        f"{_REC}.listing",
        f"{_REC}.catalog",
    ),
    commands=(
        (
            "breaks",
            f"{_REC}.commands:breaks",
            "Work the open breaks of a reconciliation.",
        ),
    ),
    extra="finance",
    needs=("duckdb", "holidays", "polars", "rapidfuzz", "typst", "xlsxwriter"),
)
