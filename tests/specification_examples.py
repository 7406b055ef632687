"""The specification's own examples, where they are here, and which of them are supported."""

from pathlib import Path

from conformance.kit import conformance_folder


def conformance() -> Path:
    """Where the specification's own examples and schema lie; a path to nothing without them."""
    return conformance_folder() or Path("nowhere")


OUTSIDE_THE_PROFILE = {
    "call-asyncapi-publish": {"E152"},
    "call-asyncapi-subscribe-consume-amount": {"E152"},
    "call-asyncapi-subscribe-consume-forever-foreach": {"E152"},
    "call-asyncapi-subscribe-consume-until": {"E152"},
    "call-asyncapi-subscribe-consume-while": {"E152"},
    "call-custom-function-cataloged": {"E203"},
    "call-grpc": {"E152"},
    "call-mcp": {"E152"},
    "listen-to-any-forever-foreach": {"E153"},
    "listen-to-any-until-condition": {"E153"},
    "listen-to-any-until-consumed": {"E153"},
    "run-container": {"E151"},
    "run-container-cleanup-always": {"E151"},
    "run-container-cleanup-eventually": {"E151"},
    "run-container-stdin-and-arguments": {"E151"},
    "run-container-with-name": {"E151"},
    "run-container-with-pull-policy": {"E151"},
    "run-return-all": {"E151"},
    "run-return-code": {"E151"},
    "run-return-none": {"E151"},
    "run-return-stderr": {"E151"},
    "run-script-with-stdin-and-arguments": {"E151"},
    "run-shell-stdin-and-arguments": {"E151"},
    "schedule-event-driven": {"E154"},
    "set": {"E154"},
    "set-expression": {"E154"},
}
"""What this release refuses, by the code that says so."""

EXAMPLES = sorted((conformance() / "examples").glob("*.yaml"))
SUPPORTED = [path for path in EXAMPLES if path.stem not in OUTSIDE_THE_PROFILE]
