"""Many tasks at a time: one result each, in order, and none twice."""

from tenuto.catalog.library.tasks.outcome import Standing
from tenuto.core.errors import DataError, NotFoundError
from tenuto.triggers.tasks.bulk import AT_ONCE, to_each
from tenuto.triggers.tasks.bulk import Result as TaskResult

STANDING = Standing(state="approved", assignee=None, approvals_missing=0)


class Counting:
    """Counts what was done to each task, and how many at a time."""

    def __init__(self) -> None:
        self.acted: list[str] = []
        self.at_once = self.most_at_once = 0

    async def resolve(self, name: str) -> str:
        if name == "nothing":
            raise NotFoundError("There is none.", code="task.not-found")
        return name.removeprefix("short-")

    async def act(self, task_id: str) -> Standing:
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        self.acted.append(task_id)
        try:
            if task_id == "refuses":
                raise DataError("It refuses.", code="task.seen-other", details={"seen": "x"})
            return STANDING
        finally:
            self.at_once -= 1


async def test_one_result_for_each_in_their_order() -> None:
    people, told = Counting(), list[TaskResult]()
    results = await to_each(
        ["b", "nothing", "refuses", "a"], people.resolve, people.act, told.append
    )
    assert [each.task_id for each in results] == ["b", "nothing", "refuses", "a"]
    codes = [each.error.code if each.error else None for each in results]
    assert codes == [None, "task.not-found", "task.seen-other", None]
    assert sorted(each.task_id for each in told) == ["a", "b", "nothing", "refuses"]
    assert results[2].error is not None
    assert results[2].error.details == {"seen": "x"}


async def test_inv_12_a_task_named_twice_is_acted_on_once() -> None:
    people = Counting()
    results = await to_each(["a", "short-a", "a", "b"], people.resolve, people.act)
    assert people.acted == ["a", "b"]
    assert [each.task_id for each in results] == ["a", "b"]


async def test_only_so_many_at_a_time() -> None:
    people = Counting()
    await to_each([str(n) for n in range(5 * AT_ONCE)], people.resolve, people.act)
    assert len(people.acted) == 5 * AT_ONCE
    assert people.most_at_once <= AT_ONCE
