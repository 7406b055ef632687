"""What the sample pack offers."""

from tenuto.core.pack import Pack

pack = Pack(
    name="sample",
    summary="What the tests run.",
    catalog=("sample.catalog",),
    workflows=tuple(
        f"sample.workflows:{name}"
        for name in (
            "FiveSteps",
            "Flaky",
            "Slow",
            "Count",
            "Big",
            "Approval",
            "Prepared",
            "Parent",
            "Many",
            "Raising",
            "Listing",
            "Tidy",
            "Adding",
        )
    ),
    activities=("sample.activities",),
    passthrough=("sample.models",),
)
