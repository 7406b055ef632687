"""The specification's own examples, and one plan to the letter."""

import pytest

from compiled_plans import CATALOG, plan_of, value_of
from specification_examples import conformance
from tenuto.core.canonical import canonical_json
from tenuto.core.errors import UsageError
from tenuto.definitions.compiling import compile_plan
from tenuto.definitions.plan import (
    CallOptions,
    CallTask,
    Case,
    Head,
    Plan,
    ServerRetry,
    SwitchTask,
    WaitTask,
)

OUTSIDE = {
    "definition.not-in-profile",
    "definition.unknown-function",  # asyncapi, grpc, mcp, and functions at a URL
}
EXAMPLES = conformance() / "examples"
REFUSED = frozenset({"run-container", "run-return", "run-script", "run-shell", "call-asyncapi"})
REFUSED_FILES = frozenset(
    {
        "call-custom-function-cataloged.yaml",
        "call-grpc.yaml",
        "call-mcp.yaml",
        "listen-to-any-forever-foreach.yaml",
        "listen-to-any-until-condition.yaml",
        "listen-to-any-until-consumed.yaml",
    }
)


def is_refused(name: str) -> bool:
    return name in REFUSED_FILES or name.startswith(tuple(REFUSED))


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the specification's examples are not here")
def test_every_example_inside_the_profile_compiles() -> None:
    files = sorted(EXAMPLES.glob("*.yaml"))
    assert files
    for file in files:
        value = value_of(file.read_text())
        if is_refused(file.name):
            with pytest.raises(UsageError) as refused:
                compile_plan(value, CATALOG)
            assert refused.value.code in OUTSIDE, file.name
        else:
            plan = compile_plan(value, CATALOG)
            assert Plan.model_validate_json(canonical_json(plan)) == plan, file.name


GOLDEN = Plan(
    head=Head(dsl="1.0.3", namespace="test", name="sample", version="1.0.0"),
    do=(
        CallTask(
            name="fetch",
            at="/do/0/fetch",
            export_as="${ $context + {close: .} }",
            function="prices.fetch_close",
            activity="prices.fetch_close",
            arguments={"day": "${ .day }", "fund": "DEMO"},
            options=CallOptions(
                queue="prices",
                start_to_close_s=180,
                schedule_to_close_s=3600,
                heartbeat_s=10,
                retry=ServerRetry(
                    initial_s=2, backoff=2, maximum_s=20, attempts=7, non_retryable=("NoSuchFund",)
                ),
            ),
        ),
        SwitchTask(
            name="isEmpty",
            at="/do/1/isEmpty",
            cases=(
                Case(name="empty", when='.value == ""', then="end"),
                Case(name="else", then="continue"),
            ),
        ),
        WaitTask(name="rest", at="/do/2/rest", if_=".x", then="exit", duration={"seconds": 1}),
    ),
)


def test_a_plan_is_what_it_was() -> None:
    plan = plan_of(
        {
            "fetch": {
                "call": "prices.fetch_close",
                "with": {"fund": "DEMO", "day": "${ .day }"},
                "export": {"as": "$context + {close: .}"},
            }
        },
        {
            "isEmpty": {
                "switch": [
                    {"empty": {"when": '.value == ""', "then": "end"}},
                    {"else": {"then": "continue"}},
                ]
            }
        },
        {"rest": {"if": ".x", "wait": {"seconds": 1}, "then": "exit"}},
    )
    assert plan == GOLDEN
