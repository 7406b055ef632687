"""Any definition ends, and taking it up again after any step changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from tenuto.core.problem import Fault
from tenuto.definitions.plan import Plan
from tenuto.workflows.interpreter.guards import BREATH
from tenuto.workflows.interpreter.machine import Machine
from tenuto.workflows.interpreter.rehearsal import Answers, RehearsalCut, RehearsalHost
from tenuto.workflows.interpreter.state import State
from tenuto.workflows.interpreter.virtual_time import run_in_virtual_time

MOST = 300
"""Steps in one go, calls and waits in all, machines."""
HEAD = {"dsl": "1.0.3", "namespace": "t", "name": "n", "version": "1.0.0"}
NAMES = ["a", "b", "c"]
VALUES = st.sampled_from(
    [
        "${ . }",
        "${ {n: ((.n? // 0) + 1)} }",
        "${ {n: ($context.n? // 0), i: $input.n?} }",
        {"n": "${ .n? }", "task": "${ $task.startedAt.epoch.seconds }"},
        {"n": 1},
        "${ .n.x }",
    ]
)
CONDITIONS = st.sampled_from(["true", "true", ".n? == 1", "($context.n? // 0) < 3", ".n.x"])
TIMES = st.sampled_from(["PT0S", "PT1S", "PT5S", {"seconds": 2}])
COMMON: dict[str, Any] = {
    "if_": CONDITIONS,
    "input_from": st.sampled_from(["${ {n: .n?} }", "${ . }"]),
    "output_as": st.sampled_from(["${ . }", "${ {n: $input.n?, o: .n?} }", "${ .[0]? }"]),
    "export_as": st.sampled_from(["${ . }", "${ {n: (($context.n? // 0) + 1)} }"]),
    "timeout": st.sampled_from(["PT1S", "PT3S", "PT10S"]),
}


class Interrupted(RehearsalHost):
    """Asks for a fresh history at the looks that `wanted` says."""

    def __init__(self, wanted: Callable[[int], bool]) -> None:
        answers = Answers(outputs={name: {"n": 1} for name in NAMES})
        super().__init__(answers, most_happenings=MOST)
        self._wanted = wanted
        self._looks = 0
        self.is_cut = False

    async def sleep(self, delay: timedelta, *, summary: str) -> None:
        if delay == BREATH:  # when it comes depends on where the machine began
            self.is_cut = True
            raise RehearsalCut
        await super().sleep(delay, summary=summary)

    def wants_fresh_history(self) -> bool:
        self._looks += 1
        return self._wanted(self._looks)


def tasks(depth: int, at: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    """A list of up to three tasks."""

    def listed(names: list[str]) -> st.SearchStrategy[list[dict[str, Any]]]:
        return st.tuples(
            *(task(depth, f"{at}/{index}/{name}", name) for index, name in enumerate(names))
        ).map(list)

    return st.integers(1 if depth > 1 else 0, 3).flatmap(lambda count: listed(NAMES[:count]))


@st.composite
def task(draw: st.DrawFn, depth: int, at: str, name: str) -> dict[str, Any]:
    leaves = ["set", "set", "raise", "wait", "call", "call", "switch"]
    kind = draw(
        st.sampled_from(
            leaves + (["do", "do", "for", "for", "fork", "try", "try", "try"] if depth else [])
        )
    )
    then = draw(st.sampled_from(["continue"] * 6 + ["exit", "end", *NAMES]))
    few = draw(st.sets(st.sampled_from(sorted(COMMON)), max_size=2)) if draw(st.booleans()) else ()
    common = {field: draw(COMMON[field]) for field in sorted(few)}
    body = draw(_body(kind, depth - 1, at))
    return {"kind": kind, "name": name, "at": at, "then": then, **common, **body}


@st.composite
def _body(draw: st.DrawFn, kind: str, depth: int, at: str) -> dict[str, Any]:
    match kind:
        case "set":
            return {"value": draw(VALUES)}
        case "raise":
            status = draw(st.sampled_from([400, 500, "${ .n }"]))
            return {"error": {"type": "https://x.y/z", "status": status}}
        case "wait":
            return {"duration": draw(TIMES)}
        case "call":
            options = {"queue": "q"}
            return {"function": "f", "activity": "f", "arguments": draw(VALUES), "options": options}
        case "switch":
            cases = [
                {"name": "case", "when": draw(CONDITIONS), "then": draw(st.sampled_from(NAMES))},
                {"name": "default", "then": draw(st.sampled_from(["continue", "exit", "end"]))},
            ]
            return {"cases": cases}
        case "do":
            return {"do": draw(tasks(depth, f"{at}/do"))}
        case "for":
            items = draw(st.sampled_from([[], [1], [1, 2, 3], "${ [.n?, 2] }"]))
            looped = draw(st.one_of(st.none(), CONDITIONS))
            return {"in_": items, "while_": looped, "do": draw(tasks(depth, f"{at}/do"))}
        case "fork":
            branches = draw(tasks(depth, f"{at}/fork/branches"))
            return {"compete": draw(st.booleans()), "branches": branches}
        case _:
            return {"tasks": draw(tasks(depth, f"{at}/try")), "catch": draw(_catch(depth, at))}


@st.composite
def _catch(draw: st.DrawFn, depth: int, at: str) -> dict[str, Any]:
    retry = {
        "delay": draw(st.sampled_from([None, "PT1S"])),
        "backoff": draw(st.sampled_from(["constant", "linear", "exponential"])),
        "attempts": draw(st.integers(0, 2)),
        "attempt_duration": draw(st.sampled_from([None, "PT2S"])),
        "duration": draw(st.sampled_from([None, "PT2S"])),
    }
    return {
        "errors": draw(st.sampled_from([{}, {"status": 400}])),
        "when": draw(st.one_of(st.none(), CONDITIONS)),
        "retry": draw(st.sampled_from([None, retry])),
        "do": draw(tasks(min(depth, 1), f"{at}/catch/do")),
        "then": draw(st.sampled_from([None, "continue", "exit", "end", "a"])),
    }


PLANS = tasks(3, "/do").map(lambda do: Plan.model_validate({"head": HEAD, "do": do}))


class Play:
    """One run, on as many machines as it wants fresh histories."""

    def __init__(self, plan: Plan, wanted: Callable[[int], bool]) -> None:
        self._plan = plan
        self._host = Interrupted(wanted)
        self._machine: Machine
        self.machines = 0

    def seen(self) -> dict[str, JsonValue]:
        """All that can be seen of it: how it ended, its trace, what it called, its time."""
        ended = run_in_virtual_time(self._run(), when_idle=self._host.wake)
        return {
            "ended": "cut" if self._host.is_cut else ended,
            "context": self._machine.context,
            "trace": [entry.model_dump() for entry in self._machine.trace.entries()],
            "happened": [each.model_dump() for each in self._host.happened],
            "passed": str(self._host.passed),
        }

    async def _run(self) -> JsonValue:
        try:
            return {"output": await self._to_the_end()}
        except Fault as fault:
            return {"error": fault.problem.as_json()}
        except RehearsalCut:
            return "cut"

    async def _to_the_end(self) -> JsonValue:
        state: State | None = None
        while True:
            self.machines += 1
            if self.machines > MOST:
                raise RehearsalCut
            self._machine = Machine(self._plan, {"n": 1}, self._host, state, most_steps=MOST)
            ended = await self._machine.run()
            if ended is not None:
                return ended.data
            state = State.model_validate_json(self._machine.state().model_dump_json())


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(plan=PLANS, every=st.integers(1, 5), first=st.integers(0, 20))
def test_a_run_taken_up_again_after_any_step_goes_as_if_it_had_never_stopped(
    plan: Plan, every: int, first: int
) -> None:
    whole = Play(plan, lambda look: False)
    expected = whole.seen()
    ended = expected["ended"]
    event(f"ended: {next(iter(ended)) if isinstance(ended, dict) else ended}")
    if ended == "cut":
        return
    for wanted in (lambda look: True, lambda look: look > first and look % every == 0):
        interrupted = Play(plan, wanted)
        seen = interrupted.seen()
        if seen["ended"] != "cut":  # a machine of its own has steps of its own
            assert seen == expected
        event(f"machines: {min(interrupted.machines, 10)}")
