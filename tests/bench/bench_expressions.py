"""What guarding costs: `evaluate` against the bare engine, and against the C binding of jq.

    .venv/bin/python tests/bench/bench_expressions.py

Every engine has compiled the expression before and evaluates it over the same data, given as
Python objects; the C binding has to convert them. Rounds of the engines alternate in one process,
garbage collection is on, and each figure is the median of the rounds.
"""

import platform
import time
from collections.abc import Callable
from statistics import median

import jq  # type: ignore[import-not-found, unused-ignore]
import purejq
from pydantic import JsonValue

from tenuto.definitions.expressions import ENGINE, evaluate

ROUNDS = 15
ROUND_S = 0.02


def rows(count: int) -> JsonValue:
    """Positions of a fund, about 110 bytes each as JSON."""
    return {
        "fund": {"name": "Atlas", "currency": "EUR"},
        "positions": [
            {"isin": f"US{i:010}", "quantity": i % 90, "price": f"{i % 700}.25", "currency": "EUR",
             "account": f"A{i % 50}"}
            for i in range(count)
        ],
    }  # fmt: skip


SMALL, MIDDLE, LARGE = rows(2), rows(90), rows(9_500)

CASES: list[tuple[str, str, JsonValue]] = [
    ("field, 0.3 KB", ".fund.name", SMALL),
    ("field, 10 KB", ".fund.name", MIDDLE),
    ("field, 1 MB", ".fund.name", LARGE),
    ("condition", '.fund.currency == "EUR" and (.positions | length) > 1', SMALL),
    ("interpolation", '"NAV of \\(.fund.name) in \\(.fund.currency)"', SMALL),
    ("object", "{name: .fund.name, first: .positions[0].isin}", SMALL),
    ("map, select; 90 rows", "[.positions[] | select(.quantity > 45) | .isin]", MIDDLE),
    ("map, add; 90 rows", ".positions | map(.quantity * 2) | add", MIDDLE),
    ("group_by; 90 rows", ".positions | group_by(.account) | map(length)", MIDDLE),
    ("map, select; 9,500 rows", "[.positions[] | select(.quantity > 45) | .isin]", LARGE),
    ("all of it, 1 MB", ".", LARGE),
    ("all of it rebuilt, 1 MB", ".fund.name = 1", LARGE),
]


def seconds(call: Callable[[], object]) -> float:
    """Seconds of one call, the mean over a round."""
    calls = 1
    while True:
        start = time.perf_counter()
        for _ in range(calls):
            call()
        taken = time.perf_counter() - start
        if taken >= ROUND_S:
            return taken / calls
        calls = max(calls + 1, int(calls * ROUND_S / max(taken, 1e-6) * 1.1))


def measure(text: str, data: JsonValue) -> tuple[float, float, float]:
    """Median seconds of `evaluate`, of the bare engine, and of the C binding."""
    bare = purejq.Program(text)  # type: ignore[no-untyped-call]
    binding = jq.compile(text)
    calls: list[Callable[[], object]] = [
        lambda: evaluate(text, data, {}),
        lambda: bare.first(data),  # type: ignore[no-untyped-call]
        lambda: binding.input_value(data).first(),
    ]
    results = [call() for call in calls]
    if results[0] != results[1] or results[0] != results[2]:
        raise AssertionError(f"the engines differ on `{text}`")
    times = [[seconds(call) for call in calls] for _ in range(ROUNDS)]
    ours, engine, other = (median(column) for column in zip(*times, strict=True))
    return ours, engine, other


def main() -> None:
    """Prints the table."""
    print(f"{ENGINE}, Python {platform.python_version()}, {platform.machine()}")
    print(f"{'':24} {'evaluate':>12} {'/ engine':>10} {'C jq / evaluate':>16}")
    for name, text, data in CASES:
        ours, engine, other = measure(text, data)
        print(f"{name:24} {ours * 1e6:9.1f} us {ours / engine:10.2f} {other / ours:16.2f}")


if __name__ == "__main__":
    main()
