"""Daily NAV as a pack."""

from tenuto.core.pack import Pack

_NAV = "tenuto.packs.finance.nav"

pack = Pack(
    name="nav",
    summary="Daily NAV: strike, check, release, and distribute a fund's net asset value.",
    catalog=(f"{_NAV}.catalog",),
    workflows=(f"{_NAV}.workflow:DailyNav",),
    activities=tuple(
        f"{_NAV}.activities.{step}"
        for step in (
            "choose_versions",
            "collect_inputs",
            "validate_inputs",
            "value_positions",
            "value_balances",
            "accrue_fees",
            "allocate_classes",
            "explain_movement",
            "measure_performance",
            "check_tolerances",
            "weigh_breaks",
            "weigh_overrides",
            "prove",
            "stage",
            "compare",
            "finalise",
            "render",
            "publish",
            "deliver",
        )
    ),
    passthrough=(
        "tenuto.packs.finance.models",
        "tenuto.packs.finance.sign_off",
        "tenuto.packs.finance.pricing.catalog",
        "tenuto.packs.finance.pricing.handoffs",
        "tenuto.packs.finance.pricing.models",
        "tenuto.packs.finance.pricing.policy",
        "tenuto.packs.finance.reconciliation.cases",
        "tenuto.packs.finance.reconciliation.catalog",
        "tenuto.packs.finance.reconciliation.handoffs",
        "tenuto.packs.finance.reconciliation.kinds",
        "tenuto.packs.finance.reconciliation.models",
        "tenuto.packs.finance.reconciliation.side_rules",
        "tenuto.packs.finance.reconciliation.rules",
        f"{_NAV}.models",
        f"{_NAV}.parts",
        f"{_NAV}.handoffs",
        f"{_NAV}.release_handoffs",
        f"{_NAV}.messages",
        f"{_NAV}.catalog",
    ),
    commands=(("explain", f"{_NAV}.commands:explain", "Show where a digit of a NAV comes from."),),
    demos=(
        (
            "finance-day",
            "tenuto.packs.finance.demo.day.play:play",
            "Price, reconcile, and strike one day whose files have faults in them.",
        ),
    ),
    extra="finance",
    needs=("duckdb", "holidays", "polars", "typst", "xlsxwriter"),
)
