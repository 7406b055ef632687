"""One task of a list as a step of its flow: where it says to go on, and whether it waits."""

from dataclasses import dataclass

from pydantic import JsonValue

from tenuto.definitions.check.parts import part
from tenuto.definitions.check.structure.lists import TaskList, function_bodies, task_lists
from tenuto.definitions.loaded import escaped

AWAY = ("exit", "end")
"""Directives that leave the list."""

_WAITING = frozenset({"call", "emit", "listen", "run", "wait"})
"""Kinds of task that take an event of the engine, so that a loop through one does not spin."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One task."""

    name: str
    pointer: str
    body: dict[str, JsonValue]
    follower: str | None
    """Name of the next task of the list."""

    @property
    def places(self) -> list[tuple[str, JsonValue]]:
        """Every place of the task that says where to go on, with what it says."""
        found = [(f"{self.pointer}/then", self.body.get("then"))]
        found.append((f"{self.pointer}/catch/then", part(self.body, "catch", "then")))
        found += [(f"{at}/then", case.get("then")) for at, case in self.cases()]
        return [(pointer, then) for pointer, then in found if then is not None]

    def ways_out(self) -> set[str | None]:
        """Names of the tasks that may come next; None stands for the end of the list."""
        ways: set[str | None] = set()
        if "if" in self.body:
            ways.add(self.follower)
        if "switch" in self.body:
            ways |= {self._resolved(case.get("then")) for _, case in self.cases()}
            if all("when" in case for _, case in self.cases()):
                ways.add(self._resolved(self.body.get("then")))
        elif "raise" not in self.body:
            ways.add(self._resolved(self.body.get("then")))
        catch_then = part(self.body, "catch", "then")
        if catch_then is not None:
            ways.add(self._resolved(catch_then))
        return ways

    def _resolved(self, then: JsonValue) -> str | None:
        if then in AWAY:
            return None
        return then if isinstance(then, str) and then != "continue" else self.follower

    def waits(self) -> bool:
        """Whether the task, or one inside it, lets the engine do something."""
        return not _WAITING.isdisjoint(self.body) or any(
            not _WAITING.isdisjoint(body)
            for tasks in task_lists({"do": [{self.name: self.body}]})
            for _, _, body in tasks.tasks()
        )

    def cases(self) -> list[tuple[str, dict[str, JsonValue]]]:
        """Pointer and body of every case of a `switch`."""
        switch = self.body.get("switch")
        return [
            (f"{self.pointer}/switch/{index}/{escaped(name)}", case)
            for index, item in enumerate(switch if isinstance(switch, list) else [])
            if isinstance(item, dict)
            for name, case in item.items()
            if isinstance(case, dict)
        ]


def steps_of(tasks: TaskList) -> list[Step]:
    """The steps of a list, in order."""
    found = list(tasks.tasks())
    followers = [name for _, name, _ in found[1:]]
    return [
        Step(
            name=name,
            pointer=f"{tasks.pointer}/{index}/{escaped(name)}",
            body=body,
            follower=follower,
        )
        for (index, name, body), follower in zip(found, [*followers, None], strict=False)
    ]


def functions(definition: JsonValue) -> list[Step]:
    """Every function of the document, as a step that stands alone."""
    return [
        Step(name=name, pointer=f"/use/functions/{escaped(name)}", body=body, follower=None)
        for name, body in function_bodies(definition).items()
        if isinstance(body, dict)
    ]
