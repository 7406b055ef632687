"""What rules cost: CPU of one decision, of loading, and of plain Python that decides the same.

    python tests/bench/bench_policy.py [--json] [--rounds N]

The rules are those that `tenuto policy init` copies, over the whole catalog. A decision is all of
it: the question's hash, the slice of entities, the check against the schema, and the answer.
"Plain" is the same question by rules written as Python functions, which nothing validates;
"engine" is what of a decision is spent within the rule engine. Figures are process CPU time,
medians over the rounds.
"""

import argparse
import json
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import cedarpy

from tenuto.cli.policies.bundle import copy_bundle
from tenuto.cli.policies.rulebook import open_rulebook
from tenuto.identity.principal import Authentication, Principal
from tenuto.policy.cedar import load_policy
from tenuto.policy.decision import Question, Resource

CALLS = 200
FLOOR_S = 0.0005
"""CPU that one decision may take at most."""


def main() -> None:
    """Prints one line per figure, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder) / "policy", options.rounds)
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    if options.json:
        print(json.dumps({"machine": machine, "rounds": options.rounds, "figures": figures}))
        return
    print(f"{machine}, {options.rounds} rounds")
    for name, seconds in figures.items():
        shown = f"{seconds:.1f}" if "ratio" in name else f"{seconds * 1e6:,.0f} us"
        print(f"{name:24}{shown:>14}")


def measure(folder: Path, rounds: int) -> dict[str, float]:
    """Figure -> seconds of CPU, or a ratio."""
    copy_bundle(folder)
    book = open_rulebook(folder)
    policy, inputs = book.policy, book.grammar.inputs
    task, start = question_of_a_task(), question_of_a_start()
    for question in (task, start):
        decision = policy.decide(question)
        if not decision.allowed:
            raise SystemExit(f"expected a permit, but: {decision.sentence()}")
    asked = policy.world.asked(task)
    figures = {
        "load": _median(lambda: load_policy(folder, inputs), rounds, 1),
        "decide on a task": _median(lambda: policy.decide(task), rounds, CALLS),
        "decide on a NAV": _median(lambda: policy.decide(start), rounds, CALLS),
        "engine": _median(
            lambda: cedarpy.is_authorized(
                asked.request, policy.rule_set, asked.entities, policy.schema
            ),
            rounds,
            CALLS,
        ),
        "plain": _median(lambda: plainly(task), rounds, CALLS),
    }
    figures["ratio to plain"] = figures["decide on a task"] / figures["plain"]
    figures["ratio to the floor"] = figures["decide on a task"] / FLOOR_S
    return figures


def question_of_a_task() -> Question:
    """May a candidate decide? Four rules have a say."""
    return Question(
        principal=_principal("u:cara"),
        action="task:decide",
        resource=Resource(
            type="HumanTask",
            id="task/nav/1/sign-off",
            attributes={
                "kind": "nav.sign-off",
                "risk": 7,
                "amount": "99000000.00",
                "currency": "EUR",
                "requester": "u:rosa",
                "preparers": ["u:paul"],
                "watchers": [],
                "candidates": ["g:fund-ops"],
                "assignee": None,
                "decided_by": ["u:bert"],
            },
        ),
    )


def question_of_a_start() -> Question:
    """May fund operations strike this NAV? Rules read its input, and every text of it."""
    files = {name: {"uri": f"artifact://{'0' * 64}", "name": name} for name in ("fx", "cash")}
    return Question(
        principal=_principal("u:finn"),
        action="workflow:start",
        resource=Resource(type="WorkflowType", id="daily-nav", attributes={"tags": []}),
        context={
            "input": {
                "fund": {"fund_id": "ALPHA", "name": "Alpha", "base_currency": "EUR"},
                "date": "2026-03-31",
                "nav_type": "official",
                "sign_off": "required",
                "distribute": True,
                **files,
            }
        },
    )


def plainly(question: Question) -> bool:
    """What the rules say of a decision on a task, as a person would write it."""
    who, what = question.principal, question.resource.attributes
    words = {who.id, *who.groups}
    candidates, decided = what["candidates"], what["decided_by"]
    if not isinstance(candidates, list) or not isinstance(decided, list):
        return False
    is_candidate = bool(words & {str(each) for each in candidates})
    is_own = what["requester"] == who.id
    proof = who.authentication
    is_fresh = proof.mfa_age_s is not None and proof.mfa_age_s <= 900 and proof.via != "link"
    return is_candidate and not is_own and who.id not in decided and is_fresh


def _principal(name: str) -> Principal:
    proof = Authentication(method="oidc", mfa_age_s=60, via="console")
    return Principal(id=name, groups=("g:fund-ops", "g:readers"), authentication=proof)


def _median(call: Callable[[], object], rounds: int, calls: int) -> float:
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        for _ in range(calls):
            call()
        taken.append((time.process_time() - began) / calls)
    return median(taken)


if __name__ == "__main__":
    main()
